/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_index: which entry covers an address. A B-tree over ranges in the spirit of the kernel's
 * maple tree in RCU mode: readers walk it under RCU and take no lock, writers are serialised by the
 * caller (mmap_lock held for write) and replace nodes instead of changing them.
 *
 * Shape. The leaves tile the whole address space 0..ULONG_MAX-1 with half-open ranges; a slot holds
 * an entry or NULL (a gap). Two NULL slots never touch, not even across leaves, because no leaf but
 * the last ends in NULL: so every gap lies in one leaf. Nodes have 256 bytes, as maple nodes: a
 * leaf has up to 16 slots, an inner node up to 10 children and the largest gap below each, which
 * only writers read. An empty index has no node.
 *
 * Reading. A reader sees each node as a whole, before or after an update, and each update happens
 * at one store: an address that is mapped before and after it (split, merge) is never seen
 * unmapped. A node that was replaced is marked dead before its first words turn into an rcu_head; a
 * reader looks for the mark after it has read what it needs from a node, and starts over at the
 * root if it is set (mte_dead_node()). Entries are opaque: keeping them alive is the caller's
 * matter, as for mas_walk().
 *
 * Writing: vma_update.h.
 */
#ifndef PFT_MM_VMA_INDEX_H
#define PFT_MM_VMA_INDEX_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/rcu.h"

struct kmem_cache;

enum {
	VMA_LEAF_SLOTS = 16,
	VMA_INNER_SLOTS = 10,
	VMA_LEAF_MIN = 7, /* fewest slots of a node that is not the root: the maple tree's rule */
	VMA_INNER_MIN = 4,
	VMA_INDEX_LEVELS = 12, /* deepest tree: over 10^7 slots even at the fewest per node */
	VMA_NODE_SIZE = 256, /* bytes and alignment of a node: what the kmem_cache must give */
};

/* One node. While it is reachable only its slots and gaps are stored to; see vma_node.h. */
struct vma_node {
	uintptr_t state; /* number of slots, VMA_NODE_DEAD, and a chain for the writer */
	union {
		/* pivot[i] is the end of slot i; beyond the last slot it is ULONG_MAX. */
		struct {
			unsigned long pivot[VMA_LEAF_SLOTS - 1];
			void *slot[VMA_LEAF_SLOTS];
		} leaf;
		struct {
			unsigned long pivot[VMA_INNER_SLOTS - 1];
			void *slot[VMA_INNER_SLOTS]; /* node | level of that node */
			unsigned long gap[VMA_INNER_SLOTS];
		} inner;
		/* Of a dead node: lies over the first pivots. */
		struct {
			struct rcu_head rcu;
			struct kmem_cache *cache;
		} dead;
	};
};

enum {
	VMA_NODE_COUNT = 0x1f, /* in state: slots in use */
	VMA_NODE_DEAD = 0x20, /* in state: replaced; contents are no longer to be trusted */
	VMA_NODE_MASK = VMA_NODE_SIZE - 1, /* bits of a reference that are not the address */
};

struct vma_index {
	void *root; /* node | its level, leaves being level 0; NULL if empty */
	struct kmem_cache *nodes;
	/* The writer's: */
	unsigned long count; /* ranges that hold an entry */
	unsigned long nr_nodes; /* reachable nodes */
};

/* A range [start, end). */
struct vma_range {
	unsigned long start;
	unsigned long end;
};

/* An empty index whose nodes come from @nodes: objects of VMA_NODE_SIZE bytes, so aligned. */
void vma_index_init(struct vma_index *index, struct kmem_cache *nodes);

/* Free all nodes after a grace period; the entries are the caller's. The index is empty then. */
void vma_index_release(struct vma_index *index);

/* --- reading: under RCU, or with mmap_lock held --- */

/* The slot among the first @nr pivots whose range covers @addr; narrows @range to it. The acquire
 * keeps the look at the state of the node behind all reads of it, pairs with the wmb in
 * vma_node_retire(); it costs nothing on x86. */
static inline unsigned vma_node_scan(const unsigned long *pivot, unsigned nr, unsigned long addr,
				     struct vma_range *range)
{
	unsigned i;

	for (i = 0; i < nr; i++) {
		unsigned long end = arch_load_acquire(&pivot[i]);

		if (addr < end) {
			range->end = end;
			break;
		}
		range->start = end;
	}
	return i;
}

/* Whether what was read of @node before is void. */
static inline bool vma_node_dead(const struct vma_node *node)
{
	return arch_read_once(&node->state) & VMA_NODE_DEAD;
}

/*
 * What covers @addr < ULONG_MAX: the entry, or NULL with the gap, and its range (mas_walk()). The
 * leaf that told is stored to *@leaf with its bounds, NULL for an empty index.
 */
static inline void *vma_index_walk(const struct vma_index *index, unsigned long addr,
				   struct vma_range *range, const struct vma_node **leaf,
				   struct vma_range *bounds)
{
	const struct vma_node *node;
	uintptr_t ref;
	void *entry;
	unsigned i;

restart:
	*range = (struct vma_range){0, ULONG_MAX};
	/* Acquire pairs with the publishing store in vma_index_commit(), here and for slots. */
	ref = (uintptr_t)arch_load_acquire(&index->root);
	for (;;) {
		node = (const struct vma_node *)(ref & ~(uintptr_t)VMA_NODE_MASK);
		if (!(ref & VMA_NODE_MASK))
			break;
		i = vma_node_scan(node->inner.pivot, VMA_INNER_SLOTS - 1, addr, range);
		ref = (uintptr_t)arch_load_acquire(&node->inner.slot[i]);
		if (unlikely(vma_node_dead(node)))
			goto restart;
	}
	*leaf = node;
	*bounds = *range;
	if (!node)
		return NULL;
	i = vma_node_scan(node->leaf.pivot, VMA_LEAF_SLOTS - 1, addr, range);
	entry = arch_load_acquire(&node->leaf.slot[i]);
	if (unlikely(vma_node_dead(node)))
		goto restart;
	return entry;
}

/* The entry that covers @addr, or NULL; its range, or the gap's, in *@range. */
static inline void *vma_index_find_range(const struct vma_index *index, unsigned long addr,
					 struct vma_range *range)
{
	const struct vma_node *leaf;
	struct vma_range bounds;

	return vma_index_walk(index, addr, range, &leaf, &bounds);
}

/* The entry that covers @addr < ULONG_MAX, or NULL. */
static inline void *vma_index_find(const struct vma_index *index, unsigned long addr)
{
	struct vma_range range;

	return vma_index_find_range(index, addr, &range);
}

/* The entry that covers @addr or else the next one above, with its range; NULL at the end. */
void *vma_index_find_next(const struct vma_index *index, unsigned long addr,
			  struct vma_range *range);

/* The last entry that ends at or below the start of what covers @addr (vma_prev()), with its range;
 * NULL if there is none. */
void *vma_index_find_prev(const struct vma_index *index, unsigned long addr,
			  struct vma_range *range);

/* The lowest, and the highest, @size bytes without an entry inside [@low, @high) (mas_empty_area(),
 * mas_empty_area_rev()). 0 with the first byte in *@start, or -ENOMEM. No writer may be at work. */
int vma_index_empty_area(const struct vma_index *index, unsigned long low, unsigned long high,
			 unsigned long size, unsigned long *start);
int vma_index_empty_area_rev(const struct vma_index *index, unsigned long low, unsigned long high,
			     unsigned long size, unsigned long *start);

/* Walk everything, BUG() on any broken invariant: order, fill, gaps, depth, counts, dead nodes. */
void vma_index_check(const struct vma_index *index);

#endif
