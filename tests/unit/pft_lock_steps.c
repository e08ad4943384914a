/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock designs step by step: each bail-out of the fault path, what it counts, what it leaves.
 */
#include "tests/unit/lock_step.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>

static struct region region2; /* of a second VMA */

/* What a fault holds when nothing stands in its way. */
static enum fault_held usual(void)
{
	if (!design->fault_try)
		return FAULT_MMAP;
	return design->flags & LD_SPECULATIVE ? FAULT_SPECULATIVE : FAULT_VMA;
}

static void a_fault_holds_what_the_design_says(void **state)
{
	bool alone = design->fault_try;

	(void)state;
	stat_clear(&domain.events);
	faults(PAGE + 5, 0, usual());
	counts(alone, 0, 0, 0, !alone);
	faults(5 * PAGE, -EFAULT, FAULT_NOTHING);
	counts(0, alone, 0, 0, 1);
}

static void a_fault_falls_back_once(void **state)
{
	struct fault fault = {.mm = &mm.lock, .address = 0};
	bool per_vma = !(design->flags & LD_SPECULATIVE);

	(void)state;
	if (!design->fault_try)
		return;
	stat_clear(&domain.events);
	assert_int_equal(lock_fault_begin(&fault), 0);
	assert_int_equal(lock_fault_fallback(&fault), 0);
	assert_int_equal(fault.held, FAULT_MMAP);
	assert_true(lock_fault_commit(&fault));
	lock_fault_end(&fault);
	counts(0, !per_vma, 0, per_vma, 1);
	/* Nothing of the first try is left. */
	lock_mmap_write(&mm.lock);
	lock_vma_start_write(&mm.lock, vma);
	assert_int_equal(counted(&domain, VMA_WRITE_WAIT), 0);
	lock_mmap_write_unlock(&mm.lock);
}

/* fault_try() under a writer: who would be kept out, and who not. */
static bool tries(struct fault *fault)
{
	bool got = design->fault_try(fault);

	if (got)
		design->fault_put(fault);
	return got;
}

static void a_write_locked_vma_is_locked_until_the_writer_leaves(void **state)
{
	struct fault fault = {.mm = &mm.lock, .address = 0};

	(void)state;
	if (!(design->flags & LD_PER_VMA))
		return;
	lock_mmap_write(&mm.lock);
	assert_false(lock_vma_write_locked(&mm.lock, vma));
	/* Only mmap_lock is held: the VMA is free. */
	assert_true(tries(&fault));
	lock_vma_start_write(&mm.lock, vma);
	assert_true(lock_vma_write_locked(&mm.lock, vma));
	assert_false(tries(&fault));
	/* Twice is once. */
	stat_clear(&domain.events);
	lock_vma_start_write(&mm.lock, vma);
	assert_int_equal(counted(&domain, VMA_START_WRITE), 0);
	lock_mmap_downgrade(&mm.lock);
	assert_true(tries(&fault));
	lock_mmap_read_unlock(&mm.lock);
	faults(0, 0, FAULT_VMA);
}

static void any_writer_stops_speculation(void **state)
{
	struct fault fault = {.mm = &mm.lock, .address = 0};

	(void)state;
	if (!(design->flags & LD_SPECULATIVE))
		return;
	stat_clear(&domain.events);
	lock_mmap_write(&mm.lock);
	assert_false(tries(&fault));
	assert_int_equal(counted(&domain, SPF_ABORT_ODD), 1);
	lock_mmap_downgrade(&mm.lock);
	assert_true(design->fault_try(&fault));
	assert_true(lock_fault_commit(&fault));
	lock_mmap_read_unlock(&mm.lock);
	assert_true(lock_fault_commit(&fault));
	/* One came and went. */
	lock_mmap_write(&mm.lock);
	lock_mmap_write_unlock(&mm.lock);
	assert_false(lock_fault_commit(&fault));
	assert_int_equal(counted(&domain, SPF_ABORT_SEQ), 1);
	assert_int_equal(counted(&domain, SPF_ATTEMPT), 2);
	/* What was read is a copy, not the VMA. */
	assert_ptr_equal(fault.vma, fault.copy);
	assert_int_equal(lock_vma_end(&mm.lock, fault.vma), 2 * PAGE);
	assert_int_equal(lock_fault_fallback(&fault), 0);
	assert_ptr_equal(fault.vma, vma);
	lock_fault_end(&fault);
}

/* Numbers that meet by overflow: false locked, so the fault goes by mmap_lock; and no writer waits.
 */
static void equal_numbers_only_cost_a_detour(void **state)
{
	unsigned *seq;

	(void)state;
	if (!(design->flags & LD_PER_VMA))
		return;
	seq = layout_at(vma, design->vma->vm_lock_seq, unsigned);
	stat_clear(&domain.events);
	*seq = *layout_at(mm.lock.image, design->mm->mm_lock_seq, unsigned);
	faults(0, 0, FAULT_MMAP);
	counts(0, 1, 0, 0, 1);
	lock_mmap_write(&mm.lock);
	lock_mmap_write_unlock(&mm.lock);
	faults(0, 0, FAULT_VMA);
}

static void an_overflowing_number_still_locks(void **state)
{
	struct fault fault = {.mm = &mm.lock, .address = 0};
	unsigned *mm_seq;

	(void)state;
	if (!(design->flags & LD_PER_VMA))
		return;
	mm_seq = layout_at(mm.lock.image, design->mm->mm_lock_seq, unsigned);
	*mm_seq = UINT_MAX - 1;
	for (unsigned i = 0; i < 4; i++) {
		lock_mmap_write(&mm.lock);
		lock_vma_start_write(&mm.lock, vma);
		assert_false(tries(&fault));
		lock_mmap_write_unlock(&mm.lock);
		assert_true(tries(&fault));
	}
	assert_true(*mm_seq < 8);
}

/* munmap() between the lookup and the lock: the lookup is repeated, and counted as a miss. */
static void a_detached_vma_is_looked_up_again(void **state)
{
	struct vma *old = vma;

	(void)state;
	if (!(design->flags & LD_PER_VMA))
		return;
	lock_mmap_write(&mm.lock);
	stub_unmap(&mm, old);
	vma = stub_map(&mm, 0, 2, &region2);
	lock_mmap_write_unlock(&mm.lock);
	stat_clear(&domain.events);
	shown_once = old;
	faults(0, 0, FAULT_VMA);
	counts(1, 0, 1, 0, 0);
	shown_once = old;
	faults(6 * PAGE, -EFAULT, FAULT_NOTHING);
	counts(0, 1, 1, 0, 1);
	lock_vma_free(&mm.lock, old);
}

/* The VMA that was found moved before it was locked. */
static void a_vma_of_another_range_is_refused(void **state)
{
	(void)state;
	if (!design->fault_try || (design->flags & LD_SINGLE))
		return;
	stat_clear(&domain.events);
	shown_once = vma;
	faults(2 * PAGE, -EFAULT, FAULT_NOTHING);
	counts(0, 1, 0, 0, 1);
	lock_mmap_write(&mm.lock);
	lock_vma_start_write(&mm.lock, vma);
	assert_int_equal(counted(&domain, VMA_WRITE_WAIT), 0);
	lock_mmap_write_unlock(&mm.lock);
}

/* Typesafe VMAs: the object came back as another mm's VMA of the same range. */
static void a_vma_of_another_mm_is_refused(void **state)
{
	struct vma *foreign;

	(void)state;
	if (!design->vma->typesafe)
		return;
	lock_mmap_write(&other.lock);
	foreign = stub_map(&other, 0, 2, &region2);
	lock_mmap_write_unlock(&other.lock);
	stat_clear(&domain.events);
	shown_once = foreign;
	faults(0, 0, FAULT_MMAP);
	counts(0, 1, 0, 0, 1);
	assert_int_equal(*layout_at(foreign, design->vma->lock, int), 1);
	assert_int_equal(*layout_at(other.lock.image, design->mm->mm_count, int), 1);
	assert_false(rcu_read_lock_held());
}

static void the_count_says_who_is_there(void **state)
{
	struct fault faults[2] = {{.mm = &mm.lock}, {.mm = &mm.lock}};
	int *refcnt;

	(void)state;
	if (!design->vma->typesafe)
		return;
	refcnt = layout_at(vma, design->vma->lock, int);
	assert_int_equal(*refcnt, 1);
	assert_true(design->fault_try(&faults[0]));
	assert_true(design->fault_try(&faults[1]));
	assert_int_equal(*refcnt, 3);
	design->fault_put(&faults[0]);
	design->fault_put(&faults[1]);
	assert_int_equal(*refcnt, 1);
	lock_mmap_write(&mm.lock);
	lock_vma_start_write(&mm.lock, vma);
	assert_int_equal(*refcnt, 1);
	lock_mmap_write_unlock(&mm.lock);
	/* At the limit, and with a writer. */
	*refcnt = VMA_REF_LIMIT;
	assert_false(design->fault_try(&faults[0]));
	assert_int_equal(*refcnt, VMA_REF_LIMIT);
	*refcnt = VMA_LOCK_OFFSET + 1;
	assert_false(design->fault_try(&faults[0]));
	assert_int_equal(*refcnt, VMA_LOCK_OFFSET + 1);
	*refcnt = 1;
	assert_false(rcu_read_lock_held());
}

/* --- a reader inside --- */

static uint32_t written;

static void write_vma(unsigned slot, void *detach)
{
	(void)slot;
	lock_mmap_write(&mm.lock);
	lock_vma_start_write(&mm.lock, vma);
	arch_store_release(&written, 1);
	if (detach)
		stub_unmap(&mm, vma);
	lock_mmap_write_unlock(&mm.lock);
}

static void *run_write_vma(void *unused)
{
	(void)unused;
	arch_slot_enter(1);
	rcu_register_thread();
	write_vma(1, NULL);
	rcu_unregister_thread();
	return NULL;
}

/* A writer waits for the reader, and keeps new ones out meanwhile. */
static void a_writer_waits_for_the_reader(void **state)
{
	struct fault fault = {.mm = &mm.lock, .address = 0};
	struct fault late = {.mm = &mm.lock, .address = 0};
	pthread_t thread;

	(void)state;
	if (!(design->flags & LD_PER_VMA))
		return;
	stat_clear(&domain.events);
	written = 0;
	assert_int_equal(lock_fault_begin(&fault), 0);
	assert_int_equal(fault.held, FAULT_VMA);
	assert_int_equal(pthread_create(&thread, NULL, run_write_vma, NULL), 0);
	while (!counted(&domain, VMA_WRITE_WAIT) || arch_on_cpu(1))
		sched_yield();
	assert_int_equal(arch_load_acquire(&written), 0);
	assert_false(design->fault_try(&late));
	lock_fault_end(&fault);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(written, 1);
	assert_int_equal(counted(&domain, VMA_START_WRITE), 1);
	faults(0, 0, FAULT_VMA);
}

static void *detach_vma(void *unused)
{
	(void)unused;
	arch_slot_enter(1);
	rcu_register_thread();
	lock_mmap_write(&mm.lock);
	lock_vma_start_write(&mm.lock, vma);
	/* A reader that looked at the numbers before, and is about to look again. */
	assert_int_equal(vma_ref_get(layout_at(vma, design->vma->lock, int)), 0);
	stub_unmap(&mm, vma);
	arch_store_release(&written, 1);
	stub_zap(&mm, vma);
	lock_mmap_write_unlock(&mm.lock);
	rcu_unregister_thread();
	return NULL;
}

/* Detaching waits for readers that come in for a moment. */
static void a_detacher_waits_for_the_late(void **state)
{
	struct vma_ref_layout layout = {design->vma, design->mm};
	int *refcnt = layout_at(vma, design->vma->lock, int);
	pthread_t thread;

	(void)state;
	if (!design->vma->typesafe)
		return;
	stat_clear(&domain.events);
	written = 0;
	assert_int_equal(pthread_create(&thread, NULL, detach_vma, NULL), 0);
	while (!arch_load_acquire(&written) &&
	       (!counted(&domain, VMA_WRITE_WAIT) || arch_on_cpu(1)))
		sched_yield();
	assert_int_equal(arch_load_acquire(&written), 0);
	assert_int_equal(arch_read_once(refcnt), VMA_LOCK_OFFSET + 1);
	assert_int_equal(vma_ref_get(refcnt), -EBUSY);
	vma_ref_put(vma, &layout);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(arch_read_once(refcnt), 0);
}

static void mmap_readers_and_the_killed(void **state)
{
	struct fault fault = {.mm = &mm.lock, .address = 0};

	(void)state;
	assert_true(lock_mmap_read_trylock(&mm.lock));
	lock_mmap_read_unlock(&mm.lock);
	assert_int_equal(lock_mmap_write_killable(&mm.lock), 0);
	/* The killable one tells readers, too. */
	if (design->vma->typesafe || design->flags & LD_SPECULATIVE)
		assert_int_equal(*layout_at(mm.lock.image, design->mm->mm_lock_seq, unsigned) % 2,
				 1);
	assert_false(lock_mmap_read_trylock(&mm.lock));
	/* A killed worker does not wait for the writer, which is itself here. */
	task_kill(0);
	assert_int_equal(lock_fault_mmap(&fault), -EINTR);
	assert_int_equal(lock_mmap_write_killable(&mm.lock), -EINTR);
	task_revive(0);
	lock_mmap_write_unlock(&mm.lock);
	assert_int_equal(counted(&domain, MMAP_LOCK_SLOW), 1);
	faults(0, 0, usual());
}

static const struct CMUnitTest steps[] = {
	STEP(a_fault_holds_what_the_design_says),
	STEP(a_fault_falls_back_once),
	STEP(a_write_locked_vma_is_locked_until_the_writer_leaves),
	STEP(any_writer_stops_speculation),
	STEP(equal_numbers_only_cost_a_detour),
	STEP(an_overflowing_number_still_locks),
	STEP(a_detached_vma_is_looked_up_again),
	STEP(a_vma_of_another_range_is_refused),
	STEP(a_vma_of_another_mm_is_refused),
	STEP(the_count_says_who_is_there),
	STEP(a_writer_waits_for_the_reader),
	STEP(a_detacher_waits_for_the_late),
	STEP(mmap_readers_and_the_killed),
};

int main(void)
{
	return run_steps(steps, sizeof(steps) / sizeof(*steps), NULL);
}
