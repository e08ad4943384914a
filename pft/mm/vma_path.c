/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_path: ways through a vma_index. */
#include "pft/mm/vma_path.h"

/* Set at[level] from slot @slot of at[level + 1]. */
static void descend(struct vma_path *path, unsigned level, unsigned slot)
{
	struct vma_node *above = path->at[level + 1].node;
	struct vma_range range = path->at[level + 1].range;

	path->at[level + 1].slot = slot;
	if (slot)
		range.start = vma_node_end(above, level + 1, slot - 1, range.end);
	range.end = vma_node_end(above, level + 1, slot, range.end);
	path->at[level].node = vma_node_of(vma_node_get(above, level + 1, slot));
	path->at[level].range = range;
}

void vma_path_find(struct vma_path *path, const struct vma_index *index, unsigned long addr)
{
	void *root = arch_read_once(&index->root);
	unsigned level;

	path->levels = root ? vma_node_level(root) + 1 : 0;
	if (!root)
		return;
	level = path->levels - 1;
	path->at[level].node = vma_node_of(root);
	path->at[level].range = (struct vma_range){0, ULONG_MAX};
	while (level) {
		struct vma_range range;
		unsigned slot = vma_node_scan(path->at[level].node->inner.pivot,
					      VMA_INNER_SLOTS - 1, addr, &range);

		descend(path, --level, slot);
	}
	path->at[0].slot = 0;
}

unsigned vma_path_sibling(const struct vma_path *path, unsigned level, bool right)
{
	struct vma_node *above;
	unsigned slot;

	if (level + 1 >= path->levels)
		return 0;
	above = path->at[level + 1].node;
	slot = path->at[level + 1].slot;
	if (right ? slot + 1 == vma_node_count(above) : !slot)
		return 0;
	slot += right ? 1 : -1;
	return vma_node_count(vma_node_of(vma_node_get(above, level + 1, slot)));
}

bool vma_path_step(struct vma_path *path, unsigned level, bool right)
{
	unsigned top = level;

	while (!vma_path_sibling(path, top, right)) {
		if (++top >= path->levels)
			return false;
	}
	descend(path, top, path->at[top + 1].slot + (right ? 1 : -1));
	while (top-- > level)
		descend(path, top, right ? 0 : vma_node_count(path->at[top + 1].node) - 1);
	return true;
}
