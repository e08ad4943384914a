/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers at once on an mm that may have a third of its pages in memory: they map, unmap, fork and
 * fault, each of them reclaims, and one does so for no reason. An argument multiplies the work
 * (tests/stress/mm.sh).
 */
#include "tests/unit/pft_mm_swap_fixture.h"
#include "tests/unit/pft_mm_work.h"

/* Each worker may have 63 pages in its stock, which no other can drain. */
#define MAX PAGES(WORKERS * 64 + 192)

/* So that pages go out whether or not the one below is given time. */
static void reclaim_once(struct mm *mm)
{
	mm_reclaim(mm, NULL, 16);
}

static uint32_t running; /* workers that are at it */

/* memory.reclaim, again and again, as long as there is somebody to disturb. */
static void reclaim_some(struct shared *shared)
{
	unsigned i;

	for (i = 0; arch_load_acquire(&running); i++)
		mm_reclaim(shared->mm, i % 2 ? mm_memcg(shared->mm) : NULL, 1 + i % 64);
}

static void window_or_reclaim(unsigned slot, void *arg)
{
	if (slot > WORKERS) {
		reclaim_some(arg);
		return;
	}
	work_in_window(slot, arg);
	arch_xadd_release(&running, -1U);
}

static void common_or_reclaim(unsigned slot, void *arg)
{
	if (slot > WORKERS) {
		reclaim_some(arg);
		return;
	}
	work_in_common(slot, arg);
	arch_xadd_release(&running, -1U);
}

/* The test was about swap. */
static void end(struct mm *mm)
{
	struct mm_stats stats = mm_stats_of(mm);

	mm_check(mm);
	assert_true(stats.events[MM_SWAP_OUT] > 0);
	assert_int_equal(stats.events[MM_OOM] + stats.events[MM_SWAP_IN_FAIL], 0);
	mm_free(mm);
}

static void windows_do_not_disturb(void **state)
{
	struct shared shared = {
		.mm = mm_swapping(*state, &(struct swap_case){.max = MAX}),
		.every_64 = reclaim_once,
	};

	running = WORKERS;
	workers_run(WORKERS + 1, window_or_reclaim, &shared);
	end(shared.mm);
}

static void common_pages_stay_whole(void **state)
{
	struct shared shared = {
		.mm = mm_swapping(*state, &(struct swap_case){.max = MAX}),
		.every_64 = reclaim_once,
	};

	assert_int_equal(mm_mmap_fixed(shared.mm, COMMON, PAGES(COMMON_PAGES), RW, 0), 0);
	running = WORKERS;
	workers_run(WORKERS + 1, common_or_reclaim, &shared);
	end(shared.mm);
}

int main(int argc, char **argv)
{
	static const struct mm_test tests[] = {
		{"windows do not disturb each other", windows_do_not_disturb, true},
		{"common pages stay whole", common_pages_stay_whole, true},
	};
	int rc;

	if (argc > 1)
		times = strtoul(argv[1], NULL, 10);
	rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));
	engine_exit();
	return rc;
}
