/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers at once on one mm, on every lock design that allows it: each on a window of its own whose
 * VMAs merge with the neighbours', all on the same pages, and all faulting a fresh VMA. An argument
 * multiplies the work (tests/stress/mm.sh).
 */
#include "tests/unit/pft_mm_ref.h"
#include "tests/unit/pft_workers.h"

#define WORKERS	     3
#define ARENA	     (8UL << 20)
#define COMMON	     (MM_MIDDLE + (1UL << 30))
#define COMMON_PAGES 96
#define SLICE	     200

static unsigned times = 1;

struct shared {
	struct mm *mm;
	unsigned long at;
};

/* Map, protect, drop, unmap and fork in a window that touches the others'. */
static void work_in_window(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	struct ref ref;
	unsigned i;

	ref_init(&ref, shared->mm, MM_MIDDLE + PAGES(REF_PAGES) * slot, slot);
	for (i = 0; i < 600 * times; i++) {
		ref_step(&ref);
		if (i % 50 == 10 * slot)
			ref_fork(&ref, 5);
	}
	ref_verify(&ref);
}

static void windows_do_not_disturb(void **state)
{
	struct shared shared = {.mm = mm_small(*state, ARENA)};

	workers_run(WORKERS, work_in_window, &shared);
	mm_check(shared.mm);
	mm_free(shared.mm);
}

/* What is written to a page that all use: nobody may ever read anything else but 0. */
static uint8_t tag(unsigned page)
{
	return page % 255 + 1;
}

static void store_and_load(struct ref *ref, unsigned page)
{
	unsigned long at = COMMON + PAGES(page) + 8 * arch_slot();
	uint8_t byte = tag(page);
	int rc = mm_write(ref->mm, at, &byte, 1);

	ref_check(ref, rc == 0 || rc == -EFAULT);
	byte = 0xee;
	rc = mm_read(ref->mm, at, &byte, 1);
	ref_check(ref, rc == 0 || rc == -EFAULT);
	ref_check(ref, rc || byte == 0 || byte == tag(page));
}

/* The child has a page as it was, whatever becomes of it here. */
static void fork_common(struct ref *ref, unsigned page)
{
	struct ref child = *ref;

	ref_check(ref, !mm_fork(ref->mm, &child.mm));
	store_and_load(&child, page);
	store_and_load(ref, page);
	mm_free(child.mm);
}

static void work_in_common(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	struct ref ref;
	unsigned i;
	int rc;

	ref_init(&ref, shared->mm, COMMON, 100 + slot);
	for (i = 0; i < 3000 * times; i++) {
		unsigned from = rng_below(&ref.rng, COMMON_PAGES);
		unsigned nr = 1 + rng_below(&ref.rng, COMMON_PAGES - from);
		unsigned long at = COMMON + PAGES(from);

		ref.step++;
		switch (rng_below(&ref.rng, 32)) {
		case 0:
		case 1:
			ref_check(&ref, !mm_mmap_fixed(shared->mm, at, PAGES(nr), RW, 0));
			break;
		case 2:
			ref_check(&ref, !mm_munmap(shared->mm, at, PAGES(nr)));
			break;
		case 3:
			rc = mm_mprotect(shared->mm, at, PAGES(nr), rng_below(&ref.rng, 4));
			ref_check(&ref, rc == 0 || rc == -ENOMEM);
			break;
		case 4:
			rc = mm_madvise_dontneed(shared->mm, at, PAGES(nr));
			ref_check(&ref, rc == 0 || rc == -ENOMEM);
			break;
		case 5:
			fork_common(&ref, from);
			break;
		default:
			store_and_load(&ref, from);
		}
	}
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
