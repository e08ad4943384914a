/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock designs step by step: each bail-out of the fault path, what it counts, what it leaves.
 */
#include "tests/unit/lock_mm_stub.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include "pft/base/fault_inject.h"
#include "pft/base/slab.h"
#include "pft/locks/vma_ref.h"
#include "tests/unit/pft_workers.h"

static const struct lock_design *design;
static struct lock_domain domain;
static struct stub_mm mm, other;
static struct region region, region2;
static struct vma *vma; /* pages 0 and 1 of mm */

/* What find() shows once, instead of the index. */
static struct vma *shown_once;

static struct vma *find_shown(struct lock_mm *lock, unsigned long address)
{
	struct vma *shown = shown_once;

	shown_once = NULL;
	return shown ? shown : stub_find(lock, address);
}

static int setup(void **state)
{
	design = *state;
	arch_slot_enter(0);
	stub_domain_init(&domain, design);
	stub_mm_init(&mm, &domain);
	stub_mm_init(&other, &domain);
	mm.lock.find = find_shown;
	shown_once = NULL;
	lock_mmap_write(&mm.lock);
	vma = stub_map(&mm, 0, 2, &region);
	lock_mmap_write_unlock(&mm.lock);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stub_mm_release(&mm);
	stub_mm_release(&other);
	stub_domain_release(&domain);
	return 0;
}

/* Fault at @address; the result and what was held. */
static void faults(unsigned long address, int rc, enum fault_held held)
{
	struct fault fault = {.mm = &mm.lock, .address = address};

	assert_int_equal(lock_fault_begin(&fault), rc);
	assert_int_equal(fault.held, held);
	if (!rc) {
		assert_true(lock_fault_commit(&fault));
		lock_fault_end(&fault);
		assert_int_equal(fault.held, FAULT_NOTHING);
	}
}

/* The counters since the last look. */
static void counts(unsigned success, unsigned abort, unsigned miss, unsigned retry, unsigned mmap)
{
	assert_int_equal(counted(&domain, VMA_LOCK_SUCCESS), success);
	assert_int_equal(counted(&domain, VMA_LOCK_ABORT), abort);
	assert_int_equal(counted(&domain, VMA_LOCK_MISS), miss);
	assert_int_equal(counted(&domain, VMA_LOCK_RETRY), retry);
	assert_int_equal(counted(&domain, MMAP_LOCK_FAST) + counted(&domain, MMAP_LOCK_SLOW), mmap);
	stat_clear(&domain.events);
}

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

static void freed_objects_come_back_detached(void **state)
{
	struct vma *again;

	(void)state;
	if (!design->vma->typesafe)
		return;
	lock_mmap_write(&mm.lock);
	stub_unmap(&mm, vma);
	lock_vma_free(&mm.lock, vma);
	again = lock_vma_new(&other.lock, 0, PAGE);
	/* At once, without a grace period, and no reader of its last life can have it. */
	assert_ptr_equal(again, vma);
	assert_int_equal(*layout_at(vma, design->vma->lock, int), 0);
	shown_once = vma;
	stat_clear(&domain.events);
	lock_mmap_write_unlock(&mm.lock);
	faults(0, -EFAULT, FAULT_NOTHING);
	counts(0, 1, 1, 0, 1);
	lock_vma_free(&other.lock, again);
}

/* Eras without typesafe VMAs: readers under RCU may look at one until the grace period is over. */
static void a_freed_vma_stays_for_its_readers(void **state)
{
	struct kmem_cache_stats stats;

	(void)state;
	if (design->vma->vm_rcu == LAYOUT_NONE)
		return;
	rcu_read_lock();
	lock_mmap_write(&mm.lock);
	stub_unmap(&mm, vma);
	lock_vma_free(&mm.lock, vma);
	lock_mmap_write_unlock(&mm.lock);
	kmem_cache_stats(domain.vma_cache, &stats);
	assert_int_equal(stats.live, 1);
	assert_ptr_equal(arch_read_once(layout_at(vma, design->vma->vm_mm, void *)), &mm);
	rcu_read_unlock();
	rcu_barrier();
	kmem_cache_stats(domain.vma_cache, &stats);
	assert_int_equal(stats.live, 0);
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

static void a_copy_has_the_fields_and_a_lock_of_its_own(void **state)
{
	const struct vma_layout *layout = design->vma;
	struct vma *copy;

	(void)state;
	*layout_at(vma, layout->vm_flags, unsigned long) = 0x73;
	*layout_at(vma, layout->vm_pgoff, unsigned long) = 9;
	lock_mmap_write(&mm.lock);
	copy = lock_vma_dup(&other.lock, vma);
	lock_mmap_write_unlock(&mm.lock);
	assert_int_equal(lock_vma_start(&other.lock, copy), 0);
	assert_int_equal(lock_vma_end(&other.lock, copy), 2 * PAGE);
	assert_int_equal(*layout_at(copy, layout->vm_flags, unsigned long), 0x73);
	assert_int_equal(*layout_at(copy, layout->vm_pgoff, unsigned long), 9);
	assert_ptr_equal(region_of(&other.lock, copy), &region);
	assert_ptr_equal(*layout_at(copy, layout->vm_mm, struct lock_mm *), &other.lock);
	if (design->vma_lock)
		assert_ptr_not_equal(*layout_at(copy, layout->lock, void *),
				     *layout_at(vma, layout->lock, void *));
	lock_vma_free(&other.lock, copy);
}

/* Every allocation of a new VMA fails once; nothing is lost. */
static void a_failed_allocation_leaves_nothing(void **state)
{
	struct kmem_cache_stats before, after;
	struct vma *made = NULL;
	unsigned nth;

	(void)state;
	kmem_cache_stats(domain.vma_cache, &before);
	for (nth = 1; !made; nth++) {
		fault_inject_nth(&fault_inject_slab, nth, NULL);
		made = lock_vma_new(&mm.lock, 0, PAGE);
		assert_int_equal(made == NULL, fault_inject_stop(&fault_inject_slab) != 0);
		kmem_cache_stats(domain.vma_cache, &after);
		assert_int_equal(after.live, before.live + (made != NULL));
	}
	assert_int_equal(nth - 1, design->vma_lock ? 3 : 2);
	lock_vma_free(&mm.lock, made);
}

static void vmas_can_be_put_into_one_class(void **state)
{
	static const struct lock_design *refcnt, *rfc;
	struct lock_options options = {.vma_class = 64};
	struct lock_domain classes;
	struct why why = WHY_INIT;
	struct lock_mm small;

	(void)state;
	refcnt = lock_design_find("vma-refcnt");
	rfc = lock_design_find("vma-rwsem-aligned");
	assert_int_equal(lock_domain_init(&classes, refcnt, &options, &why), 0);
	assert_int_equal(lock_mm_init(&small, &classes, stub_find), 0);
	for (unsigned i = 0; i < 50; i++) {
		struct vma *one = lock_vma_new(&small, 0, PAGE);

		assert_int_equal((uintptr_t)one % ARCH_PAIR, 64);
		if (i % 2)
			lock_vma_free(&small, one);
	}
	/* What is still in use is not given back, and said. */
	assert_int_equal(lock_domain_release(&classes, &why), -EBUSY);
	assert_true(*why.text);
	lock_mm_release(&small);
	/* 256-byte objects are all in class 0. */
	assert_int_equal(lock_domain_init(&classes, rfc, &options, &why), -EINVAL);
}

#define TESTS_MAX 200

static const struct CMUnitTest steps[] = {
#define STEP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	STEP(a_fault_holds_what_the_design_says),
	STEP(a_fault_falls_back_once),
	STEP(a_write_locked_vma_is_locked_until_the_writer_leaves),
	STEP(any_writer_stops_speculation),
	STEP(equal_numbers_only_cost_a_detour),
	STEP(an_overflowing_number_still_locks),
	STEP(a_detached_vma_is_looked_up_again),
	STEP(a_vma_of_another_range_is_refused),
	STEP(a_vma_of_another_mm_is_refused),
	STEP(freed_objects_come_back_detached),
	STEP(a_freed_vma_stays_for_its_readers),
	STEP(the_count_says_who_is_there),
	STEP(a_writer_waits_for_the_reader),
	STEP(a_detacher_waits_for_the_late),
	STEP(mmap_readers_and_the_killed),
	STEP(a_copy_has_the_fields_and_a_lock_of_its_own),
	STEP(a_failed_allocation_leaves_nothing),
};

int main(void)
{
	struct CMUnitTest tests[TESTS_MAX] = {cmocka_unit_test(vmas_can_be_put_into_one_class)};
	static char names[TESTS_MAX][100];
	unsigned nr = 1;

	alarm(20);
	rcu_register_thread();
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		for (unsigned j = 0; j < sizeof(steps) / sizeof(*steps); j++, nr++) {
			snprintf(names[nr], sizeof(*names), "%s: %s", lock_designs[i]->name,
				 steps[j].name);
			tests[nr] = steps[j];
			tests[nr].name = names[nr];
			tests[nr].initial_state = (void *)lock_designs[i];
		}
	}
	return _cmocka_run_group_tests("lock steps", tests, nr, NULL, NULL);
}
