/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/list_lru.h"

#include "common/say.h"

/* The one owner of both counts: called with the list's lock, by who has just (un)linked. With a lock
 * per node that guards the node's count too; else it is the kernel's atomic_long_t. */
static void account(struct list_lru_one *list, long nr)
{
	struct list_lru_node *node = list->node;

	arch_write_once(&list->nr_items, list->nr_items + nr);
	if (list->lock == &node->lock)
		arch_write_once(&node->nr_items, node->nr_items + nr);
	else
		arch_xadd_relaxed(&node->nr_items, nr);
}

/* list_lru_from_memcg_idx(): NULL if the group has no lists (yet, or any more). Under RCU. */
static struct list_lru_one *list_of(struct list_lru *lru, unsigned node, const struct memcg *memcg)
{
	struct list_lru_memcg *lists;

	if (!lru->memcgs || !memcg || !memcg->parent)
		return &lru->nodes[node].root;
	lists = rcu_dereference(lru->memcgs[memcg->id]);
	return lists ? &lists->nodes[node] : NULL;
}

/* Lock the list unless it was reparented; RCU has kept it until then, the lock does from here on. */
static bool lock_unless_dead(struct list_lru_one *list)
{
	spin_lock(list->lock);
	if (likely(list->nr_items != LIST_LRU_DEAD))
		return true;
	spin_unlock(list->lock);
	return false;
}

/* lock_list_lru_of_memcg(): the list where the items of @memcg are, locked; @climb: where it has gone
 * offline, that of a group above. Else NULL, as for a group that never had lists. */
static struct list_lru_one *lock_list(struct list_lru *lru, unsigned node, struct memcg *memcg,
				      bool climb)
{
	struct list_lru_one *list;

	rcu_read_lock();
	for (;;) {
		list = list_of(lru, node, memcg);
		if (likely(list) && lock_unless_dead(list))
			break;
		list = NULL;
		/* Offline: it was so before its lists were taken away, with release. */
		if (!climb || memcg_online(memcg))
			break;
		memcg = memcg->parent;
	}
	rcu_read_unlock();
	return list;
}

bool list_lru_add(struct list_lru *lru, struct list_head *item, unsigned node, struct memcg *memcg)
{
	struct list_lru_one *list = lock_list(lru, node, memcg, true);
	bool added;

	if (!list)
		BUG("group %u has no lists to add to", memcg->id);
	added = list_empty(item);
	if (added) {
		list_add_tail(item, &list->list);
		if (!list->nr_items && list->memcg)
			memcg_shrinker_set(list->memcg, node, lru->shrinker);
		account(list, 1);
	}
	spin_unlock(list->lock);
	return added;
}

bool list_lru_del(struct list_lru *lru, struct list_head *item, unsigned node, struct memcg *memcg)
{
	struct list_lru_one *list = lock_list(lru, node, memcg, true);
	bool removed;

	if (!list) /* then it was never added */
		return false;
	removed = !list_empty(item);
	if (removed)
		list_lru_isolate(list, item);
	spin_unlock(list->lock);
	return removed;
}

void list_lru_isolate(struct list_lru_one *list, struct list_head *item)
{
	list_del_init(item);
	account(list, -1);
}

void list_lru_isolate_move(struct list_lru_one *list, struct list_head *item,
			   struct list_head *head)
{
	list_move(item, head);
	account(list, -1);
}

/* Whether the walk may go on in the list as it was. */
static bool check_status(const struct list_lru_walk *walk, enum lru_status status)
{
	bool retry = status == LRU_RETRY || status == LRU_REMOVED_RETRY;

	if (walk->dropped && !retry && status != LRU_STOP)
		BUG("a callback dropped a list's lock and returned %u", status);
	return !retry;
}

/* Walk the locked list until a callback wants another start (true), or the end; unlocks it, unless
 * a callback has done so. */
static bool walk_locked(struct list_lru_one *list, struct list_lru_walk *walk,
			unsigned long *nr_to_walk, unsigned long *removed)
{
	struct list_head *item, *next;
	enum lru_status status;
	bool again = false;

	list_for_each_safe(item, next, &list->list)
	{
		if (!*nr_to_walk)
			break;
		--*nr_to_walk; /* before the call: all-RETRY must end too */
		status = walk->isolate(walk, list, item);
		*removed += status == LRU_REMOVED || status == LRU_REMOVED_RETRY;
		again = !check_status(walk, status);
		if (again || status == LRU_STOP)
			break;
		if (status == LRU_ROTATE)
			list_move_tail(item, &list->list);
	}
	if (!walk->dropped)
		spin_unlock(list->lock);
	return again;
}

unsigned long list_lru_walk_one(struct list_lru *lru, unsigned node, struct memcg *memcg,
				struct list_lru_walk *walk, unsigned long *nr_to_walk)
{
	unsigned long removed = 0;
	struct list_lru_one *list;

	do {
		walk->dropped = false;
		/* Once more from the table: the list may have been reparented meanwhile. */
		list = lock_list(lru, node, memcg, false);
	} while (list && walk_locked(list, walk, nr_to_walk, &removed) && *nr_to_walk);
	return removed;
}

/* A reference to the group of @id, or NULL. */
static struct memcg *get_group(struct memcg_tree *tree, uint32_t id)
{
	struct memcg *memcg;

	rcu_read_lock();
	memcg = memcg_of_id(tree, id);
	if (memcg && !memcg_tryget(memcg))
		memcg = NULL;
	rcu_read_unlock();
	return memcg;
}

unsigned long list_lru_walk_node(struct list_lru *lru, unsigned node, struct list_lru_walk *walk,
				 unsigned long *nr_to_walk)
{
	unsigned long removed = list_lru_walk_one(lru, node, NULL, walk, nr_to_walk);
	struct memcg *memcg;
	uint32_t id;

	for (id = 1; lru->memcgs && id < MEMCG_MAX && *nr_to_walk; id++) {
		memcg = get_group(lru->tree, id);
		if (!memcg)
			continue;
		removed += list_lru_walk_one(lru, node, memcg, walk, nr_to_walk);
		memcg_put(memcg, 1);
	}
	return removed;
}

unsigned long list_lru_count_one(struct list_lru *lru, unsigned node, struct memcg *memcg)
{
	struct list_lru_one *list;
	long nr;

	rcu_read_lock();
	list = list_of(lru, node, memcg);
	nr = list ? arch_read_once(&list->nr_items) : 0;
	rcu_read_unlock();
	return nr > 0 ? (unsigned long)nr : 0; /* LIST_LRU_DEAD is below 0 */
}

unsigned long list_lru_count_node(const struct list_lru *lru, unsigned node)
{
	long nr = arch_read_once(&lru->nodes[node].nr_items);

	return nr > 0 ? (unsigned long)nr : 0;
}
