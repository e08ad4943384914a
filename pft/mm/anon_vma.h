/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anon_vma: what stands for the anonymous pages of a VMA, given to it at its first fault. Pieces of
 * a split VMA share one, and so may neighbours that could be merged; a forked VMA gets its own
 * below its parent's (mm/rmap.c). VMAs and children hold references.
 *
 * Where there is swap (family->rmap), chains lead from an anon_vma to all VMAs that may map its
 * pages: those that have it, and those forked from them. A VMA is linked to its own anon_vma and to
 * all above. They are kept in a list in place of the kernel's interval tree. Without swap nobody
 * looks pages up, and no chain is made.
 *
 * Lock order: root->rwsem is a sleeping lock, inside mmap_lock, the VMA's lock and a frame's lock,
 * outside page_table_lock and PTE pages' locks. Who holds it for write waits for no fault, so
 * reclaim may take it in the middle of one.
 */
#ifndef PFT_MM_ANON_VMA_H
#define PFT_MM_ANON_VMA_H

#include <stdint.h>

#include "pft/mm/mm_types.h"

/* From a SLAB_TYPESAFE_BY_RCU cache: a page's mapping may be followed under RCU. */
struct anon_vma {
	struct rw_semaphore rwsem; /* the root's guards the chains, and borders, of the whole tree */
	struct anon_vma *root; /* oldest ancestor */
	struct anon_vma *parent; /* that it was forked from, or NULL */
	int32_t refcount; /* VMAs, children, and reclaim that waits for the lock */
	struct list_head chains; /* struct anon_vma_chain */
};

/* A VMA that may map pages of an anon_vma. */
struct anon_vma_chain {
	struct vma *vma;
	struct anon_vma *anon;
	struct anon_vma_chain *next; /* of the same VMA, whose anon_vma_chain leads to the first */
	struct list_head same_anon; /* in anon->chains */
};

/* Constructor of the cache: the lock and the list outlive their object. */
void anon_vma_ctor(void *object);

/*
 * __anon_vma_prepare(): see to it that @vma has an anon_vma. mmap_lock is held for read at least;
 * page_table_lock decides between two faults. Returns 0 or -ENOMEM.
 */
int anon_vma_prepare(struct mm *mm, struct vma *vma);

/* anon_vma_clone(): link @copy, of @mm, to all that @vma of @from is linked to. Both are
 * write-locked or new. Returns 0, or -ENOMEM with nothing linked. */
int anon_vma_clone(struct mm *mm, struct vma *copy, const struct mm *from, const struct vma *vma);

/* anon_vma_fork(): @copy, of @child, gets an anon_vma below the one of @vma, if that has one, and
 * is linked. Returns 0, or -ENOMEM: @copy has none then. */
int anon_vma_fork(struct mm *child, struct vma *copy, const struct mm *parent,
		  const struct vma *vma);

/* unlink_anon_vmas(): no page is looked for in @vma any more; before its page tables are freed.
 * May be called again. The VMA keeps its anon_vma. */
void anon_vma_unlink(struct mm *mm, struct vma *vma);

static inline void anon_vma_get(struct anon_vma *anon)
{
	arch_xadd_relaxed(&anon->refcount, 1);
}

/* Drop a reference; the last frees it, and drops its parent's. May sleep. */
void anon_vma_put(struct mm_family *family, struct anon_vma *anon);

/* anon_vma_lock_write(): keep reclaim out while borders of VMAs with @anon change. Nothing without
 * chains. */
void anon_vma_lock_write(const struct mm_family *family, struct anon_vma *anon);
void anon_vma_unlock_write(const struct mm_family *family, struct anon_vma *anon);

#endif
