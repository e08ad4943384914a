/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An mm that needs more memory than it may have, on every lock design: what goes to swap comes back
 * as it was, to whom it belongs, and nothing is left behind. */
#include <errno.h>

#include "pft/mm/kswapd.h"
#include "pft/mm/mm_types.h"
#include "pft/zswap/swap.h"
#include "tests/unit/pft_mm_swap_fixture.h"

#define SET 384 /* pages in use */
#define MAX PAGES(128) /* pages that may be in memory */

static uint64_t event(struct mm *mm, enum mm_event which)
{
	return mm_stats_of(mm).events[which];
}

/* Write all pages, read them twice, change some, read again. */
static void set_is_kept(struct mm *mm)
{
	unsigned long at = mm_map(mm, SET, RW);
	unsigned i, round;

	for (i = 0; i < SET; i++)
		page_put(mm, at + PAGES(i), i);
	mm_check(mm);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < SET; i++)
			page_expect(mm, at + PAGES(i), i);
		mm_check(mm);
	}
	for (i = 0; i < SET; i += 3)
		page_put(mm, at + PAGES(i), i + SET);
	for (i = SET; i--;)
		page_expect(mm, at + PAGES(i), i % 3 ? i : i + SET);
	mm_check(mm);
	assert_true(event(mm, MM_PGSTEAL) > 2 * (SET - MAX / PAGE_SIZE));
	assert_true(event(mm, MM_SWAP_IN) > 0);
	assert_int_equal(event(mm, MM_SWAP_IN_FAIL) + event(mm, MM_OOM), 0);
}

static void limit_is_kept_with_zswap(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.max = MAX});

	set_is_kept(mm);
	assert_true(memcg_stat(mm_memcg(mm), MEMCG_ZSWPOUT) > 0);
	assert_int_equal(mm_stats_of(mm).rss + mm_stats_of(mm).swapped, SET);
	mm_free(mm);
}

static void limit_is_kept_with_the_device(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.max = MAX, .disk_only = true});

	set_is_kept(mm);
	assert_int_equal(memcg_stat(mm_memcg(mm), MEMCG_ZSWPOUT), 0);
	assert_true(event(mm, MM_FAULT_MAJOR) > 0);
	assert_true((uint64_t)mm_memcg(mm)->memory.usage * PAGE_SIZE <= MAX);
	assert_true(mm_memcg(mm)->memory.watermark * PAGE_SIZE <= MAX);
	mm_free(mm);
}

/* No group has a limit: the zone's watermarks say when. */
static void arena_is_smaller_than_the_set(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.arena = 2UL << 20});
	unsigned long at = mm_map(mm, 768, RW);
	unsigned i;

	for (i = 0; i < 768; i++)
		page_put(mm, at + PAGES(i), i);
	for (i = 0; i < 768; i++)
		page_expect(mm, at + PAGES(i), i);
	mm_check(mm);
	assert_true(event(mm, MM_KSWAPD_WAKE) > 0);
	mm_free(mm);
}

/* Parent and child share what is in swap: each reads it, and what one writes is its own. */
static void forks_share_slots(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){0}), *child;
	unsigned long at = mm_map(mm, 64, RW);
	unsigned i;

	for (i = 0; i < 64; i++)
		page_put(mm, at + PAGES(i), i);
	assert_true(mm_reclaim(mm, NULL, 64) >= 32);
	assert_int_equal(mm_fork(mm, &child), 0);
	assert_int_equal(mm_stats_of(child).swapped, mm_stats_of(mm).swapped);
	mm_check(mm);
	for (i = 0; i < 64; i += 2)
		page_put(i % 4 ? mm : child, at + PAGES(i), 100 + i);
	mm_reclaim(mm, NULL, 64);
	mm_check(mm);
	for (i = 0; i < 64; i++) {
		page_expect(mm, at + PAGES(i), i % 4 == 2 ? 100 + i : i);
		page_expect(child, at + PAGES(i), i % 4 == 0 ? 100 + i : i);
	}
	mm_check(mm);
	mm_free(mm);
	for (i = 1; i < 64; i += 2)
		page_expect(child, at + PAGES(i), i);
	mm_check(child);
	mm_free(child);
}

/* What is unmapped or dropped while it is in swap is never read (B20), and its slots are free. */
static void dead_pages_are_not_loaded(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){0});
	unsigned long at = mm_map(mm, 64, RW);
	unsigned i;

	for (i = 0; i < 64; i++)
		page_put(mm, at + PAGES(i), i);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 64);
	assert_int_equal(mm_mprotect(mm, at, PAGES(16), MM_READ), 0);
	page_expect(mm, at, 0);
	assert_int_equal(mm_write(mm, at + 1, &i, 1), -EFAULT);
	assert_int_equal(event(mm, MM_SWAP_IN), 1);
	assert_int_equal(mm_madvise_dontneed(mm, at + PAGES(32), PAGES(32)), 0);
	assert_int_equal(mm_peek(mm, at + PAGES(40)), 0);
	mm_check(mm);
	assert_int_equal(mm_munmap(mm, at, PAGES(64)), 0);
	assert_int_equal(event(mm, MM_SWAP_IN), 1);
	assert_int_equal(memcg_stat(mm_memcg(mm), MEMCG_ZSWPIN), 1);
	assert_int_equal(mm_stats_of(mm).swapped, 0);
	assert_int_equal(swap_slots_used(&mm_swap_area(mm)->slots), 0);
	mm_check(mm);
	mm_free(mm);
}

/* kswapd compacts the compressed pool: pages come back of which most objects have gone. */
static void kswapd_compacts_the_pool(void **state)
{
	enum { NR = 512 };
	struct mm *mm = mm_swapping(*state, &(struct swap_case){0});
	unsigned long at = mm_map(mm, NR, RW);
	unsigned i;

	for (i = 0; i < NR; i++)
		page_put(mm, at + PAGES(i), i);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 64);
	for (i = 0; i < NR; i++)
		if (i % 8 != 1) /* those of 1 mod 4 are small */
			assert_int_equal(mm_madvise_dontneed(mm, at + PAGES(i), PAGES(1)), 0);
	kswapd_wake(mm->family, 0);
	kswapd_flush(mm->family, 0);
	assert_true(event(mm, MM_ZPOOL_COMPACTED) > 0);
	for (i = 1; i < NR; i += 8)
		page_expect(mm, at + PAGES(i), i);
	mm_check(mm);
	mm_free(mm);
}

/* A page that swap has a copy of, and nobody wrote to, is dropped and not written again. */
static void clean_pages_are_not_written(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.disk_only = true});
	unsigned long at = mm_map(mm, 64, RW);
	uint64_t written, freed;
	unsigned i;

	for (i = 0; i < 64; i++)
		page_put(mm, at + PAGES(i), i);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 64);
	written = event(mm, MM_SWAP_OUT);
	freed = event(mm, MM_PGSTEAL);
	for (i = 0; i < 64; i++)
		page_expect(mm, at + PAGES(i), i);
	page_put(mm, at, 99);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 64);
	assert_int_equal(event(mm, MM_SWAP_OUT), written + 1);
	assert_int_equal(event(mm, MM_PGSTEAL), freed + 64);
	page_expect(mm, at, 99);
	mm_check(mm);
	mm_free(mm);
}

/* Pages in use stay, those that are not go, whichever came first. */
static void used_pages_stay(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.max = MAX});
	unsigned long at = mm_map(mm, SET, RW);
	unsigned i, hot;
	uint64_t before;

	for (i = 0; i < SET; i++) {
		page_put(mm, at + PAGES(i), i);
		for (hot = 0; hot < 8 && hot < i; hot++)
			page_expect(mm, at + PAGES(hot), hot);
	}
	before = event(mm, MM_SWAP_IN);
	for (hot = 0; hot < 8; hot++)
		page_expect(mm, at + PAGES(hot), hot);
	assert_int_equal(event(mm, MM_SWAP_IN), before);
	assert_true(event(mm, MM_PGACTIVATE) >= 8);
	mm_check(mm);
	mm_free(mm);
}

/* A fault brings in its neighbours where that is asked for. */
static void neighbours_are_read_ahead(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.page_cluster = 3});
	unsigned long at = mm_map_middle(mm, 64, RW);
	unsigned i;

	for (i = 0; i < 64; i++)
		page_put(mm, at + PAGES(i), i);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 64);
	page_expect(mm, at + PAGES(10), 10);
	assert_int_equal(event(mm, MM_SWAP_RA), 7);
	mm_check(mm);
	for (i = 8; i < 16; i++)
		page_expect(mm, at + PAGES(i), i);
	assert_int_equal(event(mm, MM_SWAP_IN), 8);
	assert_int_equal(event(mm, MM_SWAP_CACHE_HIT), 7);
	for (i = 0; i < 64; i++)
		page_expect(mm, at + PAGES(i), i);
	mm_check(mm);
	mm_free(mm);
}

/* And no further than its VMA goes: what is beyond is another's affair. */
static void neighbours_end_with_the_vma(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.page_cluster = 4});
	unsigned long at = mm_map_middle(mm, 64, RW);
	unsigned i;

	for (i = 0; i < 64; i++)
		page_put(mm, at + PAGES(i), i);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 64);
	assert_int_equal(mm_mprotect(mm, at + PAGES(18), PAGES(7), MM_READ), 0);
	page_expect(mm, at + PAGES(20), 20);
	assert_int_equal(event(mm, MM_SWAP_RA), 6);
	page_expect(mm, at + PAGES(17), 17);
	assert_int_equal(event(mm, MM_SWAP_RA), 7);
	assert_int_equal(mm_munmap(mm, at + PAGES(36), PAGES(4)), 0);
	page_expect(mm, at + PAGES(40), 40);
	assert_int_equal(event(mm, MM_SWAP_RA), 14);
	mm_check(mm);
	for (i = 0; i < 64; i++)
		if (i < 36 || i >= 40)
			page_expect(mm, at + PAGES(i), i);
	mm_check(mm);
	mm_free(mm);
}

/* With more than half of the slots in use a page that becomes active gives up its own, and one that is read
 * does at once. */
static void slots_are_given_up_early(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.swap = PAGES(128)});
	struct swap_slots *slots = &mm_swap_area(mm)->slots;
	struct mm *other, *child;
	unsigned long at = mm_map(mm, 1, RW), from;
	struct memcg *group;
	unsigned i;

	/* While there are slots enough it stays in the swap cache. */
	page_put(mm, at, 1000);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, mm_memcg(mm), 1);
	page_expect(mm, at, 1000);
	assert_int_equal(swap_slots_used(slots), 1);
	assert_int_equal(memcg_new(&group, mm_memcg_tree(mm)->root), 0);
	assert_int_equal(mm_new_beside(mm, group, &other), 0);
	from = mm_map(other, 80, RW);
	for (i = 0; i < 80; i++)
		page_put(other, from + PAGES(i), i);
	while (mm_stats_of(other).rss)
		mm_reclaim(other, group, 80);
	assert_int_equal(swap_slots_used(slots), 81);
	/* Two that have used it make it active. */
	assert_int_equal(mm_fork(mm, &child), 0);
	page_expect(mm, at, 1000);
	page_expect(child, at, 1000);
	assert_int_equal(mm_reclaim(mm, mm_memcg(mm), 1), 0);
	assert_int_equal(mm_stats_of(mm).rss, 1);
	assert_int_equal(swap_slots_used(slots), 80);
	page_expect(other, from + PAGES(40), 40);
	assert_int_equal(swap_slots_used(slots), 79);
	mm_check(mm);
	mm_free(child);
	mm_free(other);
	assert_int_equal(memcg_offline(group), 0);
	mm_free(mm);
}

/* Of two groups one is at its limit: the other's pages are not even looked at. */
static void siblings_are_left_alone(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){0}), *mms[2];
	struct memcg *groups[2];
	unsigned long at[2];
	unsigned i, g;

	for (g = 0; g < 2; g++) {
		assert_int_equal(memcg_new(&groups[g], mm_memcg_tree(mm)->root), 0);
		assert_int_equal(mm_new_beside(mm, groups[g], &mms[g]), 0);
		at[g] = mm_map(mms[g], 256, RW);
	}
	memcg_set_max(groups[0], PAGES(96));
	for (i = 0; i < 256; i++)
		for (g = 0; g < 2; g++)
			if (!g || i < 128)
				page_put(mms[g], at[g] + PAGES(i), 1000 * g + i);
	mm_check(mm);
	for (i = 0; i < 256; i++)
		page_expect(mms[0], at[0] + PAGES(i), i);
	assert_true(memcg_stat(groups[0], MEMCG_PGSTEAL_DIRECT) > 0);
	assert_int_equal(memcg_stat(groups[1], MEMCG_PGSCAN_DIRECT), 0);
	assert_int_equal(memcg_stat(groups[1], MEMCG_PGSCAN_KSWAPD), 0);
	assert_int_equal(mm_stats_of(mms[1]).rss, 128);
	mm_check(mm);
	for (g = 0; g < 2; g++) {
		mm_free(mms[g]);
		assert_int_equal(memcg_offline(groups[g]), 0);
	}
	mm_check(mm);
	mm_free(mm);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"a group's limit is kept with zswap", limit_is_kept_with_zswap, false},
		{"a group's limit is kept with the device", limit_is_kept_with_the_device, false},
		{"an arena is smaller than the set", arena_is_smaller_than_the_set, false},
		{"forks share slots", forks_share_slots, false},
		{"dead pages are not loaded", dead_pages_are_not_loaded, false},
		{"kswapd compacts the pool", kswapd_compacts_the_pool, false},
		{"clean pages are not written", clean_pages_are_not_written, false},
		{"used pages stay", used_pages_stay, false},
		{"neighbours are read ahead", neighbours_are_read_ahead, false},
		{"neighbours end with the VMA", neighbours_end_with_the_vma, false},
		{"slots are given up early", slots_are_given_up_early, false},
		{"siblings are left alone", siblings_are_left_alone, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
