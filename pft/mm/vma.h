/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma: VMAs and how they change: split, merge, move of borders. A VMA is an image of the era's
 * vm_area_struct; its fields are reached by the layout. All changes: mmap_lock held for write.
 */
#ifndef PFT_MM_VMA_H
#define PFT_MM_VMA_H

#include <stdbool.h>

#include "pft/mm/mm_types.h"

/* vm_flags, the kernel's bits. */
#define VM_READ	      0x00000001UL
#define VM_WRITE      0x00000002UL
#define VM_ACCESS     (VM_READ | VM_WRITE)
#define VM_MAYACCESS  0x00000030UL /* VM_MAYREAD | VM_MAYWRITE */
#define VM_DONTEXPAND 0x00040000UL

/* Loads and stores of a field by its name in struct vma_layout. */
#define vma_load(mm_, vma_, field, type) arch_read_once(layout_at((vma_), (mm_)->vma->field, type))
#define vma_store(mm_, vma_, field, type, value) \
	arch_write_once(layout_at((vma_), (mm_)->vma->field, type), (type)(value))

static inline unsigned long vma_start(const struct mm *mm, const struct vma *vma)
{
	return vma_load(mm, vma, vm_start, unsigned long);
}

static inline unsigned long vma_end(const struct mm *mm, const struct vma *vma)
{
	return vma_load(mm, vma, vm_end, unsigned long);
}

static inline unsigned long vma_flags(const struct mm *mm, const struct vma *vma)
{
	return vma_load(mm, vma, vm_flags, unsigned long);
}

static inline struct anon_vma *vma_anon(const struct mm *mm, const struct vma *vma)
{
	return vma_load(mm, vma, anon_vma, struct anon_vma *);
}

static inline struct mempolicy *vma_policy(const struct mm *mm, const struct vma *vma)
{
	return vma_load(mm, vma, vm_policy, struct mempolicy *);
}

/* The page of the address space that @address is: linear_page_index(). */
static inline unsigned long vma_pgoff(const struct mm *mm, const struct vma *vma,
				      unsigned long address)
{
	return vma_load(mm, vma, vm_pgoff, unsigned long) +
	       ((address - vma_start(mm, vma)) >> PAGE_SHIFT);
}

/* Set vm_flags and vm_page_prot (vm_flags_reset(), vma_set_page_prot()); write-locked or new. */
void vma_set_flags(struct mm *mm, struct vma *vma, unsigned long flags);

/* The image's own index lookup: what the lock designs walk. */
struct vma *vma_find_locked(struct lock_mm *lock, unsigned long address);

/* A VMA and where it is to lie. */
struct vma_piece {
	struct vma *vma;
	unsigned long start, end;
};

/* A change of borders: the pieces take the whole range from the first start to the last end. */
struct vma_change {
	unsigned nr;
	struct vma_piece pieces[3]; /* ascending, touching each other */
	struct vma *fresh; /* of these: not attached yet; or NULL */
	unsigned nr_removed;
	struct vma *removed[2]; /* that the pieces replace */
};

/*
 * Make a change true for all: index prepared, every VMA that changes write-locked (vma_prepare()),
 * borders stored, one store to the index (vma_complete()), what was replaced detached and freed.
 * Returns 0, or -ENOMEM with nothing changed.
 */
int vma_change_apply(struct mm *mm, const struct vma_change *change);

/* __split_vma(): @vma keeps what lies below @address, a new VMA gets the rest and is returned. NULL
 * if memory is short. */
struct vma *vma_split(struct mm *mm, struct vma *vma, unsigned long address);

/*
 * Let VMAs beside [@start, @end) with the same @flags, @policy and a compatible anon_vma take the
 * range (vma_merge_new_range(), vma_merge_existing_range()): @middle is the VMA that has it now,
 * whole or in part, or NULL if nothing is there. Returns the VMA that has it then, or NULL if none
 * can or memory is short: nothing has changed then.
 */
struct vma *vma_merge(struct mm *mm, struct vma *middle, unsigned long start, unsigned long end,
		      unsigned long flags, struct mempolicy *policy);

/* A VMA of its own for [@start, @end), found by all from now on. 0 or -ENOMEM. */
int vma_insert(struct mm *mm, unsigned long start, unsigned long end, unsigned long flags,
	       struct mempolicy *policy);

/* Free a detached VMA and what it refers to. */
void vma_free(struct mm *mm, struct vma *vma);

#endif
