/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/swap_fault.h"

#include <errno.h>

#include "pft/base/frame_lock.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/reclaim.h"
#include "pft/mm/vma.h"
#include "pft/zswap/swap_io.h"

/* A frame that the cache had, with our reference: lock it and look whether it has it still. */
static int lock_cached(const struct swap_fault *fault, uint64_t slot, struct frame *frame)
{
	struct swap_cache *cache = &fault->mm->family->swap->swap.cache;

	if (!frame_trylock(frame)) {
		if (fault->lock->held == FAULT_VMA) {
			swap_cache_put_frame(cache, frame);
			return FAULT_AGAIN;
		}
		frame_lock(frame);
	}
	if (swap_cache_holds(frame, slot)) {
		mm_event(fault->mm, MM_SWAP_CACHE_HIT);
		return 0;
	}
	frame_unlock(frame);
	swap_cache_put_frame(cache, frame);
	return -EAGAIN;
}

static void prepare_frame(struct frame *frame, struct memcg *memcg)
{
	frame->memcg = memcg;
	if (!frame_trylock(frame))
		BUG("a new frame is locked");
	frame_set(frame, FRAME_SWAPBACKED);
}

/* alloc_swap_folio(): a locked frame, charged, that nobody knows. */
static int new_frame(const struct swap_fault *fault, struct frame **fresh)
{
	struct mm_family *family = fault->mm->family;
	struct mm_worker *worker = fault->worker;
	struct memcg *memcg = arch_read_once(&fault->mm->memcg);
	struct frame *frame = frame_alloc(family, worker, fault->node);

	if (!frame)
		frame = reclaim_alloc(family, worker, fault->node);
	if (!frame)
		return -ENOMEM;
	if (memcg && memcg_charge(&worker->stock, memcg) && reclaim_charge(family, worker, memcg)) {
		frame_free(family, worker, frame);
		return -ENOMEM;
	}
	prepare_frame(frame, memcg);
	*fresh = frame;
	return 0;
}

/* Give back what new_frame() made. */
static void drop_frame(const struct swap_fault *fault, struct frame *frame)
{
	if (frame->memcg)
		memcg_cancel(&fault->worker->stock, frame->memcg);
	frame->memcg = NULL;
	frame_unlock(frame);
	frame_free(fault->mm->family, fault->worker, frame);
}

/* swap_read_folio() into a frame that is now the cache's, and on its way to a list. */
static int read_frame(const struct swap_fault *fault, struct frame *frame)
{
	struct mm_family *family = fault->mm->family;
	struct memcg *memcg = frame->memcg;
	bool from_disk;
	int rc = mm_swap_enter(family, fault->worker);

	if (!rc && swap_in(&family->swap->swap, frame, &from_disk))
		rc = -EIO;
	if (rc) {
		/* Not to be found by others: each reads for himself, and gets his own error. */
		swap_cache_delete(&family->swap->swap.cache, frame);
		frame_unlock(frame);
		swap_cache_put_frame(&family->swap->swap.cache, frame);
		mm_event(fault->mm, MM_SWAP_IN_FAIL);
		return rc;
	}
	lru_add(family, fault->worker, frame);
	mm_event(fault->mm, MM_SWAP_IN);
	if (from_disk)
		mm_event(fault->mm, MM_FAULT_MAJOR);
	if (memcg)
		memcg_count(memcg, MEMCG_WORKINGSET_REFAULT, 1);
	if (memcg && from_disk)
		memcg_count(memcg, MEMCG_PGMAJFAULT, 1);
	return 0;
}

/* The frame of @slot, locked, up to date, in the swap cache, with a reference. */
static int get_frame(const struct swap_fault *fault, uint64_t slot, struct frame **frame)
{
	struct swap_cache *cache = &fault->mm->family->swap->swap.cache;
	int rc;

	*frame = swap_cache_get(cache, slot);
	if (*frame)
		return lock_cached(fault, slot, *frame);
	rc = new_frame(fault, frame);
	if (rc)
		return rc;
	rc = swap_cache_add(cache, slot, *frame);
	if (rc) {
		drop_frame(fault, *frame);
		/* Another was faster, or the slot is free: then so is the PTE. */
		return rc == -ENOMEM ? rc : -EAGAIN;
	}
	return read_frame(fault, *frame);
}

/* One more page for swap_vma_readahead(): nothing is waited for, or reclaimed. */
static void read_ahead(const struct swap_fault *fault, uint64_t slot)
{
	struct mm_family *family = fault->mm->family;
	struct memcg *memcg = arch_read_once(&fault->mm->memcg);
	struct swap_cache *cache = &family->swap->swap.cache;
	struct frame *frame = swap_cache_get(cache, slot);

	if (frame) {
		swap_cache_put_frame(cache, frame);
		return;
	}
	frame = frame_alloc(family, fault->worker, fault->node);
	if (!frame)
		return;
	if (memcg && memcg_charge(&fault->worker->stock, memcg)) {
		frame_free(family, fault->worker, frame);
		return;
	}
	prepare_frame(frame, memcg);
	if (swap_cache_add(cache, slot, frame)) {
		drop_frame(fault, frame);
		return;
	}
	if (read_frame(fault, frame))
		return;
	mm_event(fault->mm, MM_SWAP_RA);
	frame_unlock(frame);
	swap_cache_put_frame(cache, frame);
}

/* swap_vma_readahead(): the pages around that are swapped out too, as far as VMA and table go; a
 * window of fixed size, where the kernel's follows the hits. */
static void read_around(const struct swap_fault *fault)
{
	unsigned long address = fault->lock->address & ~(PAGE_SIZE - 1UL), at;
	unsigned long size = (unsigned long)PAGE_SIZE << fault->mm->family->swap->page_cluster;
	unsigned long start = address & ~(size - 1), end = start + size;
	unsigned long first = vma_start(fault->mm, fault->lock->vma);
	unsigned long last = vma_end(fault->mm, fault->lock->vma);
	uint64_t pte;

	start = start > first ? start : first;
	end = end < last ? end : last;
	for (at = start; at < end; at += PAGE_SIZE) {
		pte = pte_get(fault->pos.pte + ((long)(at - address) >> PAGE_SHIFT));
		if (at != address && pte_is_swap(pte))
			read_ahead(fault, pte_swap_offset(pte));
	}
}

/* folio_add_anon_rmap_ptes(): of a page whose slot others refer to too the oldest anon_vma is the
 * one that has them all. One that the frame has already was so chosen. */
static void add_rmap(const struct swap_fault *fault, uint64_t slot, struct frame *frame)
{
	const struct swap_slots *slots = &fault->mm->family->swap->swap.slots;
	struct anon_vma *anon = vma_anon(fault->mm, fault->lock->vma);

	if (!frame->mapping) {
		frame->index = vma_pgoff(fault->mm, fault->lock->vma, fault->lock->address);
		/* Two uses: the cache's, and that of the PTE, which is locked. */
		anon = swap_slot_count(slots, slot) == 2 ? anon : anon->root;
		arch_store_release(&frame->mapping, anon); /* pairs with lock_anon() of rmap */
	}
	arch_xadd_full(&frame->mapcount, 1);
}

/* Put the page where the swap PTE is, if that is there still. The reference becomes the PTE's. */
static bool map_frame(const struct swap_fault *fault, struct frame *frame, uint64_t *pte)
{
	struct mm *mm = fault->mm;
	struct pte_pos pos = fault->pos;

	if (!pte_pos_lock(&pos))
		return false;
	if (arch_read_once(pos.pte) != fault->pte) {
		pte_pos_unlock(&pos);
		return false;
	}
	rss_add(mm, fault->worker, MM_ANONPAGES, 1);
	rss_add(mm, fault->worker, MM_SWAPENTS, -1);
	add_rmap(fault, pte_swap_offset(fault->pte), frame);
	*pte = pte_make(frame_pfn(mm->family->zones, frame),
			vma_load(mm, fault->lock->vma, vm_page_prot, unsigned long));
	pte_set(pos.pte, *pte);
	pte_pos_unlock(&pos);
	return true;
}

int swap_fault_map(const struct swap_fault *fault, uint64_t *pte)
{
	struct mm_swap *swap = fault->mm->family->swap;
	uint64_t slot = pte_swap_offset(fault->pte);
	struct frame *frame;
	bool mapped;
	int rc;

	if (fault->lock->held == FAULT_SPECULATIVE)
		return FAULT_AGAIN;
	rc = get_frame(fault, slot, &frame);
	if (rc)
		return rc;
	mapped = map_frame(fault, frame, pte);
	if (mapped) {
		swap_slot_put(&swap->swap.slots, slot);
		if (mm_swap_full(swap))
			mm_swap_free_slot(swap, frame);
	}
	frame_unlock(frame);
	if (!mapped)
		swap_cache_put_frame(&swap->swap.cache, frame);
	else if (swap->page_cluster)
		read_around(fault);
	return mapped ? 0 : -EAGAIN;
}

void swap_fault_reuse(struct mm_family *family, struct frame *frame)
{
	if (!frame_trylock(frame))
		return;
	if (frame_test(frame, FRAME_SWAPCACHE))
		mm_swap_free_slot(family->swap, frame);
	frame_unlock(frame);
}
