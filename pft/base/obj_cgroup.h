/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * obj_cgroup: to whom compressed bytes are charged. An entry keeps a reference to its group's
 * obj_cgroup, not to the group: when the group goes offline the obj_cgroup is handed to the parent,
 * with all that is charged to it, and the group need not wait for its last entry
 * (memcg_reparent_objcgs()).
 *
 * Each worker has a stock (struct obj_stock, the kernel's memcg_stock_pcp): the rest of a page that
 * was charged for bytes, and references paid in advance, so that a store and a load of the same
 * group write no shared line for either. Workers drain theirs before they leave.
 *
 * Everywhere NULL stands for the root, which is charged nothing.
 */
#ifndef PFT_BASE_OBJ_CGROUP_H
#define PFT_BASE_OBJ_CGROUP_H

#include <stddef.h>
#include <stdint.h>

#include "pft/base/memcg.h"

struct obj_cgroup {
	uint64_t refs; /* entries, stocks, and one while its first group is online */
	struct memcg *memcg; /* under RCU; a group further up after each offline */
	struct memcg_tree *tree;
	long nr_charged_bytes; /* charged as parts of pages, and in no stock */
	struct list_head link; /* of memcg->objcgs; by tree->lock */
	struct rcu_head rcu;
};

/* A worker's stock. */
struct obj_stock {
	struct obj_cgroup *cached; /* with a reference; NULL: empty */
	unsigned nr_bytes; /* charged and not used */
	unsigned refs; /* to cached, paid in advance */
} __attribute__((aligned(ARCH_PAIR)));

/* get_obj_cgroup_from_memcg(): a reference to the objcg of @memcg or, where that is offline, of the
 * next group above that is not. The caller has a reference to @memcg (NULL: the root). */
struct obj_cgroup *obj_cgroup_of(struct memcg *memcg);

/* obj_cgroup_get(), obj_cgroup_put(): another reference by who has one, and its end. */
void obj_cgroup_get(struct obj_cgroup *objcg);
void obj_cgroup_put(struct obj_cgroup *objcg);

/* obj_cgroup_memcg(): whose it is now; NULL: the root's. Under RCU, and valid only there: the group
 * may be without references. The caller has a reference to @objcg. */
static inline struct memcg *obj_cgroup_memcg(const struct obj_cgroup *objcg)
{
	return objcg ? rcu_dereference(objcg->memcg) : NULL;
}

/* get_mem_cgroup_from_objcg(): the same with a reference; NULL for NULL. */
struct memcg *obj_cgroup_get_memcg(const struct obj_cgroup *objcg);

/* obj_cgroup_may_zswap(): whether the group and all above it may have one more page compressed:
 * bytes / 4096 < zswap.max / 4096 on each level with a limit, and never where that is 0. */
bool obj_cgroup_may_zswap(const struct obj_cgroup *objcg);

/* obj_cgroup_charge_zswap(): charge a page compressed to @size bytes, beyond the limits if need be,
 * as it frees more than it takes; and take it off again. The caller has a reference to @objcg. */
void obj_cgroup_charge_zswap(struct obj_cgroup *objcg, size_t size);
void obj_cgroup_uncharge_zswap(struct obj_cgroup *objcg, size_t size);

/* count_objcg_events(): one event to the group whose it is now. */
void obj_cgroup_count(struct obj_cgroup *objcg, enum memcg_stat item);

/* drain_obj_stock() of the calling worker, before it leaves. */
void obj_cgroup_drain(struct memcg_tree *tree);

/* The same of all workers; none may be inside. */
void obj_cgroup_drain_all(struct memcg_tree *tree);

/* For memcg.c: a new group's objcg (0 or -ENOMEM), and offline's last step: hand all objcgs of
 * @memcg to its parent. */
int obj_cgroup_online(struct memcg *memcg);
void obj_cgroup_reparent(struct memcg *memcg);

#endif
