/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reclaim: pages that were not used for long go to swap, and their frames are free again
 * (mm/vmscan.c). Who gets no frame, or no charge, reclaims himself; kswapd.h does it in advance.
 * Every list belongs to a group and a node: a group at its limit gives up its own pages and those
 * of the groups below it, and nobody else's.
 *
 * Locks: as in the kernel a page is unmapped under its frame's lock, its anon_vma's rwsem and the
 * PTE page's lock, whatever lock of the mm or of a VMA others hold; so reclaim may begin in the
 * middle of a fault, with its VMA locked. Frames' locks are only tried for.
 */
#ifndef PFT_MM_RECLAIM_H
#define PFT_MM_RECLAIM_H

#include "pft/mm/mm_types.h"

/* One reclaim under way: struct scan_control. */
struct scan {
	struct mm_family *family;
	struct mm_worker *worker;
	struct memcg *target; /* its pages and those below it; NULL: all, for the zone's sake */
	unsigned priority; /* 12: 1/4096 of each list at once .. 0: all */
	bool kswapd;
	unsigned long goal; /* pages: nr_to_reclaim */
	unsigned long scanned, reclaimed;
};

/*
 * shrink_folio_list(): free what can be of @nr <= SWAP_CLUSTER_MAX isolated pages of @lruvec. The rest,
 * some made active, is left at the start of @frames, isolated. Returns how many are left.
 */
unsigned reclaim_frames(struct scan *scan, struct lruvec *lruvec, struct frame **frames,
			unsigned nr);

/* Reclaim at @priority on @node until about @goal pages are free, for kswapd. Returns how many. */
unsigned long reclaim_node(struct mm_family *family, unsigned node, unsigned priority,
			   unsigned long goal);

/* try_to_free_mem_cgroup_pages(), do_try_to_free_pages(): free @goal pages charged to @target and
 * below, or any for NULL, at priority 12 to 0. Returns how many were freed. The caller may hold
 * mmap_lock and VMAs' locks, and nothing that spins. */
unsigned long reclaim_pages(struct mm_family *family, struct mm_worker *worker,
			    struct memcg *target, unsigned long goal);

/* The slow path of try_charge_memcg(): charge a page where memcg_charge() could not, after having
 * made room; -ENOMEM if that did not help 16 times (the kernel's OOM kill is not there). */
int reclaim_charge(struct mm_family *family, struct mm_worker *worker, struct memcg *memcg);

/* __alloc_pages_slowpath(): a frame where frame_alloc() had none. NULL: out of memory. */
struct frame *reclaim_alloc(struct mm_family *family, struct mm_worker *worker, unsigned node);

#endif
