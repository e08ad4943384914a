/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An mm that needs more memory than it may have, on every lock design: what goes to swap comes back
 * as it was, to whom it belongs, and nothing is left behind. */
#include <errno.h>

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

int main(void)
{
	static const struct mm_test tests[] = {
		{"a group's limit is kept with zswap", limit_is_kept_with_zswap, false},
		{"a group's limit is kept with the device", limit_is_kept_with_the_device, false},
		{"an arena is smaller than the set", arena_is_smaller_than_the_set, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
