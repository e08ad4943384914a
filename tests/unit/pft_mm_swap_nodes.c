/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two nodes with less memory than workers use between them, and no limit: kswapd of each node, and
 * workers below its min watermark, make room. On every lock design. */
#include "pft/base/node_memory.h"
#include "tests/unit/pft_mm_swap_fixture.h"
#include "tests/unit/pft_workers.h"

#define WORKERS 3
#define SET	400 /* pages of each worker; the arena has 1024 */

struct shared {
	struct mm *mm;
	unsigned long at;
};

/* Several times over the own pages, each time with new contents in some. */
static void use_set(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	unsigned long at = shared->at + PAGES(SET) * (slot - 1);
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)], wanted[PAGE_SIZE / sizeof(uint64_t)];
	unsigned round, i;

	for (round = 0; round < 4; round++) {
		for (i = 0; i < SET; i++) {
			unsigned changed =
				round - (round && (round + i) % 2); /* when it was last */

			page_fill(wanted, slot * 10000 + changed * 1000 + i);
			if (round == changed &&
			    mm_write(shared->mm, at + PAGES(i), wanted, PAGE_SIZE))
				abort();
			if (mm_read(shared->mm, at + PAGES(i), page, PAGE_SIZE) ||
			    memcmp(page, wanted, PAGE_SIZE))
				abort();
		}
	}
}

static void nodes_make_room(void **state)
{
	struct shared shared = {.mm = mm_swapping(*state, &(struct swap_case){.swap = 8UL << 20})};
	struct mm_stats stats;

	assert_int_equal(mm_mmap(shared.mm, PAGES(SET * WORKERS), RW, MM_INTERLEAVE, &shared.at),
			 0);
	workers_run(WORKERS, use_set, &shared);
	mm_check(shared.mm);
	stats = mm_stats_of(shared.mm);
	assert_int_equal(stats.rss + stats.swapped, SET * WORKERS);
	assert_true(stats.events[MM_KSWAPD_WAKE] > 0 && stats.events[MM_PGSTEAL] > 0);
	assert_int_equal(stats.events[MM_OOM], 0);
	mm_free(shared.mm);
	assert_int_equal(node_memory_nodes(), 2);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"nodes make room", nodes_make_room, true},
	};
	int rc;

	if (engine_init(2, NULL))
		return 1;
	rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));
	engine_exit();
	return rc;
}
