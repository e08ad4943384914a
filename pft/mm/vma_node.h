/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_node: the writer's view of the nodes of a vma_index. The nodes that readers can reach are
 * read through arch.h and stored to only slot by slot; a fresh node is filled plainly.
 */
#ifndef PFT_MM_VMA_NODE_H
#define PFT_MM_VMA_NODE_H

#include "pft/mm/vma_index.h"

static inline struct vma_node *vma_node_of(const void *ref)
{
	return (struct vma_node *)((uintptr_t)ref & ~(uintptr_t)VMA_NODE_MASK);
}

static inline unsigned vma_node_level(const void *ref)
{
	return (uintptr_t)ref & VMA_NODE_MASK;
}

static inline void *vma_node_ref(struct vma_node *node, unsigned level)
{
	return (void *)((uintptr_t)node | level);
}

static inline unsigned vma_node_slots(unsigned level)
{
	return level ? VMA_INNER_SLOTS : VMA_LEAF_SLOTS;
}

/* Slots in use. */
static inline unsigned vma_node_count(const struct vma_node *node)
{
	return arch_read_once(&node->state) & VMA_NODE_COUNT;
}

static inline unsigned long *vma_node_pivot(struct vma_node *node, unsigned level, unsigned i)
{
	if (level)
		return &node->inner.pivot[i];
	return &node->leaf.pivot[i];
}

static inline void **vma_node_slot(struct vma_node *node, unsigned level, unsigned i)
{
	if (level)
		return &node->inner.slot[i];
	return &node->leaf.slot[i];
}

/* What slot @i holds: an entry or NULL in a leaf, a reference in an inner node. */
static inline void *vma_node_get(struct vma_node *node, unsigned level, unsigned i)
{
	return arch_read_once(vma_node_slot(node, level, i));
}

/* Where slot @i of a node that ends at @end ends: a full node has no pivot for its last slot. */
static inline unsigned long vma_node_end(struct vma_node *node, unsigned level, unsigned i,
					 unsigned long end)
{
	if (i + 1 == vma_node_slots(level))
		return end;
	return arch_read_once(vma_node_pivot(node, level, i));
}

/* The largest gap below an inner node. */
static inline unsigned long vma_node_gap(struct vma_node *node)
{
	unsigned i, nr = vma_node_count(node);
	unsigned long max = 0;

	for (i = 0; i < nr; i++) {
		unsigned long gap = arch_read_once(&node->inner.gap[i]);

		if (gap > max)
			max = gap;
	}
	return max;
}

/* Chain @node in front of @next through its state, which readers ask for the dead mark only. */
static inline void vma_node_chain(struct vma_node *node, struct vma_node *next)
{
	uintptr_t flags = arch_read_once(&node->state) & VMA_NODE_MASK;

	arch_write_once(&node->state, (uintptr_t)next | flags);
}

static inline struct vma_node *vma_node_next(const struct vma_node *node)
{
	return vma_node_of((void *)arch_read_once(&node->state));
}

/* Mark the chained @nodes dead and free them after a grace period; returns how many. Nothing that a
 * reader can find from now on may lead to them. */
unsigned vma_node_retire(struct vma_node *nodes, struct kmem_cache *cache);

#endif
