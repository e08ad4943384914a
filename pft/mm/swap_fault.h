/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_fault: the fault of a page that was swapped out: do_swap_page(). */
#ifndef PFT_MM_SWAP_FAULT_H
#define PFT_MM_SWAP_FAULT_H

#include "pft/mm/mm_types.h"

/* Besides 0 and -errno: VM_FAULT_RETRY, once more under mmap_lock. */
enum { FAULT_AGAIN = 1 };

/* What the fault has found. */
struct swap_fault {
	const struct fault *lock; /* which holds the VMA, or nothing */
	struct mm *mm;
	struct mm_worker *worker;
	unsigned node; /* where a frame is to come from */
	struct pte_pos pos;
	uint64_t pte; /* a swap PTE */
};

/*
 * Map the page, from the swap cache, zswap or the device, for reading: 0, and *@pte is its PTE. Else
 * FAULT_AGAIN; -EAGAIN: something has changed, let the access try again; -ENOMEM; -EIO: the page
 * cannot be read, swap keeps what it has. A speculative fault is told FAULT_AGAIN at once, one
 * that holds a VMA's lock where it would have to wait for another's I/O (folio_lock_or_retry()).
 */
int swap_fault_map(const struct swap_fault *fault, uint64_t *pte);

/* wp_can_reuse_anon_folio(): see to it that a mapped @frame of the swap cache leaves it, if nobody
 * else refers to its slot. Under the PTE's lock. */
void swap_fault_reuse(struct mm_family *family, struct frame *frame);

#endif
