/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer waits for a fault that holds what it changes, or spoils it if it holds nothing; on every
 * lock design. */
#include "pft/mm/mm_types.h"
#include "tests/unit/pft_mm_fixture.h"
#include "tests/unit/pft_workers.h"

#define ARENA	 (4UL << 20)
#define NR_PAGES 16

static int do_munmap(struct mm *mm)
{
	return mm_munmap(mm, MM_MIDDLE + PAGES(4), PAGES(4));
}

static int do_mprotect(struct mm *mm)
{
	return mm_mprotect(mm, MM_MIDDLE, PAGES(NR_PAGES), MM_READ);
}

static int do_mmap_fixed(struct mm *mm)
{
	return mm_mmap_fixed(mm, MM_MIDDLE, PAGES(1), MM_READ, 0);
}

static int do_merge(struct mm *mm)
{
	return mm_mmap_fixed(mm, MM_MIDDLE + PAGES(NR_PAGES), PAGES(1), RW, 0);
}

static int do_fork(struct mm *mm)
{
	struct mm *child;
	int rc = mm_fork(mm, &child);

	if (!rc)
		mm_free(child);
	return rc;
}

static int (*const writers[])(struct mm *mm) = {do_munmap, do_mprotect, do_mmap_fixed, do_merge,
						do_fork};
#define NR_WRITERS (sizeof(writers) / sizeof(*writers))

struct writing {
	pthread_t thread;
	struct mm *mm;
	int (*fn)(struct mm *mm);
	int rc;
	uint32_t done;
};

static void *write_thread(void *arg)
{
	struct writing *writing = arg;

	engine_worker_enter(1, 0);
	writing->rc = writing->fn(writing->mm);
	arch_store_release(&writing->done, 1);
	engine_worker_leave();
	return NULL;
}

static struct mm *make(const struct lock_design *design)
{
	struct mm *mm = mm_small(design, ARENA);

	mm_map_middle(mm, NR_PAGES, RW);
	mm_put(mm, MM_MIDDLE + PAGES(5), 1);
	return mm;
}

/* Whether the writer is seen to wait, on the VMA or on mmap_lock. */
static bool waits(struct mm *mm)
{
	return mm_stats_of(mm).locks[VMA_WRITE_WAIT] ||
	       rwsem_is_contended(lock_mmap_sem(&mm->lock));
}

static void wait_for(int (*fn)(struct mm *mm), const struct lock_design *design)
{
	struct mm *mm = make(design);
	struct writing writing = {.mm = mm, .fn = fn};
	struct fault fault = {.mm = &mm->lock, .address = MM_MIDDLE + PAGES(5)};

	assert_int_equal(lock_fault_begin(&fault), 0);
	assert_int_equal(fault.held, design->flags & LD_PER_VMA ? FAULT_VMA : FAULT_MMAP);
	pthread_create(&writing.thread, NULL, write_thread, &writing);
	while (!arch_load_acquire(&writing.done) && !waits(mm))
		arch_relax();
	assert_int_equal(arch_load_acquire(&writing.done), 0);
	lock_fault_end(&fault);
	pthread_join(writing.thread, NULL);
	assert_int_equal(writing.rc, 0);
	mm_check(mm);
	mm_free(mm);
}

static void spoil(int (*fn)(struct mm *mm), const struct lock_design *design)
{
	struct mm *mm = make(design);
	struct fault fault = {.mm = &mm->lock, .address = MM_MIDDLE + PAGES(5)};

	assert_int_equal(lock_fault_begin(&fault), 0);
	assert_int_equal(fault.held, FAULT_SPECULATIVE);
	assert_true(lock_fault_commit(&fault));
	assert_int_equal(fn(mm), 0);
	assert_false(lock_fault_commit(&fault));
	lock_fault_end(&fault);
	mm_free(mm);
}

static void writers_wait_for_faults(void **state)
{
	const struct lock_design *design = *state;
	unsigned i;

	for (i = 0; i < NR_WRITERS; i++) {
		if (design->flags & LD_SPECULATIVE)
			spoil(writers[i], design);
		else
			wait_for(writers[i], design);
	}
}

/* madvise(DONTNEED) holds what a fault holds, and so does another fault. */
static void readers_do_not_wait(void **state)
{
	struct mm *mm = make(*state);
	struct fault fault = {.mm = &mm->lock, .address = MM_MIDDLE + PAGES(5)};

	assert_int_equal(lock_fault_begin(&fault), 0);
	assert_int_equal(mm_madvise_dontneed(mm, MM_MIDDLE, PAGES(NR_PAGES)), 0);
	assert_int_equal(mm_fault(mm, MM_MIDDLE + PAGES(5), true), 0);
	assert_true(lock_fault_commit(&fault));
	lock_fault_end(&fault);
	mm_check(mm);
	mm_free(mm);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"writers wait for faults", writers_wait_for_faults, true},
		{"readers do not wait", readers_do_not_wait, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
