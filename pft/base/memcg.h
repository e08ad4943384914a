/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memcg: a tree of memory control groups (mm/memcontrol.c, kernel/cgroup/cgroup.c).
 *
 * A group is online from memcg_new() to memcg_offline(). It lives on, as a zombie that keeps its
 * place in the tree, while anybody has a reference: each frame charged to it is one, each group
 * below it, and each pointer that somebody keeps. Its id is given away again after that, and after
 * a grace period. Compressed pages do not keep it: see obj_cgroup.h.
 *
 * Lock order: registry_lock, then what a notifier takes or the lock of a list of a list_lru, then
 * tree->lock, which is innermost. References are dropped under any of them.
 */
#ifndef PFT_BASE_MEMCG_H
#define PFT_BASE_MEMCG_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/fault_inject.h"
#include "pft/base/list.h"
#include "pft/base/lruvec.h"
#include "pft/base/memcg_stat.h"
#include "pft/base/page_counter.h"
#include "pft/base/rcu.h"
#include "pft/base/spinlock.h"
#include "pft/base/stat.h"

struct obj_cgroup;
struct obj_stock;

enum {
	MEMCG_MAX = 4096, /* groups of a tree, zombies included; ids are below it */
	MEMCG_PAGE_SHIFT = 12,
};

/* No limit, of memory.max and zswap.max in bytes. */
#define MEMCG_UNLIMITED UINT64_MAX

/* In page_counter.refs: the group is online. */
#define MEMCG_ONLINE (1UL << 63)

/* One group. */
struct memcg {
	struct page_counter memory; /* frames and compressed bytes, in pages */
	long zswap_bytes __attribute__((aligned(ARCH_LINE))); /* compressed, here and below */
	long zswapped; /* pages that these were: they change together, on one line */
	uint64_t zswap_max __attribute__((aligned(ARCH_LINE))); /* bytes; rarely written from here */
	bool zswap_writeback; /* the ancestors have their say: memcg_zswap_writeback_enabled() */
	uint32_t id; /* 0: the root */
	struct memcg_tree *tree;
	struct memcg *parent; /* NULL: the root; a reference */
	struct obj_cgroup *objcg; /* under RCU; NULL: the root, or offline */
	struct stat_table stats; /* enum memcg_stat, of this group alone */
	struct list_head children, sibling; /* by tree->lock, as what follows */
	struct list_head objcgs; /* whose compressed bytes are charged here */
	unsigned nr_online_children; /* until their offline is done */
	int64_t bequeathed[NR_MEMCG_STATS]; /* by children that are gone */
	struct rcu_head rcu;
	struct lruvec lruvecs[]; /* one per node */
};

/* Who wants to know that a group has gone offline, before its lists go to its parent: zswap, whose
 * cursor must not rest on it. Called under registry_lock: must not sleep. */
struct memcg_notifier {
	struct list_head link;
	void (*offline)(struct memcg_notifier *notifier, struct memcg *memcg);
};

struct memcg_tree {
	struct memcg *root;
	unsigned nr_nodes;
	bool frames_only; /* memory.max is for frames, as in cgroup v1: compressed bytes are only counted */
	struct obj_stock *stocks; /* [ARCH_SLOTS], of compressed bytes */
	struct memcg *groups[MEMCG_MAX]; /* by id, under RCU */
	struct spinlock lock __attribute__((aligned(ARCH_PAIR))); /* the tree's shape, ids, objcgs */
	unsigned nr_groups;
	uint64_t ids[MEMCG_MAX / 64]; /* those in use */
	struct spinlock registry_lock __attribute__((aligned(ARCH_PAIR))); /* guards what follows */
	struct list_head notifiers;
	struct list_head lrus; /* list_lrus with lists of this tree's groups */
	uint64_t shrinkers; /* bits of lruvec.shrinkers that list_lrus have */
};

/* Every allocation for groups, their objcgs and lists asks it. */
extern struct fault_inject fault_inject_memcg;

/* Make a tree of the root alone. 0 or -ENOMEM. */
int memcg_tree_init(struct memcg_tree *tree, unsigned nr_nodes);

/* Free the tree. All groups must be offline and without references, else it is a BUG; no worker is
 * inside. Waits for callbacks (rcu_barrier()). */
void memcg_tree_release(struct memcg_tree *tree);

/* css_create(), css_online(): a group below @parent, without limits. 0, -ENOMEM, -ENODEV: the
 * parent is offline, -ENOSPC: no id is left. The caller has a reference to @parent. The result is
 * kept by being online, until memcg_offline(). */
int memcg_new(struct memcg **result, struct memcg *parent);

/* css_offline(), what rmdir of a group does: no more memcg_tryget_online(), no more groups below;
 * its list_lrus and compressed bytes go to its parent. It is freed after its last reference. 0,
 * -EBUSY: groups below it are online, -ENODEV: it is offline. Holding no lock; who looks at @memcg
 * afterwards needs a reference of his own. */
int memcg_offline(struct memcg *memcg);

void memcg_notifier_add(struct memcg_tree *tree, struct memcg_notifier *notifier);
void memcg_notifier_del(struct memcg_tree *tree, struct memcg_notifier *notifier);

/* css_get_many(): by who has a reference. */
static inline void memcg_get(struct memcg *memcg, uint64_t nr)
{
	arch_xadd_relaxed(&memcg->memory.refs, nr);
}

/* The slow side of memcg_put(): @nr of @before references are gone, which were the last. */
void memcg_release(struct memcg *memcg, uint64_t before, uint64_t nr);

/* css_put_many(). Full: pairs with itself, so that all that was done with @memcg is done before it
 * is freed. Takes no lock. */
static inline void memcg_put(struct memcg *memcg, uint64_t nr)
{
	uint64_t before = arch_xadd_full(&memcg->memory.refs, -nr);

	if (unlikely((before & ~MEMCG_ONLINE) <= nr))
		memcg_release(memcg, before, nr);
}

/* css_tryget(): a reference, also to a zombie; false if it had none any more. Under RCU, or
 * tree->lock. */
bool memcg_tryget(struct memcg *memcg);

/* mem_cgroup_tryget_online(): a reference if @memcg is online, found out and taken in one step.
 * Under RCU, or with a reference. */
bool memcg_tryget_online(struct memcg *memcg);

/* Whether @memcg is online; it may not be for long. */
static inline bool memcg_online(struct memcg *memcg)
{
	return arch_load_acquire(&memcg->memory.refs) & MEMCG_ONLINE;
}

/* References now; for checks. */
static inline uint64_t memcg_refs(struct memcg *memcg)
{
	return arch_read_once(&memcg->memory.refs) & ~MEMCG_ONLINE;
}

/* mem_cgroup_from_id(): NULL if there is none. Under RCU; the group may be without references. */
struct memcg *memcg_of_id(struct memcg_tree *tree, uint32_t id);

/*
 * mem_cgroup_iter(): the group after @prev (NULL: @root itself) in pre-order of @root's part of the
 * tree, zombies included, NULL after the last. The reference to @prev is dropped, one to the result
 * taken; who ends the walk early puts it. Does not sleep: may be called under a spinlock.
 */
struct memcg *memcg_next(struct memcg *root, struct memcg *prev);

/* memory.max of @memcg in bytes, MEMCG_UNLIMITED: none. At any time. Returns the pages that are
 * charged beyond it, which are the caller's to reclaim. */
long memcg_set_max(struct memcg *memcg, uint64_t bytes);

/* memory.zswap.max in bytes, less than a page: none may be compressed. At any time. */
void memcg_set_zswap_max(struct memcg *memcg, uint64_t bytes);

/* memory.zswap.writeback. At any time. */
void memcg_set_zswap_writeback(struct memcg *memcg, bool enabled);

/* mem_cgroup_zswap_writeback_enabled(): whether @memcg (NULL: yes) and all above it allow it. */
bool memcg_zswap_writeback_enabled(const struct memcg *memcg);

/* count_memcg_events(), mod_memcg_state(): @n, which may be below 0, to @memcg and so to all above
 * it. Under RCU, or with a reference. */
static inline void memcg_count(struct memcg *memcg, enum memcg_stat item, int64_t n)
{
	stat_add(&memcg->stats, item, (uint64_t)n);
}

/* set_shrinker_bit(), shrink_slab_memcg(): say that list_lru @shrinker may have something of @memcg
 * on @node; ask; and say that it was found empty, after which the caller counts once more. */
static inline void memcg_shrinker_set(struct memcg *memcg, unsigned node, unsigned shrinker)
{
	/* Full: pairs with memcg_shrinker_clear(). */
	arch_or_full(&memcg->lruvecs[node].shrinkers, 1UL << shrinker);
}

static inline bool memcg_shrinker_isset(struct memcg *memcg, unsigned node, unsigned shrinker)
{
	return arch_read_once(&memcg->lruvecs[node].shrinkers) >> shrinker & 1;
}

static inline void memcg_shrinker_clear(struct memcg *memcg, unsigned node, unsigned shrinker)
{
	arch_andnot_full(&memcg->lruvecs[node].shrinkers, 1UL << shrinker);
}

/* Shape, ids, references of the online and counters of bytes; BUG() on what is broken. No worker inside. */
void memcg_tree_check(struct memcg_tree *tree);

#endif
