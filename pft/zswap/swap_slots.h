/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap_slots: which slots of a swap device are in use, and how often; mm/swapfile.c by meaning.
 *
 * Slots come in clusters of 256. A worker takes a whole free cluster and then fills it slot by slot
 * under that cluster's lock alone, so that workers do not meet and their writes are sequential. When
 * no cluster is free it takes one that is partly used; when all of these are taken, single slots out
 * of other workers' clusters, so that -ENOSPC means that no slot was free.
 *
 * A slot's count is its uses, the kernel's swap_map and SWAP_HAS_CACHE in one: a swap PTE each, the
 * swap cache one, whoever holds it in between one. The last put calls invalidate() (zswap drops its
 * copy) while the slot can be neither used nor given out, and only then makes it free: who gets it next
 * finds nothing stale.
 *
 * Lock order: cluster->lock, then slots->lock. No lock is held over invalidate(). Both are below a PTE
 * page's lock and above nothing.
 */
#ifndef PFT_ZSWAP_SWAP_SLOTS_H
#define PFT_ZSWAP_SWAP_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/arch.h"
#include "pft/base/list.h"
#include "pft/base/spinlock.h"

enum {
	SWAP_CLUSTER = 256, /* slots: SWAPFILE_CLUSTER */
	SWAP_COUNT_MAX = UINT16_MAX, /* most uses of a slot; the kernel chains further pages of counts */
};

/* struct swap_cluster_info. */
struct swap_cluster {
	struct spinlock lock; /* guards free and nr_free */
	uint32_t nr_free; /* others may look */
	uint64_t free[SWAP_CLUSTER / 64]; /* a bit per slot that may be given out */
	struct list_head list; /* in slots->free or ->partial, or linked to itself; slots->lock */
	bool owned; /* a worker fills it: in no list; slots->lock */
};

/* The cluster that a worker fills: percpu_swap_cluster. Only its own. */
struct swap_slots_worker {
	struct swap_cluster *cluster; /* or NULL */
	uint64_t steal_at; /* the cluster where its last search among all of them ended */
} __attribute__((aligned(ARCH_PAIR)));

struct swap_slots {
	uint64_t nr; /* slots are 0..nr-1 */
	uint64_t nr_clusters;
	struct swap_cluster *clusters;
	uint16_t *counts; /* uses of each slot; changed by atomics */
	struct swap_slots_worker *workers; /* [ARCH_SLOTS] */
	/* Called at the last put of a slot, without locks; may be NULL. Set before the first get. The struct
	 * swap around @slots is container_of(). */
	void (*invalidate)(struct swap_slots *slots, uint64_t slot);
	struct spinlock lock __attribute__((aligned(ARCH_PAIR))); /* guards both lists and owned */
	struct list_head free; /* clusters of which no slot is in use */
	struct list_head partial; /* clusters of which some are; the longest partly free first */
	uint64_t used __attribute__((aligned(ARCH_PAIR))); /* slots not free, exactly: inuse_pages */
};

/* Make a map of @nr slots, all free. Returns 0, or -errno with the reason in @why. */
int swap_slots_init(struct swap_slots *slots, uint64_t nr, struct why *why);

/* Free the map; slots still in use are forgotten without invalidate(). */
void swap_slots_release(struct swap_slots *slots);

/* Take a free slot: 0, or -ENOSPC. It has no use yet, so that read-ahead and writeback, which try any
 * slot, find it free until swap_slot_use(). Any worker; cluster_alloc_swap_entry(). */
int swap_slots_reserve(struct swap_slots *slots, uint64_t *slot);

/* Give the slot that the caller reserved its first use, which is the caller's. */
void swap_slot_use(struct swap_slots *slots, uint64_t slot);

/* Both at once. */
int swap_slots_get(struct swap_slots *slots, uint64_t *slot);

/* Add a use to @slot: 0; -ENOENT if it has none and so is free or becoming so; -ENOMEM if the count is
 * full. Any worker, under any spinlock; swap_duplicate(). */
int swap_slot_dup(struct swap_slots *slots, uint64_t slot);

/* Drop a use of @slot that is the caller's; the last one frees it. Any worker, under spinlocks that
 * invalidate() does not take; swap_free(). */
void swap_slot_put(struct swap_slots *slots, uint64_t slot);

/* The uses of @slot, 0 if it is free: a hint to who owns none of them. swap_swapcount(). */
static inline unsigned swap_slot_count(const struct swap_slots *slots, uint64_t slot)
{
	return arch_load_acquire(&slots->counts[slot]);
}

/* How many slots are in use or being freed. */
static inline uint64_t swap_slots_used(const struct swap_slots *slots)
{
	return arch_read_once(&slots->used);
}

/* Compare counts, free slots, lists and the number of used slots, while no worker runs. 0, or -EINVAL
 * with what is wrong in @why. */
int swap_slots_check(struct swap_slots *slots, struct why *why);

#endif
