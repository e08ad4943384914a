/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/memcg.h"

#include <errno.h>
#include <string.h>

#include "common/say.h"
#include "pft/base/list_lru.h"
#include "pft/base/memory.h"
#include "pft/base/obj_cgroup.h"

struct fault_inject fault_inject_memcg;

/* A group that nobody sees yet, with its creator's reference; NULL without memory. */
static struct memcg *group_alloc(struct memcg_tree *tree, struct memcg *parent)
{
	size_t size = sizeof(struct memcg) + tree->nr_nodes * sizeof(struct lruvec);
	struct memcg *memcg;
	unsigned node;

	if (fault_inject_fails(&fault_inject_memcg, NULL))
		return NULL;
	memcg = memory_alloc(size);
	if (!memcg)
		return NULL;
	page_counter_init(&memcg->memory, parent ? &parent->memory : NULL);
	memcg->memory.refs = 1 | MEMCG_ONLINE;
	memcg->zswap_max = MEMCG_UNLIMITED;
	memcg->zswap_writeback = true;
	memcg->tree = tree;
	memcg->parent = parent;
	list_init(&memcg->children);
	list_init(&memcg->sibling);
	list_init(&memcg->objcgs);
	for (node = 0; node < tree->nr_nodes; node++)
		lruvec_init(&memcg->lruvecs[node], memcg, node);
	if (fault_inject_fails(&fault_inject_memcg, NULL) ||
	    stat_init(&memcg->stats, memcg_stat_names, NR_MEMCG_STATS)) {
		memory_free(memcg);
		return NULL;
	}
	return memcg;
}

static void group_free(struct memcg *memcg)
{
	stat_release(&memcg->stats);
	memory_free(memcg);
}

/* Give @memcg the lowest free id; false if there is none. Under tree->lock. */
static bool take_id(struct memcg_tree *tree, struct memcg *memcg)
{
	unsigned i;

	for (i = 0; i < MEMCG_MAX / 64 && !~tree->ids[i]; i++)
		;
	if (i == MEMCG_MAX / 64)
		return false;
	memcg->id = i * 64 + (unsigned)__builtin_ctzl(~tree->ids[i]);
	arch_or_relaxed(&tree->ids[i], 1UL << memcg->id % 64);
	arch_write_once(&tree->nr_groups, tree->nr_groups + 1);
	rcu_assign_pointer(tree->groups[memcg->id], memcg);
	return true;
}

/* Under tree->lock. */
static void give_id(struct memcg_tree *tree, const struct memcg *memcg)
{
	arch_andnot_relaxed(&tree->ids[memcg->id / 64], 1UL << memcg->id % 64);
	arch_write_once(&tree->nr_groups, tree->nr_groups - 1);
	rcu_assign_pointer(tree->groups[memcg->id], NULL);
}

int memcg_tree_init(struct memcg_tree *tree, unsigned nr_nodes)
{
	memset(tree, 0, sizeof(*tree));
	tree->nr_nodes = nr_nodes;
	list_init(&tree->notifiers);
	list_init(&tree->lrus);
	if (fault_inject_fails(&fault_inject_memcg, NULL))
		return -ENOMEM;
	tree->stocks = memory_alloc(ARCH_SLOTS * sizeof(*tree->stocks));
	if (!tree->stocks)
		return -ENOMEM;
	tree->root = group_alloc(tree, NULL);
	if (!tree->root) {
		memory_free(tree->stocks);
		tree->stocks = NULL;
		return -ENOMEM;
	}
	take_id(tree, tree->root);
	return 0;
}

void memcg_tree_release(struct memcg_tree *tree)
{
	unsigned before;

	if (!tree->root)
		return;
	obj_cgroup_drain_all(tree);
	do { /* a callback that frees a group may queue that of its parent */
		before = arch_read_once(&tree->nr_groups);
		rcu_barrier();
	} while (arch_read_once(&tree->nr_groups) < before);
	if (tree->nr_groups > 1 || memcg_refs(tree->root) != 1)
		BUG("%u groups are left at the end, the root has %lu references",
		    tree->nr_groups - 1, (unsigned long)memcg_refs(tree->root));
	if (!list_empty(&tree->root->objcgs))
		BUG("an obj_cgroup has references at the end");
	if (!list_empty(&tree->lrus) || !list_empty(&tree->notifiers))
		BUG("a list_lru or a notifier is left at the end");
	group_free(tree->root);
	memory_free(tree->stocks);
	tree->root = NULL;
}

int memcg_new(struct memcg **result, struct memcg *parent)
{
	struct memcg_tree *tree = parent->tree;
	struct memcg *memcg = group_alloc(tree, parent);
	int rc;

	if (!memcg)
		return -ENOMEM;
	rc = obj_cgroup_online(memcg);
	if (rc) {
		group_free(memcg);
		return rc;
	}
	spin_lock(&tree->lock);
	if (!memcg_online(parent))
		rc = -ENODEV;
	else if (!take_id(tree, memcg))
		rc = -ENOSPC;
	if (!rc) {
		memcg_get(parent, 1);
		parent->nr_online_children++;
		list_add_tail(&memcg->sibling, &parent->children);
	}
	spin_unlock(&tree->lock);
	if (rc) {
		memory_free(memcg->objcg);
		group_free(memcg);
		return rc;
	}
	*result = memcg;
	return 0;
}

/* css_free_rwork_fn(): nobody can come by @memcg any more. Only now is it unlinked and its id given
 * away: who looked it up under RCU could count on it, and look for its lists by id. */
static void group_gone(struct rcu_head *head)
{
	struct memcg *memcg = container_of(head, struct memcg, rcu), *parent = memcg->parent;
	struct memcg_tree *tree = memcg->tree;

	spin_lock(&tree->lock);
	if (!list_empty(&memcg->children) || !list_empty(&memcg->objcgs))
		BUG("group %u is freed while others depend on it", memcg->id);
	list_del(&memcg->sibling);
	memcg_stat_bequeath(memcg);
	give_id(tree, memcg);
	spin_unlock(&tree->lock);
	group_free(memcg);
	memcg_put(parent, 1);
}

void memcg_release(struct memcg *memcg, uint64_t before, uint64_t nr)
{
	if (before != nr)
		BUG("group %u had %lu references, %lu are put", memcg->id,
		    (unsigned long)(before & ~MEMCG_ONLINE), (unsigned long)nr);
	call_rcu(&memcg->rcu, group_gone);
}

bool memcg_tryget(struct memcg *memcg)
{
	uint64_t refs = arch_read_once(&memcg->memory.refs);

	do {
		if (!refs)
			return false;
	} while (!arch_cmpxchg_full(&memcg->memory.refs, &refs, refs + 1));
	return true;
}

bool memcg_tryget_online(struct memcg *memcg)
{
	uint64_t refs = arch_read_once(&memcg->memory.refs);

	do {
		if (!(refs & MEMCG_ONLINE))
			return false;
	} while (!arch_cmpxchg_full(&memcg->memory.refs, &refs, refs + 1));
	return true;
}

/* From here on no new reference by tryget_online, no child, no list. */
static int kill(struct memcg *memcg)
{
	struct memcg_tree *tree = memcg->tree;
	int rc = 0;

	spin_lock(&tree->lock);
	if (memcg->nr_online_children)
		rc = -EBUSY;
	else if (!(arch_andnot_full(&memcg->memory.refs, MEMCG_ONLINE) & MEMCG_ONLINE))
		rc = -ENODEV;
	spin_unlock(&tree->lock);
	return rc;
}

int memcg_offline(struct memcg *memcg)
{
	struct memcg_tree *tree = memcg->tree;
	struct memcg_notifier *notifier;
	struct list_lru *lru;
	int rc;

	if (!memcg->parent)
		BUG("the root goes offline");
	rc = kill(memcg);
	if (rc)
		return rc;
	/* Cursors first: what they did for this group was for its own list. Then the lists, which
	 * are found through the objcgs, which come last. */
	spin_lock(&tree->registry_lock);
	list_for_each_entry(notifier, &tree->notifiers, link) notifier->offline(notifier, memcg);
	list_for_each_entry(lru, &tree->lrus, link) list_lru_reparent(lru, memcg);
	spin_unlock(&tree->registry_lock);
	obj_cgroup_reparent(memcg);
	/* Only now: lists must not be spliced to those of a parent that is itself going. */
	spin_lock(&tree->lock);
	memcg->parent->nr_online_children--;
	spin_unlock(&tree->lock);
	memcg_put(memcg, 1);
	return 0;
}

void memcg_notifier_add(struct memcg_tree *tree, struct memcg_notifier *notifier)
{
	spin_lock(&tree->registry_lock);
	list_add_tail(&notifier->link, &tree->notifiers);
	spin_unlock(&tree->registry_lock);
}

void memcg_notifier_del(struct memcg_tree *tree, struct memcg_notifier *notifier)
{
	spin_lock(&tree->registry_lock);
	list_del(&notifier->link);
	spin_unlock(&tree->registry_lock);
}

struct memcg *memcg_of_id(struct memcg_tree *tree, uint32_t id)
{
	return id < MEMCG_MAX ? rcu_dereference(tree->groups[id]) : NULL;
}

/* css_next_descendant_pre(); @pos is linked, as someone has a reference. Under tree->lock. */
static struct memcg *next_in_preorder(struct memcg *root, struct memcg *pos)
{
	if (!list_empty(&pos->children))
		return list_first_entry(&pos->children, struct memcg, sibling);
	for (; pos != root; pos = pos->parent)
		if (pos->sibling.next != &pos->parent->children)
			return list_entry(pos->sibling.next, struct memcg, sibling);
	return NULL;
}

struct memcg *memcg_next(struct memcg *root, struct memcg *prev)
{
	struct memcg_tree *tree = root->tree;
	struct memcg *pos = prev;

	spin_lock(&tree->lock);
	do
		pos = pos ? next_in_preorder(root, pos) : root;
	while (pos && !memcg_tryget(pos));
	spin_unlock(&tree->lock);
	if (prev)
		memcg_put(prev, 1);
	return pos;
}

long memcg_set_max(struct memcg *memcg, uint64_t bytes)
{
	uint64_t pages = bytes >> MEMCG_PAGE_SHIFT;

	return page_counter_set_max(&memcg->memory,
				    bytes == MEMCG_UNLIMITED ? PAGE_COUNTER_MAX : (long)pages);
}

void memcg_set_zswap_max(struct memcg *memcg, uint64_t bytes)
{
	arch_write_once(&memcg->zswap_max, bytes);
}

void memcg_set_zswap_writeback(struct memcg *memcg, bool enabled)
{
	arch_write_once(&memcg->zswap_writeback, enabled);
}

bool memcg_zswap_writeback_enabled(const struct memcg *memcg)
{
	for (; memcg; memcg = memcg->parent)
		if (!arch_read_once(&memcg->zswap_writeback))
			return false;
	return true;
}
