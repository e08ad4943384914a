/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock: how a fault finds and holds the VMA it needs, and how the mm's writers keep it out, in
 * whatever design (design.h).
 *
 * What is promised between a successful lock_fault_begin() and lock_fault_end():
 * - fault->vma covers fault->address, belongs to fault->mm and is attached;
 * - its fields do not change, it is not freed and no PTE in its range is zapped by munmap();
 * - with FAULT_SPECULATIVE nothing of that: fault->vma is a copy, the page tables may only be
 *   walked under RCU, and only a true lock_fault_commit() under the PTE lock makes what was read
 *   true. False "locked" is allowed (the fault then goes through mmap_lock), false "unlocked"
 * never.
 *
 * Lock order: mmap_lock, then a VMA's lock, then page_table_lock, then a PTE page's lock.
 * locks/ knows nothing of mm/: the mm gives it find().
 */
#ifndef PFT_LOCKS_LOCK_H
#define PFT_LOCKS_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/rwsem.h"
#include "pft/base/stat.h"
#include "pft/locks/design.h"

struct kmem_cache;

/* How a domain is to place things. */
struct lock_options {
	int vma_class; /* start mod 128 that every VMA gets, or -1 for the slab's own mix */
	bool rwsem_spin; /* optimistic spinning of rwsem writers, in the whole process */
};

/* What all mms of one design share, as all mms of a kernel do: the slab caches (an object of a
 * typesafe one may come back as another mm's VMA) and the counters. Constant after
 * lock_domain_init(). */
struct lock_domain {
	const struct lock_design *design;
	struct kmem_cache *vma_cache;
	struct kmem_cache *vma_lock_cache; /* designs with a separate vma_lock; else NULL */
	struct kmem_cache *mm_cache;
	struct stat_table events; /* of enum lock_event */
};

/* The VMA that covers @address, or NULL; called under RCU (mas_walk) or with mmap_lock held. */
typedef struct vma *lock_find_fn(struct lock_mm *mm, unsigned long address);

/* The lock side of one mm. Constant after lock_mm_init(); what changes lives in the image. */
struct lock_mm {
	const struct lock_design *design;
	/* The design's, copied: one load less on the fault path. */
	bool (*fault_try)(struct fault *fault);
	void (*fault_put)(struct fault *fault);
	lock_find_fn *find;
	struct mm_image *image; /* 64-byte aligned, as the kernel's mm_struct slab is */
	struct lock_domain *domain;
};

/* Make the caches and counters of @design. Returns 0, -ENOMEM, or -EINVAL for a class that the
 * layout cannot have; @why (may be NULL) says more. */
int lock_domain_init(struct lock_domain *domain, const struct lock_design *design,
		     const struct lock_options *options, struct why *why);

/* Wait for what RCU still has to free, then give all back. 0, or -EBUSY with @why if VMAs or mms
 * are left: then it stays. */
int lock_domain_release(struct lock_domain *domain, struct why *why);

/* Make the image of one more mm, all fields 0 or unlocked. Returns 0 or -ENOMEM. */
int lock_mm_init(struct lock_mm *mm, struct lock_domain *domain, lock_find_fn *find);

/* The mm's VMAs are freed, nobody faults in it. Waits for readers that met a reused VMA of it and
 * are just leaving (mmgrab() in vma_start_read()). */
void lock_mm_release(struct lock_mm *mm);

/* mmgrab() and mmdrop(): keep the image of an mm while its VMAs go, for a few instructions. */
void lock_mm_grab(struct lock_mm *mm);
void lock_mm_drop(struct lock_mm *mm);

/* vm_area_alloc() and vm_area_free(): an image with its lock, all other fields 0, detached; NULL if
 * memory is short. Freeing follows the era: at once, by call_rcu(), or at once into a typesafe
 * slab. The VMA must be detached. */
struct vma *lock_vma_new(struct lock_mm *mm, unsigned long start, unsigned long end);
void lock_vma_free(struct lock_mm *mm, struct vma *vma);

/* vm_area_dup(): a detached copy of @from (of another mm with fork()) with a lock of its own; @from
 * is stable: mmap_lock of its mm is held. NULL if memory is short. */
struct vma *lock_vma_dup(struct lock_mm *mm, struct vma *from);

/* vm_start and vm_end; vma_lookup() by a field of the era's layout. */
static inline unsigned long lock_vma_start(const struct lock_mm *mm, const struct vma *vma)
{
	return arch_read_once(layout_at(vma, mm->design->vma->vm_start, unsigned long));
}

static inline unsigned long lock_vma_end(const struct lock_mm *mm, const struct vma *vma)
{
	return arch_read_once(layout_at(vma, mm->design->vma->vm_end, unsigned long));
}

/* The mm's rwsem. */
static inline struct rw_semaphore *lock_mmap_sem(const struct lock_mm *mm)
{
	return layout_at(mm->image, mm->design->mm->mmap_lock, struct rw_semaphore);
}

/* The mmap_lock path of lock_fault_begin(). */
int lock_fault_mmap(struct fault *fault);

/*
 * Begin the fault at fault->address of fault->mm: per-VMA or speculative as the design allows, else
 * under mmap_lock (lock_mm_and_find_vma()). Returns 0 with fault->vma and ->held set; or with
 * nothing held -EFAULT if no VMA covers the address, -EINTR if the worker was killed while it
 * slept.
 */
static inline int lock_fault_begin(struct fault *fault)
{
	fault->held = FAULT_NOTHING;
	if (fault->mm->fault_try && likely(fault->mm->fault_try(fault)))
		return 0;
	return lock_fault_mmap(fault);
}

/* VM_FAULT_RETRY and failed speculation: drop what is held and begin again under mmap_lock. As
 * lock_fault_begin(). Not when mmap_lock is held already. */
int lock_fault_fallback(struct fault *fault);

/*
 * Whether what was read since lock_fault_begin() still holds; always true unless FAULT_SPECULATIVE.
 * Final only under the PTE lock, just before the PTE is set; before that (e.g. before trying the
 * PTE lock) true means "so far". After false: lock_fault_fallback().
 */
static inline bool lock_fault_commit(struct fault *fault)
{
	return likely(fault->held != FAULT_SPECULATIVE) || fault->mm->design->fault_commit(fault);
}

/* Drop what is held; counts VMA_LOCK_SUCCESS where that was not mmap_lock. */
static inline void lock_fault_end(struct fault *fault)
{
	struct lock_mm *mm = fault->mm;

	if (likely(fault->held != FAULT_MMAP)) {
		mm->fault_put(fault);
		stat_inc(&mm->domain->events, VMA_LOCK_SUCCESS);
	} else {
		up_read(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);
	}
	fault->held = FAULT_NOTHING;
}

/* mmap_lock with what the design adds. Downgrade keeps it for read; all VMAs are unlocked then. The
 * killable one: 0 or -EINTR. */
void lock_mmap_write(struct lock_mm *mm);
int lock_mmap_write_killable(struct lock_mm *mm);
void lock_mmap_write_unlock(struct lock_mm *mm);
void lock_mmap_downgrade(struct lock_mm *mm);
void lock_mmap_read(struct lock_mm *mm);
bool lock_mmap_read_trylock(struct lock_mm *mm);
void lock_mmap_read_unlock(struct lock_mm *mm);

/*
 * vma_start_write(): wait for the faults that hold the VMA and keep new ones out until mmap_lock is
 * released or downgraded. Before any change of a VMA that faults look at, and before it is
 * detached; a new VMA is write-locked too before it is attached. mmap_lock held for write, here and
 * below.
 */
static inline void lock_vma_start_write(struct lock_mm *mm, struct vma *vma)
{
	mm->design->vma_start_write(mm, vma);
}

/* vma_mark_attached(): faults may find and lock the VMA from now on (or when mmap_lock is released,
 * if it is write-locked). Before it is stored in the index. */
static inline void lock_vma_mark_attached(struct lock_mm *mm, struct vma *vma)
{
	mm->design->vma_mark_attached(mm, vma);
}

/* vma_mark_detached(): no fault can lock the VMA any more. It is write-locked; it must be done
 * before lock_vma_free(), also in exit_mmap(). */
static inline void lock_vma_mark_detached(struct lock_mm *mm, struct vma *vma)
{
	mm->design->vma_mark_detached(mm, vma);
}

/* vma_assert_write_locked(): whether no fault can hold the VMA, by the design's own reckoning. */
static inline bool lock_vma_write_locked(struct lock_mm *mm, struct vma *vma)
{
	return mm->design->vma_write_locked(mm, vma);
}

#endif
