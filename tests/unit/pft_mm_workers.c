/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers at once on one mm, on every lock design that allows it: each on a window of its own whose
 * VMAs merge with the neighbours', all on the same pages, and all faulting a fresh VMA. An argument
 * multiplies the work (tests/stress/mm.sh).
 */
#include "tests/unit/pft_mm_work.h"

#define ARENA (8UL << 20)
#define SLICE 200

static void windows_do_not_disturb(void **state)
{
	struct shared shared = {.mm = mm_small(*state, ARENA)};

	workers_run(WORKERS, work_in_window, &shared);
	mm_check(shared.mm);
	mm_free(shared.mm);
}

static void common_pages_stay_whole(void **state)
{
	struct shared shared = {.mm = mm_small(*state, ARENA)};

	assert_int_equal(mm_mmap_fixed(shared.mm, COMMON, PAGES(COMMON_PAGES), RW, 0), 0);
	workers_run(WORKERS, work_in_common, &shared);
	mm_check(shared.mm);
	mm_free(shared.mm);
}

/* Each in its slice, then all over everybody's. */
static void fault_all(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	unsigned long at = shared->at + PAGES(SLICE) * (slot - 1);
	struct ref ref = {.seed = slot};
	unsigned i;

	for (i = 0; i < SLICE; i++)
		ref_check(&ref, !mm_fault(shared->mm, at + PAGES(i), true));
	for (i = 0; i < SLICE * WORKERS; i++)
		ref_check(&ref, !mm_fault(shared->mm, shared->at + PAGES(i), true));
}

static void each_page_comes_once(void **state)
{
	struct shared shared = {.mm = mm_small(*state, ARENA)};
	struct mm_stats stats;
	unsigned i;

	for (i = 0; i < 8 * times; i++) {
		mm_stats(shared.mm, &stats);
		shared.at = mm_map(shared.mm, SLICE * WORKERS, RW);
		workers_run(WORKERS, fault_all, &shared);
		assert_int_equal(mm_stats_of(shared.mm).events[MM_FAULT_ANON] -
					 stats.events[MM_FAULT_ANON],
				 SLICE * WORKERS);
		assert_int_equal(mm_stats_of(shared.mm).rss, SLICE * WORKERS);
		mm_check(shared.mm);
		assert_int_equal(mm_munmap(shared.mm, shared.at, PAGES(SLICE * WORKERS)), 0);
	}
	mm_check(shared.mm);
	mm_free(shared.mm);
}

int main(int argc, char **argv)
{
	static const struct mm_test tests[] = {
		{"windows do not disturb each other", windows_do_not_disturb, true},
		{"common pages stay whole", common_pages_stay_whole, true},
		{"each page comes once", each_page_comes_once, true},
	};
	int rc;

	if (argc > 1)
		times = strtoul(argv[1], NULL, 10);
	rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));
	engine_exit();
	return rc;
}
