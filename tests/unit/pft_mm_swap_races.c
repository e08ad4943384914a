/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fault meets a frame that somebody else has locked, on every lock design: arranged, as chance seldom
 * brings it about. */
#include "pft/base/frame_lock.h"
#include "pft/mm/mm_types.h"
#include "tests/unit/pft_mm_swap_fixture.h"
#include "tests/unit/pft_workers.h"

#define PATIENCE 20000 /* naps of 0.1 ms before something is said never to come */

struct reader {
	pthread_t thread;
	struct mm *mm;
	unsigned long at;
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)];
	int rc;
};

static void *read_page(void *arg)
{
	struct reader *reader = arg;

	engine_worker_enter(1, 0);
	reader->rc = mm_read(reader->mm, reader->at, reader->page, PAGE_SIZE);
	engine_worker_leave();
	return NULL;
}

/* The PTE of @address, whose table is there. */
static uint64_t pte_of(struct mm *mm, unsigned long address)
{
	struct pte_pos pos = {0};

	rcu_read_lock();
	assert_true(pgtable_walk(&mm->tables, address, &pos));
	rcu_read_unlock();
	return pte_get(pos.pte);
}

/* Writeback has the slot when the fault comes, and leaves nothing in the cache: the fault must not take
 * the frame that it waited for. */
static void waiter_looks_again(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){0});
	struct swap_cache *cache = &mm_swap_area(mm)->cache;
	struct reader reader = {.mm = mm, .at = mm_map(mm, 1, RW)};
	uint64_t wanted[PAGE_SIZE / sizeof(uint64_t)];
	struct frame *frame;
	uint32_t word = 0;
	bool was_new;
	unsigned i;

	page_fill(wanted, 5);
	page_put(mm, reader.at, 5);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 1);
	assert_int_equal(swap_cache_alloc(cache, pte_swap_offset(pte_of(mm, reader.at)), true,
					  &frame, &was_new),
			 0);
	memset(frame_address(mm->family->zones, frame), 0xee, PAGE_SIZE);
	assert_int_equal(pthread_create(&reader.thread, NULL, read_page, &reader), 0);
	for (i = 0; i < PATIENCE && !frame_test(frame, FRAME_WAITERS); i++)
		arch_wait(&word, 0, 100000);
	swap_cache_delete(cache, frame);
	frame_unlock(frame);
	swap_cache_put_frame(cache, frame);
	pthread_join(reader.thread, NULL);
	assert_int_not_equal(i, PATIENCE);
	assert_int_equal(reader.rc, 0);
	assert_memory_equal(reader.page, wanted, PAGE_SIZE);
	mm_check(mm);
	mm_free(mm);
}

/* Somebody has a mapped page's frame locked: reclaim leaves it, and unmapping does not wait. */
static void locked_frame_is_left(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){0});
	unsigned long at = mm_map(mm, 1, RW);
	struct zone *zones = mm->family->zones;
	struct frame *frame;
	unsigned i;

	page_put(mm, at, 6);
	frame = frame_of_pfn(zones, pte_frame(pte_of(mm, at)));
	frame_get(frame);
	frame_lock(frame);
	for (i = 0; i < 4; i++)
		assert_int_equal(mm_reclaim(mm, NULL, 1), 0);
	assert_int_equal(mm_stats_of(mm).rss, 1);
	assert_int_equal(mm_munmap(mm, at, PAGES(1)), 0);
	frame_unlock(frame);
	swap_cache_put_frame(&mm_swap_area(mm)->cache, frame);
	mm_check(mm);
	mm_free(mm);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"who waited for a frame looks again", waiter_looks_again, true},
		{"a locked frame is left alone", locked_frame_is_left, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
