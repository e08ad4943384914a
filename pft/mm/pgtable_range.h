/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pgtable_range: what is done to all PTEs of a range [start, end) of whole pages. */
#ifndef PFT_MM_PGTABLE_RANGE_H
#define PFT_MM_PGTABLE_RANGE_H

#include "pft/mm/pgtable.h"

/* What a walk over a range does with the entries that are not PTE_NONE. */
struct pgtable_visit {
	/* With the PTE page's lock held: @pte is what the entry held. Copying only: the child has
	 * @pte now; other than 0 stops the copy with that error. */
	int (*entry)(struct pgtable_visit *visit, unsigned long address, uint64_t pte);
	/* After each PTE page, no lock held: here a batch of pages may be flushed and freed
	 * (mmu_gather). May be NULL. */
	void (*unlocked)(struct pgtable_visit *visit);
};

/* Clear every entry of the range and show it to @visit (zap_page_range()); what entry() returns
 * does not matter. */
void pgtable_zap(struct pgtable *tables, unsigned long start, unsigned long end,
		 struct pgtable_visit *visit);

/* Show every entry to @visit and change none. */
void pgtable_look(struct pgtable *tables, unsigned long start, unsigned long end,
		  struct pgtable_visit *visit);

/* Set and clear bits in every present entry of the range (change_protection()). Returns how many
 * changed, that is whether TLBs must be flushed. */
unsigned long pgtable_protect(struct pgtable *tables, unsigned long start, unsigned long end,
			      uint64_t set, uint64_t clear);

/*
 * Give the child @to what the parent @from has in the range (copy_page_range()); with @cow present
 * entries lose PTE_WRITE on both sides. The child's are not accessed yet. Both mms are
 * write-locked. Returns 0, -ENOMEM for tables, or what entry() returned: the child then has a part,
 * for pgtable_zap().
 */
int pgtable_copy(struct pgtable *to, struct pgtable *from, unsigned long start, unsigned long end,
		 bool cow, struct pgtable_visit *visit);

#endif
