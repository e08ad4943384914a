/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anon_vma: what stands for the anonymous pages of a VMA, given to it at its first fault. Pieces of
 * a split VMA share one, and so may neighbours that could be merged; a forked VMA gets its own
 * below its parent's (mm/rmap.c). VMAs and children hold references. The chains that lead from an
 * anon_vma to its VMAs are not there: nobody looks pages up by them.
 */
#ifndef PFT_MM_ANON_VMA_H
#define PFT_MM_ANON_VMA_H

#include <stdint.h>

#include "pft/mm/mm_types.h"

struct anon_vma {
	struct anon_vma *root; /* oldest ancestor, whose lock the kernel takes */
	struct anon_vma *parent; /* that it was forked from, or NULL */
	int32_t refcount; /* VMAs and children */
};

/*
 * __anon_vma_prepare(): see to it that @vma has an anon_vma. mmap_lock is held for read at least;
 * page_table_lock decides between two faults. Returns 0 or -ENOMEM.
 */
int anon_vma_prepare(struct mm *mm, struct vma *vma);

/* anon_vma_fork(): a new one for @child's copy of a VMA that has @parent; NULL if memory is short.
 */
struct anon_vma *anon_vma_fork(struct mm *child, struct anon_vma *parent);

static inline void anon_vma_get(struct anon_vma *anon)
{
	arch_xadd_relaxed(&anon->refcount, 1);
}

/* Drop a reference; the last frees it, and drops its parent's. */
void anon_vma_put(struct mm *mm, struct anon_vma *anon);

#endif
