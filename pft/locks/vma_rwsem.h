/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_rwsem: the per-VMA lock of 6.4 to 6.14, a rwsem and two sequence numbers, by the ordering
 * rules of 6.5 (b1f02b95758d). Only where the rwsem lies differs between its designs.
 *
 * A VMA is write-locked while its vm_lock_seq equals the mm's mm_lock_seq; its rwsem is held for
 * write only as long as it takes to wait for readers and to store vm_lock_seq. Raising mm_lock_seq
 * before mmap_lock is released unlocks all VMAs at once. Numbers that meet after 2^32 writers make
 * a VMA look locked, which only sends faults to mmap_lock; they never make a locked one look free.
 *
 * The rwsem guards vm_lock_seq and, for those who hold it for read, all else in the VMA. Order:
 * inside mmap_lock; readers only try.
 *
 * Layouts are arguments, constant in each caller, so that the offsets are constants in the code.
 */
#ifndef PFT_LOCKS_VMA_RWSEM_H
#define PFT_LOCKS_VMA_RWSEM_H

#include <stdbool.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/rcu.h"
#include "pft/base/rwsem.h"
#include "pft/base/seqcount.h"
#include "pft/base/stat.h"
#include "pft/locks/lock.h"

/* The separate object: struct vma_lock of 6.4. */
struct vma_lock {
	struct rw_semaphore lock;
};

/* The layouts of one design. */
struct vma_rwsem_layout {
	const struct vma_layout *vma;
	const struct mm_layout *mm;
	bool separate; /* the VMA holds a pointer to a struct vma_lock */
};

/* The rwsem of @vma. The pointer to a separate one is constant while the VMA lives. */
static inline __attribute__((always_inline)) struct rw_semaphore *
vma_rwsem_of(const struct vma *vma, const struct vma_layout *layout, bool separate)
{
	if (separate)
		return &arch_read_once(layout_at(vma, layout->lock, struct vma_lock *))->lock;
	return layout_at(vma, layout->lock, struct rw_semaphore);
}

/* vma_start_read() of 6.12, under RCU: true with the VMA's read lock. Never sleeps. */
static inline __attribute__((always_inline)) bool
vma_rwsem_start_read(struct vma *vma, const struct vma_rwsem_layout *layout)
{
	unsigned *seq = layout_at(vma, layout->vma->vm_lock_seq, unsigned), *mm_seq;
	unsigned seen = arch_read_once(seq);
	struct rw_semaphore *sem;
	struct lock_mm *mm;

	mm = arch_read_once(layout_at(vma, layout->vma->vm_mm, struct lock_mm *));
	mm_seq = layout_at(mm->image, layout->mm->mm_lock_seq, unsigned);
	/* A first look that saves the atomics; orders nothing, the second one decides. */
	if (unlikely(seen == arch_read_once(mm_seq)))
		return false;
	sem = vma_rwsem_of(vma, layout->vma, layout->separate);
	if (unlikely(!down_read_trylock(sem)))
		return false;
	/*
	 * vm_lock_seq cannot change now: it is stored with the rwsem held for write. Acquire of
	 * mm_lock_seq pairs with the release of seqcounter_end_write(): a number beyond vm_lock_seq
	 * means that the last writer is gone, and all that it wrote to the VMA is seen.
	 */
	if (!seeded_bug(SEEDED_RECHECK) &&
	    unlikely(arch_read_once(seq) == seqcounter_read(mm_seq))) {
		up_read(sem, RWSEM_VMA_LOCK);
		return false;
	}
	return true;
}

/* vma_end_read(): RCU keeps the VMA until up_read() is through with it; a writer that it lets in
 * may free it. */
static inline __attribute__((always_inline)) void
vma_rwsem_end_read(struct vma *vma, const struct vma_rwsem_layout *layout)
{
	rcu_read_lock();
	up_read(vma_rwsem_of(vma, layout->vma, layout->separate), RWSEM_VMA_LOCK);
	rcu_read_unlock();
}

/* lock_vma_under_rcu() of 6.12. */
static inline __attribute__((always_inline)) bool
vma_rwsem_fault_try(struct fault *fault, const struct vma_rwsem_layout *layout)
{
	struct lock_mm *mm = fault->mm;
	unsigned long address = fault->address;
	struct vma *vma;

	rcu_read_lock();
	for (;;) {
		vma = mm->find(mm, address);
		if (unlikely(!vma) || unlikely(!vma_rwsem_start_read(vma, layout)))
			goto abort;
		/* Whoever detached it waited for readers first: under the lock this is stable. */
		if (likely(!arch_read_once(layout_at(vma, layout->vma->detached, bool))))
			break;
		vma_rwsem_end_read(vma, layout);
		stat_inc(&mm->domain->events, VMA_LOCK_MISS);
	}
	/* It may have shrunk or moved before it was locked. */
	if (unlikely(address <
			     arch_read_once(layout_at(vma, layout->vma->vm_start, unsigned long)) ||
		     address >=
			     arch_read_once(layout_at(vma, layout->vma->vm_end, unsigned long)))) {
		vma_rwsem_end_read(vma, layout);
		goto abort;
	}
	rcu_read_unlock();
	fault->vma = vma;
	fault->held = FAULT_VMA;
	return true;

abort:
	rcu_read_unlock();
	stat_inc(&mm->domain->events, VMA_LOCK_ABORT);
	return false;
}

/* The other ops of struct lock_design, for all rwsem designs. */
int vma_rwsem_init(struct lock_mm *mm, struct vma *vma);
void vma_rwsem_destroy(struct lock_domain *domain, struct vma *vma);
void vma_rwsem_write_locked(struct lock_mm *mm);
void vma_rwsem_write_unlocking(struct lock_mm *mm);
void vma_rwsem_start_write(struct lock_mm *mm, struct vma *vma);
void vma_rwsem_mark_attached(struct lock_mm *mm, struct vma *vma);
void vma_rwsem_mark_detached(struct lock_mm *mm, struct vma *vma);
bool vma_rwsem_vma_write_locked(struct lock_mm *mm, struct vma *vma);

/* fault_try and fault_put of the design whose file has this @layout: a constant that the compiler folds
 * into them. */
#define VMA_RWSEM_FAULT(layout) \
	static bool fault_try(struct fault *fault) \
	{ \
		return vma_rwsem_fault_try(fault, &(layout)); \
	} \
\
	static void fault_put(struct fault *fault) \
	{ \
		vma_rwsem_end_read(fault->vma, &(layout)); \
	}

/* The ops that such a design's struct lock_design has in common with the others. */
#define VMA_RWSEM_OPS \
	.flags = LD_PER_VMA, .vma_init = vma_rwsem_init, .vma_destroy = vma_rwsem_destroy, \
	.fault_try = fault_try, .fault_put = fault_put, .write_locked = vma_rwsem_write_locked, \
	.write_unlocking = vma_rwsem_write_unlocking, .vma_start_write = vma_rwsem_start_write, \
	.vma_mark_attached = vma_rwsem_mark_attached, \
	.vma_mark_detached = vma_rwsem_mark_detached, \
	.vma_write_locked = vma_rwsem_vma_write_locked

#endif
