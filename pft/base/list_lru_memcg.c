/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the lists of a list_lru come and go: with it, with a group's first item, with its offline. */
#include <errno.h>

#include "common/say.h"
#include "pft/base/list_lru.h"
#include "pft/base/memory.h"

/* init_one_lru() */
static void one_init(struct list_lru *lru, struct list_lru_one *list, unsigned node,
		     struct memcg *memcg)
{
	list_init(&list->list);
	list->nr_items = 0;
	list->node = &lru->nodes[node];
	list->memcg = memcg;
	spin_lock_init(&list->own);
	list->lock = lru->locking == LIST_LRU_LOCK_NODE ? &list->node->lock : &list->own;
}

static void *alloc_zeroed(size_t size)
{
	return fault_inject_fails(&fault_inject_memcg, NULL) ? NULL : memory_alloc(size);
}

/* Put @lru among those of its tree, with a bit of its own. 0 or -ENOSPC. */
static int enter(struct list_lru *lru)
{
	struct memcg_tree *tree = lru->tree;
	int rc = 0;

	spin_lock(&tree->registry_lock);
	if (!~tree->shrinkers) {
		rc = -ENOSPC;
	} else {
		lru->shrinker = (unsigned)__builtin_ctzl(~tree->shrinkers);
		tree->shrinkers |= 1UL << lru->shrinker;
		list_add_tail(&lru->link, &tree->lrus);
	}
	spin_unlock(&tree->registry_lock);
	return rc;
}

static void leave(struct list_lru *lru)
{
	struct memcg_tree *tree = lru->tree;

	spin_lock(&tree->registry_lock);
	tree->shrinkers &= ~(1UL << lru->shrinker);
	list_del(&lru->link);
	spin_unlock(&tree->registry_lock);
}

int list_lru_init(struct list_lru *lru, struct memcg_tree *tree, unsigned nr_nodes,
		  enum list_lru_locking locking)
{
	unsigned node;
	int rc = 0;

	*lru = (struct list_lru){.nr_nodes = nr_nodes, .locking = locking, .tree = tree};
	spin_lock_init(&lru->lock);
	lru->nodes = alloc_zeroed(nr_nodes * sizeof(*lru->nodes));
	if (!lru->nodes)
		return -ENOMEM;
	for (node = 0; node < nr_nodes; node++) {
		spin_lock_init(&lru->nodes[node].lock);
		one_init(lru, &lru->nodes[node].root, node, tree ? tree->root : NULL);
	}
	if (tree) {
		lru->memcgs = alloc_zeroed(MEMCG_MAX * sizeof(*lru->memcgs));
		rc = lru->memcgs ? enter(lru) : -ENOMEM;
	}
	if (rc) {
		memory_free(lru->memcgs);
		memory_free(lru->nodes);
		lru->nodes = NULL;
	}
	return rc;
}

void list_lru_release(struct list_lru *lru)
{
	unsigned i;

	if (!lru->nodes)
		return;
	list_lru_check(lru);
	for (i = 0; i < lru->nr_nodes; i++)
		if (list_lru_count_node(lru, i))
			BUG("%lu items are left on lists of node %u", list_lru_count_node(lru, i),
			    i);
	if (lru->memcgs) {
		leave(lru);
		for (i = 0; i < MEMCG_MAX; i++)
			memory_free(lru->memcgs[i]);
	}
	memory_free(lru->memcgs);
	memory_free(lru->nodes);
	lru->nodes = NULL;
}

/* The topmost of @memcg and the groups above that is online and has no lists; NULL if there is none.
 * From the top down, so that whoever has lists has a parent that has. */
static struct memcg *topmost_without(const struct list_lru *lru, struct memcg *memcg)
{
	struct memcg *top = NULL;

	for (; memcg->parent; memcg = memcg->parent)
		if (!rcu_dereference(lru->memcgs[memcg->id]) && memcg_online(memcg))
			top = memcg;
	return top;
}

static struct list_lru_memcg *lists_alloc(struct list_lru *lru)
{
	return alloc_zeroed(sizeof(struct list_lru_memcg) +
			    lru->nr_nodes * sizeof(struct list_lru_one));
}

bool memcg_list_lru_allocated(const struct memcg *memcg, const struct list_lru *lru)
{
	return !memcg->parent || rcu_dereference(lru->memcgs[memcg->id]);
}

int memcg_list_lru_alloc(struct memcg *memcg, struct list_lru *lru)
{
	struct list_lru_memcg *spare = NULL;
	struct memcg *pos;
	unsigned node;

	if (!memcg || !lru->memcgs)
		return 0;
	while ((pos = topmost_without(lru, memcg))) {
		if (!spare)
			spare = lists_alloc(lru);
		if (!spare)
			return -ENOMEM;
		for (node = 0; node < lru->nr_nodes; node++)
			one_init(lru, &spare->nodes[node], node, pos);
		/* Under the lock that reparenting takes after the group went offline: either it
		 * sees these lists, or we see that there is to be none. */
		spin_lock(&lru->lock);
		if (!rcu_dereference_protected(lru->memcgs[pos->id]) && memcg_online(pos)) {
			rcu_assign_pointer(lru->memcgs[pos->id], spare);
			spare = NULL;
		}
		spin_unlock(&lru->lock);
	}
	memory_free(spare);
	return 0;
}

/* memcg_reparent_list_lru_one(): the child's items become the oldest of the parent, as the kernel's
 * list_splice() makes them. */
static void reparent_one(struct list_lru *lru, struct list_lru_one *from, struct list_lru_one *to,
			 unsigned node)
{
	spin_lock(from->lock);
	if (to->lock != from->lock)
		spin_lock(to->lock);
	list_splice(&from->list, &to->list);
	if (from->nr_items) {
		arch_write_once(&to->nr_items, to->nr_items + from->nr_items);
		memcg_shrinker_set(to->memcg, node, lru->shrinker);
	}
	arch_write_once(&from->nr_items, LIST_LRU_DEAD);
	if (to->lock != from->lock)
		spin_unlock(to->lock);
	spin_unlock(from->lock);
}

static void lists_free(struct rcu_head *head)
{
	memory_free(container_of(head, struct list_lru_memcg, rcu));
}

void list_lru_reparent(struct list_lru *lru, struct memcg *memcg)
{
	struct list_lru_memcg *lists, *above = NULL;
	unsigned node;

	spin_lock(&lru->lock); /* see memcg_list_lru_alloc() */
	lists = lru->memcgs[memcg->id];
	if (memcg->parent->parent)
		above = lru->memcgs[memcg->parent->id];
	spin_unlock(&lru->lock);
	if (!lists)
		return;
	for (node = 0; node < lru->nr_nodes; node++)
		reparent_one(lru, &lists->nodes[node],
			     above ? &above->nodes[node] : &lru->nodes[node].root, node);
	rcu_assign_pointer(lru->memcgs[memcg->id], NULL);
	call_rcu(&lists->rcu, lists_free);
}

/* Returns the length of a list, which must be its count. */
static long check_one(struct list_lru_one *list)
{
	struct list_head *item;
	long nr = 0;

	if (list->nr_items == LIST_LRU_DEAD || spin_is_locked(list->lock))
		BUG("a list of node %p is dead, or locked", (void *)list->node);
	list_for_each(item, &list->list)
		nr++;
	if (nr != list->nr_items)
		BUG("%ld items are counted as %ld", nr, list->nr_items);
	return nr;
}

/* The items of all groups on @node. */
static long check_groups(struct list_lru *lru, unsigned node)
{
	long nr = 0;
	unsigned id;

	for (id = 0; id < MEMCG_MAX; id++) {
		if (!(id % 64) && !arch_read_once(&lru->tree->ids[id / 64]))
			id += 63; /* none of these is in use */
		else if (lru->memcgs[id])
			nr += check_one(&lru->memcgs[id]->nodes[node]);
	}
	return nr;
}

void list_lru_check(struct list_lru *lru)
{
	unsigned node;
	long nr;

	for (node = 0; node < lru->nr_nodes; node++) {
		nr = check_one(&lru->nodes[node].root);
		if (lru->memcgs)
			nr += check_groups(lru, node);
		if (nr != lru->nodes[node].nr_items)
			BUG("%ld items of node %u are counted as %ld", nr, node,
			    lru->nodes[node].nr_items);
	}
}
