/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmap: from a frame to the PTEs that map it, through its anon_vma's chains (mm/rmap.c). As in the
 * kernel the way goes over the root's rwsem and the PTE pages' locks; neither mmap_lock nor a VMA's
 * lock is taken: who unmaps or moves borders takes the rwsem for write before tables go.
 */
#ifndef PFT_MM_RMAP_H
#define PFT_MM_RMAP_H

#include "pft/mm/mm_types.h"

/* TLBs to be flushed before what was unmapped may be written or freed: tlb_ubc. One flush does for
 * a whole batch of frames. */
struct unmap_batch {
	bool pending;
	uint64_t cpumask[ARCH_SLOTS / 64]; /* of all mms in which something was unmapped */
};

/*
 * folio_referenced(): how many PTEs of mms charged to @target or below (NULL: all) were accessed
 * since last asked; they are not any more. -1 if somebody has the rwsem: ask later. The caller has
 * a reference to @frame. Sleeps.
 */
int rmap_referenced(struct mm_family *family, struct frame *frame, struct memcg *target);

/*
 * try_to_unmap(): make a swap PTE of every PTE that maps @frame, which is locked, in the swap cache
 * and kept by a reference of the caller's. Each takes a use of the slot. Dirty PTEs make it
 * FRAME_DIRTY. False if it is still mapped somewhere. Sleeps.
 */
bool rmap_unmap(struct mm_family *family, struct mm_worker *worker, struct frame *frame,
		struct unmap_batch *batch);

/* try_to_unmap_flush(): before the contents of what was unmapped are read. */
void unmap_flush(struct mm_family *family, struct unmap_batch *batch);

#endif
