/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list_lru: lists of things that can be reclaimed, one per node and group, oldest first
 * (mm/list_lru.c). "No group", the root and everything on a list_lru without a tree use the node's
 * root list.
 *
 * An item is on the list of its group, or of the next group above that is online: when a group goes
 * offline its list is spliced to the head of its parent's and is dead from then on; who comes to a
 * dead list goes on to the parent's. An item that is on no list is linked to itself.
 *
 * Counts: whoever links or unlinks an item changes the count of the list and that of the node, in
 * one place and under the list's lock; return codes of callbacks change none. So a list's count is
 * its length whenever its lock is free, and a node's is the sum of its lists' whenever all are.
 * (In the kernel isolate lowers only the list's count and the walker the node's, by the return
 * code; with a callback that frees through list_lru_del() the latter sinks twice.)
 *
 * Locks: one per list as from 6.13, or one per node for all groups as before, chosen at
 * list_lru_init(). Lock order: a group's list, then its parent's; tree->lock is inside.
 *
 * Functions that take a memcg want it kept by a reference or by RCU.
 * Callers are registered with RCU.
 */
#ifndef PFT_BASE_LIST_LRU_H
#define PFT_BASE_LIST_LRU_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/list.h"
#include "pft/base/memcg.h"
#include "pft/base/rcu.h"
#include "pft/base/spinlock.h"

/* What a callback did with its item, and what the walker does then. */
enum lru_status {
	LRU_REMOVED, /* took it off the list: goes on */
	LRU_REMOVED_RETRY, /* the same, and may have dropped the lock: starts again at the head */
	LRU_ROTATE, /* used recently: moves it to the tail, goes on */
	LRU_SKIP, /* cannot be reclaimed: goes on */
	LRU_RETRY, /* may have dropped the lock, nothing removed: starts again at the head */
	LRU_STOP, /* may have dropped the lock: ends the walk */
};

enum list_lru_locking {
	LIST_LRU_LOCK_LIST, /* 6.13+ */
	LIST_LRU_LOCK_NODE, /* up to 6.12 */
};

/* One list. */
struct list_lru_one {
	struct list_head list;
	long nr_items; /* LIST_LRU_DEAD: reparented; others may look */
	struct spinlock *lock; /* own, or the node's; guards the list and its items' links */
	struct spinlock own;
	struct list_lru_node *node;
	struct memcg *memcg; /* NULL: of a list_lru without groups */
} __attribute__((aligned(ARCH_PAIR)));

#define LIST_LRU_DEAD LONG_MIN

struct list_lru_node {
	struct list_lru_one root;
	long nr_items __attribute__((aligned(ARCH_PAIR))); /* of all lists of the node */
	struct spinlock lock; /* of all its lists, with LIST_LRU_LOCK_NODE */
};

/* A group's lists. */
struct list_lru_memcg {
	struct rcu_head rcu;
	struct list_lru_one nodes[];
};

struct list_lru {
	struct list_lru_node *nodes;
	unsigned nr_nodes;
	enum list_lru_locking locking;
	unsigned shrinker; /* bit of lruvec.shrinkers */
	struct memcg_tree *tree; /* NULL: no groups */
	struct list_lru_memcg **memcgs; /* [MEMCG_MAX] by id, under RCU */
	struct spinlock lock; /* what is put into memcgs[]; inside registry_lock */
	struct list_head link; /* of tree->lrus */
};

/* A walk: the callback is called with the lock of @list held. Before it drops the lock it says so by
 * list_lru_drop(), and returns without it; @item and all that it saw of the list may be gone then. */
struct list_lru_walk {
	enum lru_status (*isolate)(struct list_lru_walk *walk, struct list_lru_one *list,
				   struct list_head *item);
	bool dropped; /* for list_lru_drop() */
};

/* Make the lists of @nr_nodes nodes, for the groups of @tree (NULL: none). 0, -ENOMEM, -ENOSPC: the
 * tree has 64 list_lrus. */
int list_lru_init(struct list_lru *lru, struct memcg_tree *tree, unsigned nr_nodes,
		  enum list_lru_locking locking) __attribute__((warn_unused_result));

/* list_lru_destroy(): the lists must be empty, else it is a BUG; nobody is inside. */
void list_lru_release(struct list_lru *lru);

/* memcg_list_lru_allocated(): whether @memcg, and so all above it, have their lists. Under RCU. */
bool memcg_list_lru_allocated(const struct memcg *memcg, const struct list_lru *lru);

/* memcg_list_lru_alloc(): make the lists of @memcg and of the groups above it where they lack, as
 * reparenting needs those; before the first list_lru_add() for @memcg. 0 or -ENOMEM. The caller has
 * a reference to @memcg and no lock; it may go offline meanwhile. */
int memcg_list_lru_alloc(struct memcg *memcg, struct list_lru *lru)
	__attribute__((warn_unused_result));

/* Append @item to the tail if it is on no list; true if it was not. */
bool list_lru_add(struct list_lru *lru, struct list_head *item, unsigned node, struct memcg *memcg);

/* Take @item off its list if it is on one; true if it was. */
bool list_lru_del(struct list_lru *lru, struct list_head *item, unsigned node, struct memcg *memcg);

/* For callbacks, with the lock of @list held: take @item off, or onto a private list. */
void list_lru_isolate(struct list_lru_one *list, struct list_head *item);
void list_lru_isolate_move(struct list_lru_one *list, struct list_head *item,
			   struct list_head *head);

/* For callbacks that have dropped the lock and could not use the item: back to the tail. Since
 * isolating lowers both counts, this is adding. */
static inline void list_lru_putback(struct list_lru *lru, struct list_head *item, unsigned node,
				    struct memcg *memcg)
{
	list_lru_add(lru, item, node, memcg);
}

/* For callbacks: drop the lock. */
static inline void list_lru_drop(struct list_lru_walk *walk, struct list_lru_one *list)
{
	walk->dropped = true;
	spin_unlock(list->lock);
}

/* Call back for the items of the list of @memcg from the head on, until *@nr_to_walk calls are made
 * or the list has ended; *@nr_to_walk goes down before each. Returns how many were removed. Stops if
 * @memcg goes offline: what it had is its parent's then. The caller has a reference to @memcg. */
unsigned long list_lru_walk_one(struct list_lru *lru, unsigned node, struct memcg *memcg,
				struct list_lru_walk *walk, unsigned long *nr_to_walk);

/* The same over the node's root list, then those of all groups. */
unsigned long list_lru_walk_node(struct list_lru *lru, unsigned node, struct list_lru_walk *walk,
				 unsigned long *nr_to_walk);

/* Items of one list or of all of the node, without a lock; a list that lacks has none. */
unsigned long list_lru_count_one(struct list_lru *lru, unsigned node, struct memcg *memcg);
unsigned long list_lru_count_node(const struct list_lru *lru, unsigned node);

/* For memcg.c: memcg_reparent_list_lrus(). Under registry_lock, @memcg is offline. */
void list_lru_reparent(struct list_lru *lru, struct memcg *memcg);

/* Each count against the lengths of the lists; BUG() if one is wrong. Nobody may be inside. */
void list_lru_check(struct list_lru *lru);

#endif
