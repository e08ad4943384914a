/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_walk: entries in order. */
#include "pft/mm/vma_walk.h"

void *vma_walk_find(struct vma_walk *walk)
{
	const struct vma_node *leaf = walk->leaf;

	if (leaf && walk->addr - walk->bounds.start < walk->bounds.end - walk->bounds.start) {
		struct vma_range range = walk->bounds;
		unsigned i =
			vma_node_scan(leaf->leaf.pivot, VMA_LEAF_SLOTS - 1, walk->addr, &range);
		void *entry = arch_load_acquire(&leaf->leaf.slot[i]);

		if (likely(!vma_node_dead(leaf))) {
			walk->range = range;
			return entry;
		}
	}
	return vma_index_walk(walk->index, walk->addr, &walk->range, &walk->leaf, &walk->bounds);
}

void *vma_walk_next(struct vma_walk *walk)
{
	void *entry = NULL;

	while (!entry && walk->addr < ULONG_MAX) {
		entry = vma_walk_find(walk);
		walk->addr = walk->range.end;
	}
	return entry;
}
