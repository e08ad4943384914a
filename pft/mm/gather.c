/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/gather.h"

#include "common/say.h"
#include "pft/base/frame_lock.h"
#include "pft/base/tlb.h"
#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/swap_fault.h"

void mm_flush_tlb(struct mm *mm)
{
	unsigned i, self = arch_slot(), others = 0;

	for (i = 0; i < ARCH_SLOTS / 64; i++) {
		uint64_t mask = arch_read_once(&mm->cpumask[i]);

		if (i == self / 64)
			mask &= ~(1UL << self % 64);
		others += __builtin_popcountl(mask);
	}
	mm_event(mm, others ? MM_SHOOTDOWN : MM_FLUSH_LOCAL);
	if (others)
		tlb_shootdown(others);
}

/* free_swap_cache(): pages that are mapped no more, and in swap for nobody else. */
static void leave_swap_cache(struct gather *gather)
{
	unsigned i;

	for (i = 0; i < gather->nr; i++) {
		struct frame *frame = gather->worker->gathered[i];

		if (frame_test(frame, FRAME_SWAPCACHE) && !arch_read_once(&frame->mapcount))
			swap_fault_reuse(gather->mm->family, frame);
	}
}

/* tlb_flush_mmu() */
static void flush(struct gather *gather)
{
	if (gather->flush)
		mm_flush_tlb(gather->mm);
	gather->flush = false;
	if (gather->mm->family->swap)
		leave_swap_cache(gather);
	frames_put(gather->mm->family, gather->worker, gather->worker->gathered, gather->nr);
	gather->nr = 0;
}

/* zap_present_pte(): the PTE page is locked. */
static int zap_entry(struct pgtable_visit *visit, unsigned long address, uint64_t pte)
{
	struct gather *gather = container_of(visit, struct gather, visit);
	struct frame *frame;

	(void)address;
	if (pte_is_swap(pte)) {
		gather->worker->zapped[gather->nr_zapped++] = pte_swap_offset(pte);
		return 0;
	}
	if (!(pte & PTE_PRESENT))
		BUG("entry %lx is not of a page", (unsigned long)pte);
	frame = frame_of_pfn(gather->mm->family->zones, pte_frame(pte));
	/* Full: pairs with mapped() of reclaim. */
	arch_xadd_full(&frame->mapcount, -1);
	gather->worker->gathered[gather->nr++] = frame;
	gather->unmapped++;
	return 0;
}

/* What zap_pte_range() does after each PTE page: add_mm_rss_vec(), and the flush that is due. */
static void zap_unlocked(struct pgtable_visit *visit)
{
	struct gather *gather = container_of(visit, struct gather, visit);

	if (gather->nr_zapped) {
		rss_add(gather->mm, gather->worker, MM_SWAPENTS, -(long)gather->nr_zapped);
		mm_swap_put_slots(gather->mm->family->swap, gather->worker->zapped,
				  gather->nr_zapped);
		gather->nr_zapped = 0;
	}
	if (!gather->unmapped)
		return;
	rss_add(gather->mm, gather->worker, MM_ANONPAGES, -gather->unmapped);
	gather->unmapped = 0;
	gather->flush = true;
	if (gather->nr >= GATHER_LIMIT)
		flush(gather);
}

void gather_begin(struct gather *gather, struct mm *mm)
{
	*gather = (struct gather){
		.visit = {.entry = zap_entry, .unlocked = zap_unlocked},
		.mm = mm,
		.worker = mm_switch(mm),
	};
	lru_add_drain(mm->family, gather->worker);
}

void gather_zap(struct gather *gather, unsigned long start, unsigned long end)
{
	pgtable_zap(&gather->mm->tables, start, end, &gather->visit);
}

void gather_finish(struct gather *gather)
{
	flush(gather);
}
