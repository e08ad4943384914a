/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of an mm one by one, with the contents of its pages, on every lock design. */
#include "tests/unit/pft_mm_fixture.h"

#define ARENA (8UL << 20)

static void maps_zeroed_pages(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map(mm, 8, RW);
	struct mm_stats stats;
	unsigned i;

	for (i = 0; i < 8; i++)
		assert_int_equal(mm_fault(mm, at + PAGES(i), true), 0);
	for (i = 0; i < PAGES(8); i += 512)
		assert_int_equal(mm_peek(mm, at + i), 0);
	for (i = 0; i < 8; i++)
		mm_put(mm, at + PAGES(i) + i, 100 + i);
	for (i = 0; i < 8; i++)
		assert_int_equal(mm_peek(mm, at + PAGES(i) + i), 100 + i);
	stats = mm_stats_of(mm);
	assert_int_equal(stats.rss, 8);
	assert_int_equal(stats.vmas, 1);
	assert_int_equal(stats.events[MM_FAULT_ANON], 8);
	assert_int_equal(stats.events[MM_ANON_VMA], 1);
	assert_int_equal(stats.frames, ARENA / PAGE_SIZE);
	assert_int_equal(stats.frames_free, stats.frames - 8);
	assert_int_equal(stats.memcg_pages, 64);
	mm_check(mm);
	mm_free(mm);
}

static void faults_outside_fail(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map(mm, 4, MM_READ);

	assert_int_equal(mm_fault(mm, 0, false), -EFAULT);
	assert_int_equal(mm_fault(mm, at - 1, false), -EFAULT);
	assert_int_equal(mm_fault(mm, at + PAGES(4), false), -EFAULT);
	assert_int_equal(mm_fault(mm, ~0UL, false), -EFAULT);
	assert_int_equal(mm_fault(mm, at, true), -EFAULT);
	assert_int_equal(mm_fault(mm, at, false), 0);
	assert_int_equal(mm_fault(mm, at, true), -EFAULT);
	assert_int_equal(mm_fault(mm, at, false), 0);
	assert_int_equal(mm_stats_of(mm).events[MM_FAULT_SPURIOUS], 1);
	assert_int_equal(mm_stats_of(mm).rss, 1);
	mm_check(mm);
	mm_free(mm);
}

static void bad_ranges_are_refused(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map_middle(mm, 4, RW), other;

	assert_int_equal(mm_mmap(mm, 0, RW, 0, &other), -EINVAL);
	assert_int_equal(mm_mmap(mm, 100, RW, 0, &other), -EINVAL);
	assert_int_equal(mm_mmap(mm, 1UL << 47, RW, 0, &other), -EINVAL);
	assert_int_equal(mm_mmap(mm, PAGE_SIZE, RW, MM_PREFER(1000), &other), -EINVAL);
	assert_int_equal(mm_munmap(mm, at + 1, PAGE_SIZE), -EINVAL);
	assert_int_equal(mm_munmap(mm, at, ~0UL & ~4095UL), -EINVAL);
	assert_int_equal(mm_mprotect(mm, at, 1, RW), -EINVAL);
	assert_int_equal(mm_madvise_dontneed(mm, at, 0), -EINVAL);
	assert_int_equal(mm_mprotect(mm, at - PAGE_SIZE, PAGES(2), RW), -ENOMEM);
	assert_int_equal(mm_madvise_dontneed(mm, at, PAGES(5)), -ENOMEM);
	assert_int_equal(mm_mmap(mm, (1UL << 47) - PAGES(64), RW, 0, &other), -ENOMEM);
	assert_int_equal(mm_stats_of(mm).vmas, 1);
	mm_check(mm);
	mm_free(mm);
}

static void neighbours_merge(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long a = mm_map(mm, 4, RW), b = mm_map(mm, 4, RW), c;

	assert_int_equal(b, a - PAGES(4));
	assert_int_equal(mm_stats_of(mm).vmas, 1);
	mm_put(mm, a, 1);
	mm_put(mm, b, 2);
	assert_int_equal(mm_stats_of(mm).events[MM_ANON_VMA], 1);
	c = mm_map(mm, 4, MM_READ);
	assert_int_equal(mm_stats_of(mm).vmas, 2);
	/* A hole filled: three become one. */
	assert_int_equal(mm_munmap(mm, a, PAGES(2)), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 3);
	assert_int_equal(mm_mmap_fixed(mm, a, PAGES(2), RW, 0), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 2);
	assert_int_equal(mm_peek(mm, a), 0);
	assert_int_equal(mm_peek(mm, b), 2);
	assert_int_equal(mm_fault(mm, c, true), -EFAULT);
	/* A VMA that asked for it stays alone. */
	assert_int_equal(mm_mmap(mm, PAGES(1), MM_READ, MM_NO_MERGE, &c), 0);
	assert_int_equal(mm_mmap(mm, PAGES(1), MM_READ, MM_NO_MERGE, &c), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 4);
	mm_check(mm);
	mm_free(mm);
}

static void munmap_splits(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map_middle(mm, 1024, RW);
	unsigned i;

	for (i = 0; i < 1024; i++)
		mm_put(mm, at + PAGES(i), i % 251);
	assert_int_equal(mm_munmap(mm, at + PAGES(100), PAGES(700)), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 2);
	assert_int_equal(mm_stats_of(mm).rss, 324);
	for (i = 0; i < 1024; i += 7) {
		if (i >= 100 && i < 800)
			assert_int_equal(mm_fault(mm, at + PAGES(i), false), -EFAULT);
		else
			assert_int_equal(mm_peek(mm, at + PAGES(i)), i % 251);
	}
	mm_check(mm);
	/* Nothing there is not an error. */
	assert_int_equal(mm_munmap(mm, at + PAGES(100), PAGES(700)), 0);
	assert_int_equal(mm_munmap(mm, at - PAGES(10), PAGES(2000)), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 0);
	assert_int_equal(mm_stats_of(mm).rss, 0);
	assert_int_equal(mm_stats_of(mm).table_bytes, 0);
	/* Pages that waited for the LRU as well. */
	assert_int_equal(mm_stats_of(mm).frames_free, ARENA / PAGE_SIZE);
	mm_check(mm);
	mm_free(mm);
}

static void mprotect_splits_and_merges(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map(mm, 9, RW);
	unsigned char byte;
	unsigned i;

	for (i = 0; i < 9; i++)
		mm_put(mm, at + PAGES(i), i);
	assert_int_equal(mm_mprotect(mm, at + PAGES(3), PAGES(3), MM_READ), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 3);
	assert_int_equal(mm_peek(mm, at + PAGES(4)), 4);
	byte = 1;
	assert_int_equal(mm_write(mm, at + PAGES(4), &byte, 1), -EFAULT);
	mm_check(mm);
	/* The middle joins the left. */
	assert_int_equal(mm_mprotect(mm, at, PAGES(3), MM_READ), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 2);
	/* A part joins the right, and another. */
	assert_int_equal(mm_mprotect(mm, at + PAGES(5), PAGES(1), RW), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 2);
	mm_put(mm, at + PAGES(5), 55);
	assert_int_equal(mm_stats_of(mm).events[MM_FAULT_REUSE], 1);
	assert_int_equal(mm_mprotect(mm, at + PAGES(5), PAGES(2), MM_READ), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 2);
	mm_check(mm);
	/* No access at all, and back. */
	assert_int_equal(mm_mprotect(mm, at, PAGES(9), 0), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 1);
	assert_int_equal(mm_read(mm, at, &byte, 1), -EFAULT);
	mm_check(mm);
	assert_int_equal(mm_mprotect(mm, at, PAGES(9), RW), 0);
	for (i = 0; i < 9; i++)
		assert_int_equal(mm_peek(mm, at + PAGES(i)), i == 5 ? 55 : i);
	assert_int_equal(mm_stats_of(mm).rss, 9);
	mm_check(mm);
	mm_free(mm);
}

static void dontneed_drops_pages(void **state)
{
	const struct lock_design *design = *state;
	struct mm *mm = mm_small(design, ARENA);
	unsigned long at = mm_map(mm, 1200, RW);
	unsigned i;

	for (i = 0; i < 1200; i++)
		mm_put(mm, at + PAGES(i), 7);
	assert_int_equal(mm_madvise_dontneed(mm, at + PAGES(10), PAGES(1000)), 0);
	assert_int_equal(mm_stats_of(mm).rss, 200);
	assert_int_equal(mm_stats_of(mm).vmas, 1);
	assert_int_equal(mm_stats_of(mm).events[MM_DONTNEED_VMA], design->vma->typesafe);
	for (i = 0; i < 1200; i += 9)
		assert_int_equal(mm_peek(mm, at + PAGES(i)), i < 10 || i >= 1010 ? 7 : 0);
	mm_check(mm);
	/* With a gap: what is mapped is dropped. */
	assert_int_equal(mm_munmap(mm, at + PAGES(2), PAGES(1)), 0);
	assert_int_equal(mm_madvise_dontneed(mm, at, PAGES(5)), -ENOMEM);
	assert_int_equal(mm_peek(mm, at), 0);
	assert_int_equal(mm_peek(mm, at + PAGES(4)), 0);
	assert_int_equal(mm_peek(mm, at + PAGES(6)), 7);
	mm_check(mm);
	mm_free(mm);
}

static void fork_copies_on_write(void **state)
{
	struct mm *mm = mm_small(*state, ARENA), *child, *grandchild;
	unsigned long at = mm_map(mm, 64, RW);
	unsigned i;

	for (i = 0; i < 64; i++)
		mm_put(mm, at + PAGES(i), i);
	assert_int_equal(mm_fork(mm, &child), 0);
	assert_int_equal(mm_stats_of(child).rss, 64);
	assert_int_equal(mm_stats_of(mm).frames_free, ARENA / PAGE_SIZE - 64);
	mm_check(mm);
	for (i = 0; i < 64; i++)
		assert_int_equal(mm_peek(child, at + PAGES(i)), i);
	mm_put(child, at + PAGES(3), 203);
	mm_put(mm, at + PAGES(4), 104);
	assert_int_equal(mm_peek(mm, at + PAGES(3)), 3);
	assert_int_equal(mm_peek(child, at + PAGES(3)), 203);
	assert_int_equal(mm_peek(mm, at + PAGES(4)), 104);
	assert_int_equal(mm_peek(child, at + PAGES(4)), 4);
	assert_int_equal(mm_stats_of(mm).events[MM_FAULT_COW], 2);
	/* The other one is alone with its page now. */
	mm_put(mm, at + PAGES(3), 33);
	assert_int_equal(mm_stats_of(mm).events[MM_FAULT_COW], 2);
	assert_int_equal(mm_stats_of(mm).events[MM_FAULT_REUSE], 1);
	assert_int_equal(mm_fork(child, &grandchild), 0);
	mm_check(mm);
	mm_free(mm);
	mm_check(child);
	mm_put(grandchild, at, 99);
	assert_int_equal(mm_peek(child, at), 0);
	assert_int_equal(mm_peek(child, at + PAGES(3)), 203);
	mm_free(child);
	for (i = 0; i < 64; i++)
		assert_int_equal(mm_peek(grandchild, at + PAGES(i)), i == 0   ? 99
								     : i == 3 ? 203
									      : i);
	mm_check(grandchild);
	mm_free(grandchild);
}

/* Pieces of a forked VMA do not take over another's pages. */
static void forked_vmas_merge_with_care(void **state)
{
	struct mm *mm = mm_small(*state, ARENA), *child;
	unsigned long at = mm_map(mm, 8, RW), below;

	mm_put(mm, at, 1);
	assert_int_equal(mm_fork(mm, &child), 0);
	below = mm_map(child, 8, RW);
	assert_int_equal(below, at - PAGES(8));
	assert_int_equal(mm_stats_of(child).vmas, 2);
	mm_put(child, below, 2);
	mm_put(child, at, 3);
	assert_int_equal(mm_peek(mm, at), 1);
	assert_int_equal(mm_mprotect(child, at, PAGES(4), MM_READ), 0);
	assert_int_equal(mm_mprotect(child, at, PAGES(4), RW), 0);
	assert_int_equal(mm_stats_of(child).vmas, 2);
	mm_check(mm);
	mm_free(child);
	mm_free(mm);
}

static void fixed_replaces(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map(mm, 8, RW);
	unsigned i;

	for (i = 0; i < 8; i++)
		mm_put(mm, at + PAGES(i), 9);
	assert_int_equal(mm_mmap_fixed(mm, at + PAGES(2), PAGES(4), MM_READ, 0), 0);
	assert_int_equal(mm_stats_of(mm).vmas, 3);
	assert_int_equal(mm_stats_of(mm).rss, 4);
	for (i = 0; i < 8; i++)
		assert_int_equal(mm_peek(mm, at + PAGES(i)), i < 2 || i > 5 ? 9 : 0);
	mm_check(mm);
	mm_free(mm);
}

/* No frame left, then some again. */
static void arena_runs_out(void **state)
{
	struct mm *mm = mm_small(*state, 2UL << 20);
	unsigned long at = mm_map(mm, 600, RW);
	unsigned i;

	for (i = 0; i < 512; i++)
		assert_int_equal(mm_fault(mm, at + PAGES(i), true), 0);
	assert_int_equal(mm_fault(mm, at + PAGES(512), true), -ENOMEM);
	mm_check(mm);
	assert_int_equal(mm_madvise_dontneed(mm, at, PAGES(100)), 0);
	assert_int_equal(mm_fault(mm, at + PAGES(512), true), 0);
	mm_check(mm);
	mm_free(mm);
}

static void memcg_limits(void **state)
{
	struct mm_options options = MM_OPTIONS_INIT;
	unsigned long at;
	struct mm *mm;
	unsigned i;

	options.design = *state;
	options.prefault = false;
	options.memcg_levels = 3;
	options.memcg_max = PAGES(100);
	assert_int_equal(mm_new(&mm, &options, NULL), 0);
	at = mm_map(mm, 200, RW);
	for (i = 0; i < 100; i++)
		assert_int_equal(mm_fault(mm, at + PAGES(i), true), 0);
	assert_int_equal(mm_fault(mm, at + PAGES(100), true), -ENOMEM);
	mm_check(mm);
	assert_int_equal(mm_stats_of(mm).memcg_pages, 100);
	assert_int_equal(mm_munmap(mm, at, PAGES(10)), 0);
	assert_int_equal(mm_fault(mm, at + PAGES(100), true), 0);
	mm_check(mm);
	mm_free(mm);
	options.memcg_levels = 100;
	assert_int_equal(mm_new(&mm, &options, NULL), -EINVAL);
}

/* The staged fault does the same, and tells of each stage. */
static void staged_faults(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	unsigned long at = mm_map(mm, 100, RW);
	struct fault_stages stages = {.last = 0};
	unsigned i;

	mm_put(mm, at, 1);
	for (i = 1; i < 100; i++)
		assert_int_equal(mm_fault_staged(mm, at + PAGES(i), true, &stages), 0);
	for (i = 0; i < NR_FAULT_STAGES; i++) {
		assert_int_equal(stages.count[i], 99);
		assert_non_null(fault_stage_names[i]);
	}
	assert_int_equal(mm_stats_of(mm).rss, 100);
	mm_check(mm);
	mm_free(mm);
}

/* Everybody's name for what they count. */
static void events_have_names(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < NR_MM_EVENTS; i++)
		assert_non_null(mm_event_names[i]);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"maps zeroed pages", maps_zeroed_pages, false},
		{"faults outside fail", faults_outside_fail, false},
		{"bad ranges are refused", bad_ranges_are_refused, false},
		{"neighbours merge", neighbours_merge, false},
		{"munmap splits", munmap_splits, false},
		{"mprotect splits and merges", mprotect_splits_and_merges, false},
		{"dontneed drops pages", dontneed_drops_pages, false},
		{"fork copies on write", fork_copies_on_write, false},
		{"forked VMAs merge with care", forked_vmas_merge_with_care, false},
		{"fixed replaces", fixed_replaces, false},
		{"the arena runs out", arena_runs_out, false},
		{"memcg limits", memcg_limits, false},
		{"staged faults", staged_faults, false},
		{"events have names", events_have_names, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
