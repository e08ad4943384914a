/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map_ops: what mmap and its kin need of each other. */
#ifndef PFT_MM_MAP_OPS_H
#define PFT_MM_MAP_OPS_H

#include "pft/mm/gather.h"

/* VMAs that are out of the index and write-locked until mmap_lock is released or downgraded; linked
 * by their vm_file, which nobody reads of an anonymous VMA. */
struct detached {
	struct vma *first, **last_link;
	unsigned long start, end; /* of the first and the last; start == end: none */
	unsigned long floor, ceiling; /* end of what lies below, start of what lies above */
};

/*
 * vms_gather_munmap_vmas(), vms_clear_ptes() up to the point where the VMAs are unreachable: split
 * at the edges, write-lock and detach all between, erase them. mmap_lock held for write. Returns 0,
 * or -ENOMEM with at most some VMAs split.
 */
int detach_range(struct mm *mm, unsigned long start, unsigned long end, struct detached *detached);

/* vms_complete_munmap_vmas(): zap, free tables, flush, free the VMAs. mmap_lock held, for read at
 * least. */
void detached_unmap(struct mm *mm, struct detached *detached);

#endif
