/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mm_swap: what a family with swap has besides: the swap area, zswap in front of it, and kswapd. */
#ifndef PFT_MM_MM_SWAP_H
#define PFT_MM_MM_SWAP_H

#include "pft/base/kthread.h"
#include "pft/base/obj_cgroup.h"
#include "pft/mm/mm_groups.h"
#include "pft/mm/mm_types.h"

enum {
	SWAP_CLUSTER_MAX = 32, /* pages that are isolated, unmapped and written at once */
	MAX_RECLAIM_RETRIES = 16,
	ISOLATED_NAPS = 100, /* of 1 ms, for others to put back or free what they isolated */
	PAGE_CLUSTER_MAX = 9,
	DEF_PRIORITY = 12, /* a pass over a list looks at its size >> priority */
};

/* kswapd of one node. */
struct kswapd {
	struct kthread thread;
	struct mm_family *family;
	uint32_t work; /* enum in kswapd.c; it sleeps on it */
};

struct mm_swap {
	struct swap swap;
	struct mm_family *family;
	struct zswap *zswap;
	uint32_t isolated; /* batches of pages that reclaim has taken off lists */
	unsigned page_cluster; /* log2 of the slots that are read at once */
	unsigned zswap_slot; /* of zswap's worker */
	unsigned device_slot; /* of the device's thread */
	struct kswapd kswapds[NODE_MEMORY_MAX];
};

/* swapon(2) for a family whose zones, groups and slabs are there: opens the device, makes zswap,
 * starts the threads, sets the watermarks. 0, or -errno with the reason in @why; then nothing is
 * left. */
int mm_swap_new(struct mm_family *family, const struct mm_swap_options *options, struct why *why);

/* End kswapd and zswap's worker: nobody reclaims any more. Before the family is counted. */
void mm_swap_stop(struct mm_family *family);

/* swapoff(2) after mm_swap_stop(), and after the last mm: no slot is in use but by the swap cache,
 * which is emptied. */
void mm_swap_free(struct mm_family *family);

/* See to it that the calling worker may store and load: its compressor's memory. 0 or -ENOMEM. */
int mm_swap_enter(struct mm_family *family, struct mm_worker *worker);

/* vm_swap_full(): more than half of the slots are in use: the swap cache gives slots up early. */
static inline bool mm_swap_full(struct mm_swap *swap)
{
	return swap_slots_used(&swap->swap.slots) * 2 > swap->swap.slots.nr;
}

/* Free the slot of @frame, which is locked and in the swap cache, if no PTE refers to it
 * (folio_free_swap()): the frame is the only copy then. The caller has a reference. */
bool mm_swap_free_slot(struct mm_swap *swap, struct frame *frame);

/* zap_pte_range(), with the PTEs' lock dropped: put @nr slots whose PTEs are gone, and free cached
 * pages that nobody else refers to. Loads nothing (B20). */
void mm_swap_put_slots(struct mm_swap *swap, const uint64_t *slots, unsigned nr);

#endif
