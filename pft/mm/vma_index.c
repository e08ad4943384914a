/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_index: looking up neighbours and gaps. */
#include "pft/mm/vma_index.h"

#include <errno.h>

#include "common/say.h"
#include "pft/mm/vma_node.h"
#include "pft/mm/vma_walk.h"

void vma_index_init(struct vma_index *index, struct kmem_cache *nodes)
{
	*index = (struct vma_index){.nodes = nodes};
}

void *vma_index_find_next(const struct vma_index *index, unsigned long addr,
			  struct vma_range *range)
{
	struct vma_walk walk;
	void *entry;

	vma_walk_init(&walk, index, addr);
	entry = vma_walk_next(&walk);
	*range = walk.range;
	return entry;
}

void *vma_index_find_prev(const struct vma_index *index, unsigned long addr,
			  struct vma_range *range)
{
	void *entry;

	vma_index_find_range(index, addr, range);
	do {
		if (!range->start)
			return NULL;
		entry = vma_index_find_range(index, range->start - 1, range);
	} while (!entry);
	return entry;
}

/* Where a range of @size bytes is looked for. */
struct gap_search {
	unsigned long low, high; /* inside which */
	unsigned long size;
	bool down; /* the highest, not the lowest */
	unsigned long found; /* its first byte */
};

/* Whether the gap @range has room inside the limits. */
static bool gap_fits(struct gap_search *search, struct vma_range range)
{
	unsigned long start = range.start > search->low ? range.start : search->low;
	unsigned long end = range.end < search->high ? range.end : search->high;

	if (start >= end || end - start < search->size)
		return false;
	search->found = search->down ? end - search->size : start;
	return true;
}

/* Look through the node @ref, which covers @bounds; only the subtrees at the two limits can
 * disappoint. */
static bool gap_find(struct gap_search *search, void *ref, struct vma_range bounds)
{
	struct vma_node *node = vma_node_of(ref);
	unsigned i, level = vma_node_level(ref), nr = vma_node_count(node);

	for (i = 0; i < nr; i++) {
		unsigned slot = search->down ? nr - 1 - i : i;
		struct vma_range range = bounds;
		void *p = vma_node_get(node, level, slot);

		if (slot)
			range.start = vma_node_end(node, level, slot - 1, bounds.end);
		range.end = vma_node_end(node, level, slot, bounds.end);
		if (range.start >= search->high || range.end <= search->low)
			continue;
		if (!level) {
			if (!p && gap_fits(search, range))
				return true;
		} else if (arch_read_once(&node->inner.gap[slot]) >= search->size) {
			if (gap_find(search, p, range))
				return true;
		}
	}
	return false;
}

static int empty_area(const struct vma_index *index, struct gap_search *search,
		      unsigned long *start)
{
	struct vma_range all = {0, ULONG_MAX};
	void *root = arch_read_once(&index->root);

	if (root ? !gap_find(search, root, all) : !gap_fits(search, all))
		return -ENOMEM;
	*start = search->found;
	return 0;
}

int vma_index_empty_area(const struct vma_index *index, unsigned long low, unsigned long high,
			 unsigned long size, unsigned long *start)
{
	struct gap_search search = {.low = low, .high = high, .size = size};

	return empty_area(index, &search, start);
}

int vma_index_empty_area_rev(const struct vma_index *index, unsigned long low, unsigned long high,
			     unsigned long size, unsigned long *start)
{
	struct gap_search search = {.low = low, .high = high, .size = size, .down = true};

	return empty_area(index, &search, start);
}

/* What a walk over the whole index adds up. */
struct check {
	unsigned long entries;
	unsigned long nodes;
	bool after_gap; /* the slot before was a gap */
};

static void check_slot(struct check *check, void *p, unsigned long length, unsigned long *gap)
{
	if (p) {
		check->entries++;
	} else {
		if (check->after_gap)
			BUG("two gaps touch");
		*gap = length > *gap ? length : *gap;
	}
	check->after_gap = !p;
}

/* Check the node @ref, which is to cover @bounds; returns its largest gap. */
static unsigned long check_node(struct check *check, void *ref, struct vma_range bounds)
{
	struct vma_node *node = vma_node_of(ref);
	unsigned i, level = vma_node_level(ref), nr = vma_node_count(node);
	bool root = bounds.start == 0 && bounds.end == ULONG_MAX;
	unsigned min = root ? (level ? 2 : 1) : (level ? VMA_INNER_MIN : VMA_LEAF_MIN);
	unsigned long gap = 0;

	check->nodes++;
	if (vma_node_dead(node))
		BUG("a dead node can be reached");
	if (nr < min || nr > vma_node_slots(level))
		BUG("a node of level %u has %u slots", level, nr);
	for (i = 0; i < vma_node_slots(level); i++) {
		unsigned long end = vma_node_end(node, level, i, bounds.end);
		void *p = vma_node_get(node, level, i);

		if (i >= nr) {
			if (p || (i + 1 < vma_node_slots(level) && end != ULONG_MAX))
				BUG("slot %u of %u is in use", i, nr);
			continue;
		}
		if (end <= bounds.start || end > bounds.end || (i + 1 == nr && end != bounds.end))
			BUG("slot %u ends at %lx in [%lx, %lx)", i, end, bounds.start, bounds.end);
		if (level) {
			unsigned long below;

			if (vma_node_level(p) != level - 1)
				BUG("a child of level %u below level %u", vma_node_level(p), level);
			below = check_node(check, p, (struct vma_range){bounds.start, end});
			if (below != arch_read_once(&node->inner.gap[i]))
				BUG("largest gap %lx is noted as %lx", below, node->inner.gap[i]);
			gap = below > gap ? below : gap;
		} else {
			check_slot(check, p, end - bounds.start, &gap);
		}
		bounds.start = end;
	}
	if (!level && check->after_gap && bounds.end != ULONG_MAX)
		BUG("a leaf ends in a gap at %lx", bounds.end);
	return gap;
}

void vma_index_check(const struct vma_index *index)
{
	struct check check = {0};
	void *root = arch_read_once(&index->root);

	if (root)
		check_node(&check, root, (struct vma_range){0, ULONG_MAX});
	if (root && !check.entries)
		BUG("an index without entries has nodes");
	if (check.entries != index->count || check.nodes != index->nr_nodes)
		BUG("%lu entries in %lu nodes are counted as %lu in %lu", check.entries,
		    check.nodes, index->count, index->nr_nodes);
}
