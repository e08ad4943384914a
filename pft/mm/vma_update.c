/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_update: building the nodes that take the place of others in a vma_index.
 *
 * An update lists the slots that the leaves around the range shall hold, cuts the list into new
 * leaves, and goes on one level up with the list of their references between the siblings that
 * stay. It stops where one new node takes the place of one old node: that slot of the level above
 * is the store of commit(); else at the root. A list too short for a node takes in a neighbour
 * first. So the new nodes are at most those of the path, twice, and what the range itself covered.
 */
#include "pft/mm/vma_update.h"

#include <errno.h>
#include <string.h>

#include "common/say.h"
#include "pft/base/slab.h"
#include "pft/mm/vma_path.h"

/* One slot to be: of a leaf, or of an inner node. */
struct item {
	unsigned long end;
	void *p; /* entry or NULL; reference */
	unsigned long gap; /* largest gap in it */
};

enum {
	/* Left leaf, pieces and gaps between, right leaf, and three neighbours. */
	ITEMS = 5 * VMA_LEAF_SLOTS + 2 * VMA_INDEX_PIECES + 1,
	REFS = ITEMS / (VMA_LEAF_SLOTS - 1) + 1,
};

/* The slots to be of one level, side by side from start to end. */
struct items {
	unsigned long start;
	unsigned long end;
	unsigned nr;
	struct item item[ITEMS];
};

/* The node of a dead.rcu: after the grace period. */
static void node_free_rcu(struct rcu_head *rcu)
{
	struct vma_node *node = container_of(rcu, struct vma_node, dead.rcu);

	kmem_cache_free(arch_read_once(&node->dead.cache), node);
}

unsigned vma_node_retire(struct vma_node *nodes, struct kmem_cache *cache)
{
	struct vma_node *node, *next;
	unsigned nr = 0;

	for (node = nodes; node; node = vma_node_next(node))
		arch_write_once(&node->state, arch_read_once(&node->state) | VMA_NODE_DEAD);
	/* The marks before what lies over the pivots: a reader whose acquire load of a pivot saw
	 * the rcu_head sees the mark. */
	arch_wmb();
	for (node = nodes; node; node = next, nr++) {
		next = vma_node_next(node);
		arch_write_once(&node->dead.cache, cache);
		call_rcu(&node->dead.rcu, node_free_rcu);
	}
	return nr;
}

static void add_item(struct items *items, unsigned long end, void *p, unsigned long gap)
{
	if (items->nr >= ITEMS)
		BUG("an update of more than %d slots", ITEMS);
	items->item[items->nr++] = (struct item){end, p, gap};
	items->end = end;
}

/* Add the slot of a leaf that goes on to @end, unless it is empty; gaps that touch become one. */
static void add_range(struct items *items, unsigned long end, void *entry)
{
	unsigned long length = end - items->end;

	if (end <= items->end)
		return;
	if (!entry && items->nr && !items->item[items->nr - 1].p) {
		items->item[items->nr - 1].end = end;
		items->item[items->nr - 1].gap += length;
		items->end = end;
		return;
	}
	add_item(items, end, entry, entry ? 0 : length);
}

/* Add what slots @from..@to-1 of path->at[level] hold, as far as it lies below @limit. */
static void add_slots(struct items *items, const struct vma_path *path, unsigned level,
		      unsigned from, unsigned to, unsigned long limit)
{
	struct vma_node *node = path->at[level].node;
	unsigned i;

	for (i = from; i < to && items->end < limit; i++) {
		unsigned long end = vma_node_end(node, level, i, path->at[level].range.end);
		void *p = vma_node_get(node, level, i);

		if (level)
			add_item(items, end, p, arch_read_once(&node->inner.gap[i]));
		else
			add_range(items, end < limit ? end : limit, p);
	}
}

static void add_node(struct items *items, const struct vma_path *path, unsigned level)
{
	add_slots(items, path, level, 0, vma_node_count(path->at[level].node), ULONG_MAX);
}

/* List the leaf slots from the leaf of @left to the leaf of @right with the pieces in the range. */
static void list_leaves(struct items *items, const struct vma_path *left,
			const struct vma_path *right, struct vma_range range,
			const struct vma_index_piece *pieces, unsigned nr)
{
	unsigned i;

	items->nr = 0;
	items->start = items->end = left->levels ? left->at[0].range.start : 0;
	if (left->levels)
		add_slots(items, left, 0, 0, vma_node_count(left->at[0].node), range.start);
	else
		add_range(items, range.start, NULL);
	for (i = 0; i < nr; i++) {
		if (!pieces[i].entry || pieces[i].start < items->end ||
		    pieces[i].start >= pieces[i].end || pieces[i].end > range.end)
			BUG("piece %u is empty, out of order or outside its update", i);
		add_range(items, pieces[i].start, NULL);
		add_range(items, pieces[i].end, pieces[i].entry);
	}
	add_range(items, range.end, NULL);
	if (right->levels)
		add_node(items, right, 0);
	else
		add_range(items, ULONG_MAX, NULL);
}

/* List the children of the nodes from @left to @right with the new nodes, all there is in @items,
 * among them. */
static void list_children(struct items *items, const struct vma_path *left,
			  const struct vma_path *right, unsigned level)
{
	struct vma_node *node = right->at[level].node;
	struct item refs[REFS];
	unsigned i, nr = items->nr;

	memcpy(refs, items->item, nr * sizeof(*refs));
	items->nr = 0;
	items->start = items->end = left->at[level].range.start;
	add_slots(items, left, level, 0, left->at[level].slot, ULONG_MAX);
	for (i = 0; i < nr; i++)
		add_item(items, refs[i].end, refs[i].p, refs[i].gap);
	add_slots(items, right, level, right->at[level].slot + 1, vma_node_count(node), ULONG_MAX);
}

/* Whether the items are all there is on their level. */
static bool is_whole(const struct items *items)
{
	return items->start == 0 && items->end == ULONG_MAX;
}

/* Take in the node to the left. */
static void prepend(struct items *items, const struct vma_path *left, unsigned level)
{
	struct items rest = *items;
	unsigned i;

	items->nr = 0;
	items->start = items->end = left->at[level].range.start;
	add_node(items, left, level);
	for (i = 0; i < rest.nr; i++)
		add_item(items, rest.item[i].end, rest.item[i].p, rest.item[i].gap);
}

/* How many nodes @nr items make. A list of leaf slots is cut with one slot per leaf to spare,
 * because a cut behind a gap moves in front of it. */
static unsigned nodes_of(unsigned nr, unsigned level)
{
	unsigned slots = vma_node_slots(level), most = level ? slots : slots - 1;

	return nr <= slots ? 1 : (nr + most - 1) / most;
}

/* Whether a neighbour under the same parent has room for some of the items, so that there will be a
 * node less (mas_push_data()): without it nodes that fill up in order stay half empty. */
static bool saves_node(const struct items *items, const struct vma_path *path, unsigned level,
		       bool right)
{
	unsigned nr = vma_path_sibling(path, level, right), now = nodes_of(items->nr, level);

	return now > 1 && nr && nodes_of(items->nr + nr, level) == now;
}

/* Take in neighbours until the items can be cut into nodes by the rules: no leaf but the last ends
 * in a gap, no node but the root is too small. Neighbours under the same parent come first. */
static void take_neighbours(struct items *items, struct vma_path *left, struct vma_path *right,
			    unsigned level)
{
	unsigned min = level ? VMA_INNER_MIN : VMA_LEAF_MIN;

	if (!level && !items->item[items->nr - 1].p && vma_path_step(right, level, true))
		add_node(items, right, level);
	while (items->nr < min && !is_whole(items)) {
		bool to_left = vma_path_sibling(left, level, false) ||
			       (!vma_path_sibling(right, level, true) && items->start);

		if (to_left && vma_path_step(left, level, false)) {
			prepend(items, left, level);
		} else {
			vma_path_step(right, level, true);
			add_node(items, right, level);
		}
	}
	if (saves_node(items, left, level, false)) {
		vma_path_step(left, level, false);
		prepend(items, left, level);
	} else if (saves_node(items, right, level, true)) {
		vma_path_step(right, level, true);
		add_node(items, right, level);
	}
}

static unsigned long count_entries(const struct items *items)
{
	unsigned long nr = 0;
	unsigned i;

	for (i = 0; i < items->nr; i++)
		nr += items->item[i].p != NULL;
	return nr;
}

static unsigned long largest_gap(const struct item *item, unsigned nr)
{
	unsigned long max = 0;
	unsigned i;

	for (i = 0; i < nr; i++)
		max = item[i].gap > max ? item[i].gap : max;
	return max;
}

/* Build the node of @nr items; false if memory is short. */
static bool build_node(struct vma_index_update *update, unsigned level, const struct item *item,
		       unsigned nr, struct item *ref)
{
	struct vma_node *node = kmem_cache_alloc(update->index->nodes);
	unsigned i, slots = vma_node_slots(level);

	if (!node)
		return false;
	for (i = 0; i < slots; i++) {
		if (i + 1 < slots)
			*vma_node_pivot(node, level, i) = i < nr ? item[i].end : ULONG_MAX;
		*vma_node_slot(node, level, i) = i < nr ? item[i].p : NULL;
		if (level)
			node->inner.gap[i] = i < nr ? item[i].gap : 0;
	}
	node->state = nr;
	vma_node_chain(node, update->fresh);
	update->fresh = node;
	update->nodes++;
	*ref = (struct item){item[nr - 1].end, vma_node_ref(node, level), largest_gap(item, nr)};
	return true;
}

/* Cut the items into nodes of about equal size and put their references in place of the items. */
static bool build_level(struct vma_index_update *update, unsigned level, struct items *items)
{
	unsigned i, from = 0, nodes = nodes_of(items->nr, level);

	for (i = 0; i < nodes; i++) {
		unsigned to = items->nr * (i + 1) / nodes;
		struct item ref;

		if (!level && to < items->nr && !items->item[to - 1].p)
			to--;
		if (!build_node(update, level, items->item + from, to - from, &ref))
			return false;
		items->item[i] = ref; /* i <= from: that item is in a node by now */
		from = to;
	}
	items->nr = nodes;
	return true;
}

/* Put a node on the list of those to retire. */
static void add_old(struct vma_index_update *update, struct vma_node *node, unsigned level)
{
	unsigned i, nr = vma_node_count(node);

	vma_node_chain(node, update->old);
	update->old = node;
	update->nodes--;
	for (i = 0; !level && i < nr; i++)
		update->count -= vma_node_get(node, 0, i) != NULL;
}

/* All nodes from @left to @right on one level. */
static void add_old_level(struct vma_index_update *update, const struct vma_path *left,
			  const struct vma_path *right, unsigned level)
{
	struct vma_node *last = right->at[level].node;
	struct vma_path path;

	add_old(update, left->at[level].node, level);
	if (left->at[level].node == last)
		return;
	path = *left;
	do {
		vma_path_step(&path, level, true);
		add_old(update, path.at[level].node, level);
	} while (path.at[level].node != last);
}

/* The update is to store @what to @where, a slot of path->at[level] or the root. */
static void publish_at(struct vma_index_update *update, const struct vma_path *path, unsigned level,
		       void **where, void *what, unsigned long gap)
{
	update->where = where;
	update->what = what;
	update->gap = gap;
	for (; level < path->levels; level++) {
		update->path[update->above] = path->at[level].node;
		update->slot[update->above++] = path->at[level].slot;
	}
}

/* An update that leaves the ranges as they are and changes one entry at most needs no new node. */
static bool prepare_in_place(struct vma_index_update *update, const struct vma_path *left,
			     const struct vma_path *right, const struct items *items)
{
	struct vma_node *leaf = left->levels ? left->at[0].node : NULL;
	unsigned i, changed = 0, changes = 0;
	void *old;

	if (!leaf || leaf != right->at[0].node || items->nr != vma_node_count(leaf))
		return false;
	for (i = 0; i < items->nr; i++) {
		if (items->item[i].end != vma_node_end(leaf, 0, i, items->end))
			return false;
		if (items->item[i].p != vma_node_get(leaf, 0, i)) {
			changed = i;
			changes++;
		}
	}
	if (changes > 1)
		return false;
	old = vma_node_get(leaf, 0, changed);
	publish_at(update, left, 1, &leaf->leaf.slot[changed], items->item[changed].p,
		   largest_gap(items->item, items->nr));
	update->count = update->count + !!items->item[changed].p - !!old;
	return true;
}

/* Build level by level until one store does it; false if memory is short. */
static bool prepare_nodes(struct vma_index_update *update, struct vma_path *left,
			  struct vma_path *right, struct items *items)
{
	unsigned level, levels = left->levels;

	update->count += count_entries(items);
	for (level = 0; level < levels || items->nr > 1 || !level; level++) {
		if (level >= VMA_INDEX_LEVELS)
			BUG("an index of more than %d levels", VMA_INDEX_LEVELS);
		if (level < levels) {
			if (level)
				take_neighbours(items, left, right, level);
			add_old_level(update, left, right, level);
		}
		/* One child, or one gap, that is all there is needs no node above it. */
		if (!(is_whole(items) && items->nr == 1 && (level || !items->item[0].p)) &&
		    !build_level(update, level, items))
			return false;
		if (level + 1 >= levels)
			continue;
		if (items->nr == 1 && left->at[level + 1].node == right->at[level + 1].node &&
		    left->at[level + 1].slot == right->at[level + 1].slot) {
			publish_at(update, left, level + 1,
				   &left->at[level + 1].node->inner.slot[left->at[level + 1].slot],
				   items->item[0].p, items->item[0].gap);
			return true;
		}
		list_children(items, left, right, level + 1);
	}
	publish_at(update, left, levels, &update->index->root, items->item[0].p, 0);
	return true;
}

int vma_index_prepare(struct vma_index_update *update, struct vma_index *index, unsigned long start,
		      unsigned long end, const struct vma_index_piece *pieces, unsigned nr)
{
	struct vma_path left, right;
	struct items items;

	if (start >= end || nr > VMA_INDEX_PIECES)
		BUG("update of [%lx, %lx) with %u pieces", start, end, nr);
	*update = (struct vma_index_update){.index = index, .count = index->count};
	vma_path_find(&left, index, start);
	vma_path_find(&right, index, end - 1);
	list_leaves(&items, &left, &right, (struct vma_range){start, end}, pieces, nr);
	if (left.levels)
		take_neighbours(&items, &left, &right, 0);
	if (prepare_in_place(update, &left, &right, &items) ||
	    prepare_nodes(update, &left, &right, &items))
		return 0;
	vma_index_abort(update);
	return -ENOMEM;
}

void vma_index_abort(struct vma_index_update *update)
{
	while (update->fresh) {
		struct vma_node *node = update->fresh;

		update->fresh = vma_node_next(node);
		kmem_cache_free(update->index->nodes, node);
	}
}

void vma_index_commit(struct vma_index_update *update)
{
	struct vma_index *index = update->index;
	unsigned long gap = update->gap;
	unsigned i;

	/* Release: a reader that finds a new node finds it filled. */
	arch_store_release(update->where, update->what);
	for (i = 0; i < update->above; i++) {
		unsigned long *at = &update->path[i]->inner.gap[update->slot[i]];

		if (arch_read_once(at) == gap)
			break;
		arch_write_once(at, gap);
		gap = vma_node_gap(update->path[i]);
	}
	index->count = update->count;
	index->nr_nodes += update->nodes;
	vma_node_retire(update->old, index->nodes);
}

/* Put the node @ref and all below on the list of those to retire. */
static void add_old_tree(struct vma_index_update *update, void *ref)
{
	struct vma_node *node = vma_node_of(ref);
	unsigned i, level = vma_node_level(ref), nr = vma_node_count(node);

	for (i = 0; level && i < nr; i++)
		add_old_tree(update, vma_node_get(node, level, i));
	add_old(update, node, level);
}

void vma_index_release(struct vma_index *index)
{
	struct vma_index_update update = {
		.index = index, .count = index->count, .where = &index->root};

	if (index->root)
		add_old_tree(&update, index->root);
	vma_index_commit(&update);
}

int vma_index_replace(struct vma_index *index, unsigned long start, unsigned long end,
		      const struct vma_index_piece *pieces, unsigned nr)
{
	struct vma_index_update update;

	if (vma_index_prepare(&update, index, start, end, pieces, nr))
		return -ENOMEM;
	vma_index_commit(&update);
	return 0;
}

int vma_index_store(struct vma_index *index, unsigned long start, unsigned long end, void *entry)
{
	struct vma_index_piece piece = {start, end, entry};

	return vma_index_replace(index, start, end, &piece, 1);
}

int vma_index_erase(struct vma_index *index, unsigned long start, unsigned long end)
{
	return vma_index_replace(index, start, end, NULL, 0);
}
