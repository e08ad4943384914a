/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How VMAs of the lock designs come, are copied, and go. */
#include "tests/unit/lock_step.h"

#include <errno.h>

#include "pft/base/fault_inject.h"
#include "pft/base/slab.h"

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
	struct vma *kept[25];
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
		else
			kept[i / 2] = one;
	}
	/* What is still in use is not given back, and said. */
	assert_int_equal(lock_domain_release(&classes, &why), -EBUSY);
	assert_true(*why.text);
	for (unsigned i = 0; i < 25; i++)
		lock_vma_free(&small, kept[i]);
	lock_mm_release(&small);
	assert_int_equal(lock_domain_release(&classes, &why), 0);
	/* 256-byte objects are all in class 0. */
	assert_int_equal(lock_domain_init(&classes, rfc, &options, &why), -EINVAL);
}

static const struct CMUnitTest steps[] = {
	STEP(freed_objects_come_back_detached),
	STEP(a_freed_vma_stays_for_its_readers),
	STEP(a_copy_has_the_fields_and_a_lock_of_its_own),
	STEP(a_failed_allocation_leaves_nothing),
};

int main(void)
{
	const struct CMUnitTest once = cmocka_unit_test(vmas_can_be_put_into_one_class);

	return run_steps(steps, sizeof(steps) / sizeof(*steps), &once);
}
