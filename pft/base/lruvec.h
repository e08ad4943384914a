/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lruvec: the LRU lists of one group on one node, with their lock (struct lruvec, and what else the
 * kernel keeps in mem_cgroup_per_node). */
#ifndef PFT_BASE_LRUVEC_H
#define PFT_BASE_LRUVEC_H

#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/list.h"
#include "pft/base/spinlock.h"

struct memcg;

/* Anonymous pages start on the inactive list; most recent first. */
enum lru_list { LRU_INACTIVE_ANON, LRU_ACTIVE_ANON, NR_LRU_LISTS };

/* What zswap's shrinker remembers of a group's list on a node: struct zswap_lruvec_state, and its part of
 * shrinker_info. Atomics. */
struct lruvec_zswap {
	uint64_t nr_protected; /* entries it should leave alone (6.8) */
	uint64_t nr_disk_swapins; /* pages read from the device and not yet held against it (6.12) */
	uint64_t deferred; /* entries that reclaim owed it a look at, and was too gentle for */
};

/* Lock order: inside a PTE page's lock (a batch fills up there); zone->lock is inside. */
struct lruvec {
	struct spinlock lru_lock; /* guards the lists, and FRAME_LRU of the frames on them */
	unsigned node;
	struct list_head lists[NR_LRU_LISTS];
	uint64_t nr[NR_LRU_LISTS]; /* frames on each; others may look */
	struct memcg *memcg;
	/* Bit of each list_lru that may hold something of the group here: shrinker_info->map. */
	uint64_t shrinkers __attribute__((aligned(ARCH_LINE)));
	struct lruvec_zswap zswap;
} __attribute__((aligned(ARCH_PAIR)));

static inline void lruvec_init(struct lruvec *lruvec, struct memcg *memcg, unsigned node)
{
	unsigned i;

	spin_lock_init(&lruvec->lru_lock);
	lruvec->memcg = memcg;
	lruvec->node = node;
	lruvec->shrinkers = 0;
	lruvec->zswap = (struct lruvec_zswap){0};
	for (i = 0; i < NR_LRU_LISTS; i++) {
		list_init(&lruvec->lists[i]);
		lruvec->nr[i] = 0;
	}
}

#endif
