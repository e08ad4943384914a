/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_walk: a walk over the entries of a vma_index in order that remembers its leaf (struct
 * ma_state, struct vma_iterator). Who leaves the RCU section, or drops mmap_lock, must reset the
 * walk before he goes on: the leaf may have been freed (the rule that 6.18 put into
 * lock_vma_under_rcu()).
 */
#ifndef PFT_MM_VMA_WALK_H
#define PFT_MM_VMA_WALK_H

#include "pft/mm/vma_index.h"

struct vma_walk {
	const struct vma_index *index;
	unsigned long addr; /* where the next look starts */
	struct vma_range range; /* of what was found last */
	const struct vma_node *leaf; /* NULL: start at the root */
	struct vma_range bounds; /* of leaf */
};

/* A walk that will look at @addr first. */
static inline void vma_walk_init(struct vma_walk *walk, const struct vma_index *index,
				 unsigned long addr)
{
	*walk = (struct vma_walk){.index = index, .addr = addr};
}

/* Forget the leaf, keep the address (mas_reset()). */
static inline void vma_walk_reset(struct vma_walk *walk)
{
	walk->leaf = NULL;
}

/* The entry at walk->addr or NULL, and what it covers in walk->range; does not move. */
void *vma_walk_find(struct vma_walk *walk);

/* The entry at walk->addr or the next above, and move past it; NULL at the end. While others write,
 * an entry that is there throughout comes up; one that grows may come up again. */
void *vma_walk_next(struct vma_walk *walk);

#endif
