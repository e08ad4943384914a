/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The full walk of a tree of groups. */
#include "common/say.h"
#include "pft/base/memcg.h"
#include "pft/base/obj_cgroup.h"

static void check_place(struct memcg_tree *tree, const struct memcg *memcg)
{
	if (memcg->tree != tree || memcg->id >= MEMCG_MAX)
		BUG("group %u is of another tree", memcg->id);
	if (tree->groups[memcg->id] != memcg || !(tree->ids[memcg->id / 64] >> memcg->id % 64 & 1))
		BUG("id %u is another group's", memcg->id);
	if (memcg->memory.parent != (memcg->parent ? &memcg->parent->memory : NULL))
		BUG("group %u is charged to another parent", memcg->id);
}

/* Offline groups have handed everything over. What is below them is offline too. */
static void check_life(struct memcg *memcg)
{
	bool online = memcg_online(memcg);

	if (online && !memcg_refs(memcg))
		BUG("group %u is online without a reference", memcg->id);
	if (memcg->parent && online && !memcg_online(memcg->parent))
		BUG("group %u is online below one that is not", memcg->id);
	if (memcg->parent && online != (memcg->objcg != NULL))
		BUG("group %u has an obj_cgroup, or lacks one", memcg->id);
	if (!online && !list_empty(&memcg->objcgs))
		BUG("offline group %u has obj_cgroups", memcg->id);
}

static void check_objcgs(const struct memcg_tree *tree, const struct memcg *memcg)
{
	const struct obj_cgroup *objcg;

	list_for_each_entry(objcg, &memcg->objcgs, link)
		if (objcg->memcg != memcg || objcg->tree != tree || !objcg->refs ||
		    objcg->nr_charged_bytes < 0)
			BUG("an obj_cgroup of group %u is wrong", memcg->id);
}

/* Returns how many groups there are. Bytes of the groups below are in those of @memcg, but for
 * zombies, whose bytes were taken off their parents alone. */
static unsigned check_group(struct memcg_tree *tree, struct memcg *memcg)
{
	unsigned nr = 1, nr_online = 0;
	long bytes = 0, pages = 0;
	struct memcg *child;

	check_place(tree, memcg);
	check_life(memcg);
	check_objcgs(tree, memcg);
	list_for_each_entry(child, &memcg->children, sibling)
	{
		nr += check_group(tree, child);
		if (!memcg_online(child))
			continue;
		nr_online++;
		bytes += child->zswap_bytes;
		pages += child->zswapped;
	}
	if (nr_online != memcg->nr_online_children)
		BUG("%u groups are online below group %u, not %u", nr_online, memcg->id,
		    memcg->nr_online_children);
	if (memcg->parent && memcg_online(memcg) &&
	    (memcg->zswap_bytes < bytes || memcg->zswapped < pages))
		BUG("group %u has fewer compressed pages than those below it", memcg->id);
	return nr;
}

void memcg_tree_check(struct memcg_tree *tree)
{
	unsigned nr;

	spin_lock(&tree->lock); /* groups without references may be going just now */
	nr = check_group(tree, tree->root);
	if (nr != tree->nr_groups)
		BUG("%u groups are counted as %u", nr, tree->nr_groups);
	spin_unlock(&tree->lock);
	if (spin_is_locked(&tree->registry_lock))
		BUG("the registry of groups is locked");
}
