/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Races that chance seldom brings about, arranged by holding a lock that both must pass. */
#include "pft/mm/mm_types.h"
#include "tests/unit/pft_mm_fixture.h"
#include "tests/unit/pft_workers.h"

#define ARENA	 (4UL << 20)
#define PATIENCE 20000 /* naps of 0.1 ms before something is said never to come */

struct work {
	pthread_t thread;
	unsigned slot;
	struct mm *mm;
	void (*fn)(struct work *work);
	unsigned long at;
	int rc;
};

static void *work_thread(void *arg)
{
	struct work *work = arg;

	engine_worker_enter(work->slot, 0);
	work->fn(work);
	engine_worker_leave();
	return NULL;
}

static void start(struct work *work)
{
	pthread_create(&work->thread, NULL, work_thread, work);
}

static void finish(struct work *work)
{
	pthread_join(work->thread, NULL);
	assert_int_equal(work->rc, 0);
}

static void nap(void)
{
	uint32_t word = 0;

	arch_wait(&word, 0, 100000);
}

static void do_fault(struct work *work)
{
	work->rc = mm_fault(work->mm, work->at, true);
}

static void do_munmap(struct work *work)
{
	work->rc = mm_munmap(work->mm, work->at, PAGES(4));
}

/* Two first faults of one VMA: both make an anon_vma, one is taken, the other is freed. */
static void one_anon_vma_wins(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	struct spinlock *lock = mm_field(mm, page_table_lock, struct spinlock);
	struct work works[2];
	unsigned i;

	/* The tables are there, and no neighbour's anon_vma will do. */
	mm_map_middle(mm, 1, RW);
	mm_put(mm, MM_MIDDLE, 1);
	assert_int_equal(mm_mmap_fixed(mm, MM_MIDDLE + PAGES(2), PAGES(4), RW, 0), 0);
	spin_lock(lock);
	for (i = 0; i < 2; i++) {
		works[i] = (struct work){
			.slot = i + 1, .mm = mm, .fn = do_fault, .at = MM_MIDDLE + PAGES(2 + i)};
		start(&works[i]);
	}
	for (i = 0; i < PATIENCE && mm_stats_of(mm).events[MM_ANON_VMA] != 3; i++)
		nap();
	spin_unlock(lock);
	finish(&works[0]);
	finish(&works[1]);
	assert_int_not_equal(i, PATIENCE);
	mm_check(mm);
	mm_free(mm);
}

/* While munmap() zaps, mmap_lock is held for read, and the VMA is gone already. */
static void munmap_zaps_downgraded(void **state)
{
	struct mm *mm = mm_small(*state, ARENA);
	struct work work = {.slot = 1, .mm = mm, .fn = do_munmap, .at = MM_MIDDLE};
	struct pte_pos pos = {.ptl = NULL};
	bool read = false;
	unsigned i;

	mm_map_middle(mm, 4, RW);
	mm_put(mm, MM_MIDDLE, 1);
	assert_true(pgtable_walk(&mm->tables, MM_MIDDLE, &pos));
	spin_lock(pos.ptl);
	start(&work);
	for (i = 0; i < PATIENCE && !read; i++) {
		nap();
		if (!mm_stats_of(mm).vmas)
			read = lock_mmap_read_trylock(&mm->lock);
	}
	if (read)
		lock_mmap_read_unlock(&mm->lock);
	spin_unlock(pos.ptl);
	finish(&work);
	assert_true(read);
	mm_check(mm);
	mm_free(mm);
}

/* Two faults of one page: the second finds it there when it gets the PTE's lock. */
static void one_page_wins(void **state)
{
	const struct lock_design *design = *state;
	struct mm *mm = mm_small(design, ARENA);
	struct work works[2];
	struct pte_pos pos = {.ptl = NULL};
	uint64_t taken;
	unsigned i;

	mm_map_middle(mm, 4, RW);
	mm_put(mm, MM_MIDDLE, 1);
	assert_true(pgtable_walk(&mm->tables, MM_MIDDLE, &pos));
	taken = mm_stats_of(mm).frames_free - 2;
	spin_lock(pos.ptl);
	for (i = 0; i < 2; i++) {
		works[i] = (struct work){
			.slot = i + 1, .mm = mm, .fn = do_fault, .at = MM_MIDDLE + PAGES(1)};
		start(&works[i]);
	}
	for (i = 0; i < PATIENCE && mm_stats_of(mm).frames_free != taken; i++)
		nap();
	spin_unlock(pos.ptl);
	finish(&works[0]);
	finish(&works[1]);
	assert_int_not_equal(i, PATIENCE);
	assert_int_equal(mm_stats_of(mm).rss, 2);
	assert_int_equal(mm_stats_of(mm).events[MM_FAULT_ANON], 2);
	mm_check(mm);
	mm_free(mm);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"one anon_vma wins", one_anon_vma_wins, true},
		{"munmap zaps with mmap_lock downgraded", munmap_zaps_downgraded, true},
		{"one page wins", one_page_wins, true},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
