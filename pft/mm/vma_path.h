/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_path: the way from the root of a vma_index down to a leaf, for writers, who need the nodes
 * above and beside; the nodes do not point upwards. */
#ifndef PFT_MM_VMA_PATH_H
#define PFT_MM_VMA_PATH_H

#include "pft/mm/vma_node.h"

struct vma_path {
	unsigned levels; /* of the tree: 0 if it is empty; at[levels - 1] is the root */
	struct {
		struct vma_node *node;
		unsigned slot; /* in at[level] that leads to at[level - 1]; none in a leaf */
		struct vma_range range; /* that the node covers */
	} at[VMA_INDEX_LEVELS];
};

/* The path to the leaf that covers @addr. */
void vma_path_find(struct vma_path *path, const struct vma_index *index, unsigned long addr);

/* Move at[level] to the node right, or left, of it on its level, and at[] above accordingly; what
 * is below @level is void then. False, with nothing changed, if there is none. */
bool vma_path_step(struct vma_path *path, unsigned level, bool right);

/* How many slots that node has if it is under the same parent, else 0. */
unsigned vma_path_sibling(const struct vma_path *path, unsigned level, bool right);

#endif
