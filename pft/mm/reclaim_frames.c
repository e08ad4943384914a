/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reclaim_frames: what becomes of pages that were isolated: shrink_folio_list().
 *
 * Where it differs: all pages of a batch are unmapped before the one flush of TLBs, and only then
 * written; the kernel flushes for every dirty page. What the device is still writing is waited for
 * at the end of the batch, in place of coming back to it at the end of the list (PG_reclaim).
 */
#include "pft/base/frame_lock.h"
#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/reclaim.h"
#include "pft/mm/rmap.h"
#include "pft/zswap/swap_io.h"

/* What is to be done with a page: enum folio_references. */
enum fate { FATE_RECLAIM, FATE_KEEP, FATE_ACTIVATE };

/* A batch under way. */
struct batch {
	struct scan *scan;
	struct mm_swap *swap;
	struct unmap_batch tlb;
	struct frame *kept[SWAP_CLUSTER_MAX];
	struct frame *out[SWAP_CLUSTER_MAX]; /* locked, in the swap cache, not mapped */
	struct frame *dead[SWAP_CLUSTER_MAX];
	unsigned nr_kept, nr_out, nr_dead;
	unsigned activated;
};

static void event(const struct batch *batch, enum mm_event event)
{
	stat_inc(&batch->scan->family->events, event);
}

/* keep_locked, activate_locked: a slot is given up early where they are short. */
static void keep(struct batch *batch, struct frame *frame, enum fate fate)
{
	if (fate == FATE_ACTIVATE) {
		if (frame_test(frame, FRAME_SWAPCACHE) && mm_swap_full(batch->swap))
			mm_swap_free_slot(batch->swap, frame);
		frame_set(frame, FRAME_ACTIVE);
		batch->activated++;
	}
	frame_unlock(frame);
	batch->kept[batch->nr_kept++] = frame;
}

/* folio_check_references(): used twice since it was looked at, or by two, it becomes active; used
 * once it gets another round. */
static enum fate check_references(const struct batch *batch, struct frame *frame)
{
	int ptes = rmap_referenced(batch->scan->family, frame, batch->scan->target);
	bool before;

	if (ptes < 0)
		return FATE_KEEP;
	before = arch_andnot_relaxed(&frame->flags, (uint32_t)FRAME_REFERENCED) & FRAME_REFERENCED;
	if (!ptes)
		return FATE_RECLAIM;
	frame_set(frame, FRAME_REFERENCED);
	return before || ptes > 1 ? FATE_ACTIVATE : FATE_KEEP;
}

/* add_to_swap(): the page is dirty whatever its PTE says; it may be in no swap yet. */
static bool add_to_swap(struct batch *batch, struct frame *frame)
{
	uint64_t slot;

	if (frame_test(frame, FRAME_SWAPCACHE))
		return true;
	if (swap_cache_add_new(&batch->swap->swap.cache, frame, &slot)) {
		event(batch, MM_SWAP_OUT_FAIL);
		return false;
	}
	frame_set(frame, FRAME_SWAPBACKED | FRAME_UPTODATE | FRAME_DIRTY);
	return true;
}

/* The first half: up to try_to_unmap(). */
static void unmap(struct batch *batch, struct frame *frame)
{
	struct scan *scan = batch->scan;
	enum fate fate;

	if (!frame_trylock(frame)) {
		batch->kept[batch->nr_kept++] = frame;
		return;
	}
	fate = check_references(batch, frame);
	if (fate == FATE_RECLAIM && !add_to_swap(batch, frame))
		fate = FATE_ACTIVATE;
	if (fate == FATE_RECLAIM && !rmap_unmap(scan->family, scan->worker, frame, &batch->tlb)) {
		event(batch, MM_UNMAP_FAIL);
		fate = FATE_ACTIVATE;
	}
	if (fate == FATE_RECLAIM)
		batch->out[batch->nr_out++] = frame;
	else
		keep(batch, frame, fate);
}

/* is_page_cache_freeable(): besides us and the swap cache nobody has a reference. */
static bool freeable(const struct frame *frame)
{
	return arch_load_acquire(&frame->refcount) == 2;
}

/* pageout(). Whether the frame may be freed, as soon as the device has written it. */
static bool write_out(struct batch *batch, struct frame *frame)
{
	if (!freeable(frame)) {
		keep(batch, frame, FATE_KEEP);
		return false;
	}
	/* The cache's use is the last: nobody wants the contents any more (folio_free_swap()). */
	if (swap_slot_count(&batch->swap->swap.slots, frame->swap - 1) == 1)
		frame_clear_flags(frame, FRAME_DIRTY);
	if (!frame_test(frame, FRAME_DIRTY))
		return true;
	if (mm_swap_enter(batch->scan->family, batch->scan->worker) ||
	    swap_out(&batch->swap->swap, frame)) {
		event(batch, MM_SWAP_OUT_FAIL);
		keep(batch, frame, FATE_ACTIVATE);
		return false;
	}
	event(batch, MM_SWAP_OUT);
	return true;
}

/* __remove_mapping(): a fault that has found the frame looks again when it has the lock. */
static void let_go(struct batch *batch, struct frame *frame)
{
	frame_wait_writeback(frame);
	if (frame_test(frame, FRAME_DIRTY)) {
		event(batch, MM_SWAP_OUT_FAIL); /* it was not written */
		keep(batch, frame, FATE_ACTIVATE);
		return;
	}
	if (!freeable(frame)) {
		keep(batch, frame, FATE_KEEP);
		return;
	}
	swap_cache_delete(&batch->swap->swap.cache, frame);
	frame_unlock(frame);
	batch->dead[batch->nr_dead++] = frame;
}

static void count(const struct batch *batch, struct lruvec *lruvec, unsigned nr)
{
	struct scan *scan = batch->scan;

	scan->scanned += nr;
	scan->reclaimed += batch->nr_dead;
	memcg_count(lruvec->memcg, scan->kswapd ? MEMCG_PGSCAN_KSWAPD : MEMCG_PGSCAN_DIRECT, nr);
	memcg_count(lruvec->memcg, scan->kswapd ? MEMCG_PGSTEAL_KSWAPD : MEMCG_PGSTEAL_DIRECT,
		    batch->nr_dead);
	memcg_count(lruvec->memcg, MEMCG_PGACTIVATE, batch->activated);
	stat_add(&scan->family->events, MM_PGSCAN, nr);
	stat_add(&scan->family->events, MM_PGSTEAL, batch->nr_dead);
	stat_add(&scan->family->events, MM_PGACTIVATE, batch->activated);
}

unsigned reclaim_frames(struct scan *scan, struct lruvec *lruvec, struct frame **frames,
			unsigned nr)
{
	struct batch batch = {.scan = scan, .swap = scan->family->swap};
	unsigned i, nr_written = 0;

	for (i = 0; i < nr; i++)
		unmap(&batch, frames[i]);
	unmap_flush(scan->family, &batch.tlb);
	for (i = 0; i < batch.nr_out; i++)
		if (write_out(&batch, batch.out[i]))
			batch.out[nr_written++] = batch.out[i];
	for (i = 0; i < nr_written; i++)
		let_go(&batch, batch.out[i]);
	count(&batch, lruvec, nr);
	frames_put(scan->family, scan->worker, batch.dead, batch.nr_dead);
	for (i = 0; i < batch.nr_kept; i++)
		frames[i] = batch.kept[i];
	return batch.nr_kept;
}
