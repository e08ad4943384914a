/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_ref: the per-VMA lock of 6.15 and later by the rules of 6.18: a reference count that readers
 * raise, and the same two sequence numbers as before (vma_rwsem.h), mm_lock_seq being odd while
 * mmap_lock is held for write.
 *
 *	vm_refcnt	0: detached, readers cannot raise it
 *			1: attached, no reader (or write-locked, by vm_lock_seq)
 *			2..VMA_REF_LIMIT: attached, and that many readers less one
 *			VMA_LOCK_OFFSET + 1: attached, a writer, no reader
 *			above: attached, a writer waits for readers
 *			VMA_LOCK_OFFSET (+ n): being detached (n readers yet to leave)
 *
 * VMAs are SLAB_TYPESAFE_BY_RCU: what a reader found may be freed and be another VMA, even another
 * mm's, when it raises the count. So it looks at vm_mm and at the range again afterwards.
 *
 * vm_refcnt guards all else in the VMA for those who raised it. Order: inside mmap_lock; readers
 *never wait, one writer per mm sleeps in vma_writer_wait, without spinning.
 *
 * Layouts are arguments, constant in each caller, so that the offsets are constants in the code.
 */
#ifndef PFT_LOCKS_VMA_REF_H
#define PFT_LOCKS_VMA_REF_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/rcu.h"
#include "pft/base/rcuwait.h"
#include "pft/base/seqcount.h"
#include "pft/base/stat.h"
#include "pft/locks/lock.h"

#define VMA_LOCK_OFFSET 0x40000000
#define VMA_REF_LIMIT	(VMA_LOCK_OFFSET - 1)

/* The layouts of one design. */
struct vma_ref_layout {
	const struct vma_layout *vma;
	const struct mm_layout *mm;
};

/* Wake the writer that waits for the VMAs of @mm. */
__attribute__((cold)) void vma_ref_wake(struct lock_mm *mm, const struct mm_layout *layout);

/* vma_start_read() met the VMA, referenced, of another mm: give it back. Leaves RCU. */
__attribute__((cold)) void vma_ref_put_foreign(struct vma *vma, struct lock_mm *other);

/*
 * vma_refcount_put(), the end of vma_end_read(). The VMA may be freed as soon as the count is down,
 * so its mm is read before. Release: pairs with the acquire of the writer that waits for the count,
 * and with the acquire of a later reader's.
 */
static inline __attribute__((always_inline)) void vma_ref_put(struct vma *vma,
							      const struct vma_ref_layout *layout)
{
	struct lock_mm *mm = arch_read_once(layout_at(vma, layout->vma->vm_mm, struct lock_mm *));
	int old = arch_xadd_release(layout_at(vma, layout->vma->lock, int), -1);

	/* is_vma_writer_only() */
	if (unlikely((old - 1) & VMA_LOCK_OFFSET) && old - 1 <= VMA_LOCK_OFFSET + 1)
		vma_ref_wake(mm, layout->mm);
}

/* __refcount_inc_not_zero_limited_acquire(): 0, -EAGAIN if it is detached, -EBUSY if a writer is
 * there. Acquire: pairs with the release in vma_ref_mark_attached() and with the writer's last one.
 */
static inline __attribute__((always_inline)) int vma_ref_get(int *refcnt)
{
	int old = arch_read_once(refcnt);

	do {
		if (unlikely(!old))
			return -EAGAIN;
		if (unlikely(old >= VMA_REF_LIMIT))
			return -EBUSY;
	} while (unlikely(!arch_cmpxchg_acquire(refcnt, &old, old + 1)));
	return 0;
}

/*
 * vma_start_read() of 6.18, under RCU. 0 with a reference, still under RCU; or -EAGAIN if the VMA
 * is detached, -EBUSY if it cannot be had, both with RCU left (0b16f8bed19c), so that vma is gone.
 */
static inline __attribute__((always_inline)) int
vma_ref_start_read(struct lock_mm *mm, struct vma *vma, const struct vma_ref_layout *layout)
{
	unsigned *seq = layout_at(vma, layout->vma->vm_lock_seq, unsigned);
	unsigned *mm_seq = layout_at(mm->image, layout->mm->mm_lock_seq, unsigned);
	struct lock_mm *other;
	int rc = -EBUSY;

	/* A first look that saves the atomics; orders nothing, the last one decides. */
	if (unlikely(arch_read_once(seq) == arch_read_once(mm_seq)))
		goto fail;
	rc = vma_ref_get(layout_at(vma, layout->vma->lock, int));
	if (unlikely(rc))
		goto fail;
	other = arch_read_once(layout_at(vma, layout->vma->vm_mm, struct lock_mm *));
	if (unlikely(other != mm) && !seeded_bug(SEEDED_REUSE)) {
		vma_ref_put_foreign(vma, other);
		return -EBUSY;
	}
	/*
	 * vm_lock_seq cannot change now: writers wait for the reference first. Acquire of
	 * mm_lock_seq pairs with the release of seqcount_write_end(): a number beyond vm_lock_seq
	 * means that the last writer is gone, and all that it wrote to the VMA is seen.
	 */
	if (!seeded_bug(SEEDED_RECHECK) &&
	    unlikely(arch_read_once(seq) == seqcount_begin(mm_seq))) {
		vma_ref_put(vma, layout);
		rc = -EBUSY;
		goto fail;
	}
	return 0;

fail:
	rcu_read_unlock();
	return rc;
}

/* lock_vma_under_rcu() of 6.18. */
static inline __attribute__((always_inline)) bool
vma_ref_fault_try(struct fault *fault, const struct vma_ref_layout *layout)
{
	struct lock_mm *mm = fault->mm;
	unsigned long address = fault->address;
	struct vma *vma;
	int rc;

	for (;;) {
		rcu_read_lock();
		vma = mm->find(mm, address);
		if (unlikely(!vma)) {
			rcu_read_unlock();
			goto abort;
		}
		rc = vma_ref_start_read(mm, vma, layout);
		if (likely(!rc))
			break;
		if (rc != -EAGAIN)
			goto abort;
		/* Detached since it was found; look it up anew. */
		stat_inc(&mm->domain->events, VMA_LOCK_MISS);
	}
	rcu_read_unlock();
	/* It may be another one by now, or have shrunk or moved before it was locked. */
	if (!seeded_bug(SEEDED_REUSE) &&
	    unlikely(address <
			     arch_read_once(layout_at(vma, layout->vma->vm_start, unsigned long)) ||
		     address >=
			     arch_read_once(layout_at(vma, layout->vma->vm_end, unsigned long)))) {
		vma_ref_put(vma, layout);
		goto abort;
	}
	fault->vma = vma;
	fault->held = FAULT_VMA;
	return true;

abort:
	stat_inc(&mm->domain->events, VMA_LOCK_ABORT);
	return false;
}

/* The other ops of struct lock_design, for all refcount designs. */
int vma_ref_init(struct lock_mm *mm, struct vma *vma);
void vma_ref_destroy(struct lock_domain *domain, struct vma *vma);
void vma_ref_write_locked(struct lock_mm *mm);
void vma_ref_write_unlocking(struct lock_mm *mm);
void vma_ref_start_write(struct lock_mm *mm, struct vma *vma);
void vma_ref_mark_attached(struct lock_mm *mm, struct vma *vma);
void vma_ref_mark_detached(struct lock_mm *mm, struct vma *vma);
bool vma_ref_vma_write_locked(struct lock_mm *mm, struct vma *vma);

/* fault_try and fault_put of the design whose file has this @layout: a constant that the compiler folds
 * into them. */
#define VMA_REF_FAULT(layout) \
	static bool fault_try(struct fault *fault) \
	{ \
		return vma_ref_fault_try(fault, &(layout)); \
	} \
\
	static void fault_put(struct fault *fault) \
	{ \
		vma_ref_put(fault->vma, &(layout)); \
	}

/* The ops that such a design's struct lock_design has in common with the others. */
#define VMA_REF_OPS \
	.flags = LD_PER_VMA, .vma_init = vma_ref_init, .vma_destroy = vma_ref_destroy, \
	.fault_try = fault_try, .fault_put = fault_put, .write_locked = vma_ref_write_locked, \
	.write_unlocking = vma_ref_write_unlocking, .vma_start_write = vma_ref_start_write, \
	.vma_mark_attached = vma_ref_mark_attached, .vma_mark_detached = vma_ref_mark_detached, \
	.vma_write_locked = vma_ref_vma_write_locked

#endif
