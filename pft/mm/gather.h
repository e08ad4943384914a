/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gather: unmapping in the order that makes it safe (struct mmu_gather): entries are cleared first,
 * then the TLBs flushed, and only then the pages freed, in batches of about 10000.
 */
#ifndef PFT_MM_GATHER_H
#define PFT_MM_GATHER_H

#include "pft/mm/mm_types.h"
#include "pft/mm/pgtable_range.h"

struct gather {
	struct pgtable_visit visit;
	struct mm *mm;
	struct mm_worker *worker;
	unsigned nr; /* of worker->gathered */
	long unmapped; /* since rss was told */
	unsigned nr_zapped; /* of worker->zapped */
	bool flush; /* entries were cleared */
};

/* flush_tlb_mm_range(): interrupt all others that run in @mm. */
void mm_flush_tlb(struct mm *mm);

/* tlb_gather_mmu(), with the worker's LRU batch drained before. One at a time per worker. */
void gather_begin(struct gather *gather, struct mm *mm);

/* Unmap the pages of a range: unmap_vmas(), zap_page_range_single(). */
void gather_zap(struct gather *gather, unsigned long start, unsigned long end);

/* tlb_finish_mmu() */
void gather_finish(struct gather *gather);

#endif
