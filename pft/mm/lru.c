/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/lru.h"

#include "pft/base/frame_lock.h"
#include "pft/mm/kswapd.h"

/* Longest time, in pages, that a lru_lock is held: SWAP_CLUSTER_MAX. */
#define LOCK_BATCH 32

/* folio_lruvec_relock_irqsave(): hold the lock of @frame's lists instead of that of @held. */
static inline struct lruvec *relock(const struct mm_family *family, struct lruvec *held,
				    const struct frame *frame)
{
	struct lruvec *lruvec = frame_lruvec(family, frame);

	if (lruvec == held)
		return held;
	if (held)
		spin_unlock(&held->lru_lock);
	spin_lock(&lruvec->lru_lock);
	return lruvec;
}

/* lru_add_fn(): the lock is held. */
static void add_to_list(struct lruvec *lruvec, struct frame *frame)
{
	enum lru_list list = frame_test(frame, FRAME_ACTIVE) ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;

	frame_set(frame, FRAME_LRU);
	list_add(&frame->lru, &lruvec->lists[list]);
	arch_write_once(&lruvec->nr[list], lruvec->nr[list] + 1);
}

/* The lock is held; who has cleared FRAME_LRU, or the last reference, is the caller. FRAME_ACTIVE
 * does not change while a page is on a list. */
static void del_from_list(struct lruvec *lruvec, struct frame *frame)
{
	enum lru_list list = frame_test(frame, FRAME_ACTIVE) ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;

	list_del(&frame->lru);
	arch_write_once(&lruvec->nr[list], lruvec->nr[list] - 1);
}

void lru_putback(struct mm_family *family, struct mm_worker *worker, struct frame **frames,
		 unsigned nr)
{
	struct lruvec *lruvec = NULL;
	unsigned i;

	for (i = 0; i < nr; i++) {
		lruvec = relock(family, lruvec, frames[i]);
		add_to_list(lruvec, frames[i]);
	}
	if (lruvec)
		spin_unlock(&lruvec->lru_lock);
	frames_put(family, worker, frames, nr);
}

void lru_batch_move(struct mm_family *family, struct mm_worker *worker)
{
	struct lru_batch *batch = &worker->lru;
	unsigned nr = batch->nr;

	batch->nr = 0;
	stat_inc(&family->events, MM_LRU_DRAIN);
	lru_putback(family, worker, batch->frames, nr);
}

unsigned lru_isolate(struct lruvec *lruvec, enum lru_list list, struct frame **frames, unsigned max,
		     unsigned *scanned)
{
	struct list_head *head = &lruvec->lists[list], *at, *before;
	unsigned nr = 0;

	*scanned = 0;
	spin_lock(&lruvec->lru_lock);
	for (at = head->prev; at != head && nr < max && *scanned < max; at = before) {
		struct frame *frame = list_entry(at, struct frame, lru);

		before = at->prev;
		++*scanned;
		if (!frame_tryget(frame))
			continue; /* it is being freed, and comes off when we let go */
		frame_clear_flags(frame, FRAME_LRU);
		del_from_list(lruvec, frame);
		frames[nr++] = frame;
	}
	spin_unlock(&lruvec->lru_lock);
	return nr;
}

/* free_unref_page_commit() */
static void pcp_free(struct mm_family *family, struct mm_worker *worker, struct frame *frame)
{
	struct pcp *pcp = &worker->pcps[frame->node];

	pcp_push(pcp, frame);
	if (unlikely(pcp->count > PCP_HIGH)) {
		pcp_drain(pcp, &family->zones[frame->node], PCP_BATCH);
		stat_inc(&family->events, MM_PCP_DRAIN);
	}
}

void frame_free(struct mm_family *family, struct mm_worker *worker, struct frame *frame)
{
	/* Who found the slot of its last life drops his reference by frame_freed(). */
	if (likely(frame_put_testzero(frame)))
		pcp_free(family, worker, frame);
	else if (!family->swap)
		BUG("a fresh frame is in use");
}

/* Take frames without references off their lists: __page_cache_release(). */
static void lru_remove(const struct mm_family *family, struct frame **frames, unsigned nr)
{
	struct lruvec *lruvec = NULL;
	unsigned i;

	for (i = 0; i < nr; i++) {
		if (!(arch_read_once(&frames[i]->flags) & FRAME_LRU))
			continue;
		lruvec = relock(family, lruvec, frames[i]);
		del_from_list(lruvec, frames[i]);
	}
	if (lruvec)
		spin_unlock(&lruvec->lru_lock);
}

/* Uncharge frames without references, and free them: uncharge_folios(), free_unref_folios(). */
static void free_frames(struct mm_family *family, struct mm_worker *worker, struct frame **frames,
			unsigned nr)
{
	struct memcg *memcg = NULL;
	unsigned i, charged = 0;

	for (i = 0; i < nr; i++) {
		struct frame *frame = frames[i];

		if (frame->memcg != memcg) {
			if (charged)
				memcg_uncharge(memcg, charged);
			memcg = frame->memcg;
			charged = 0;
		}
		charged += memcg != NULL;
		frame->memcg = NULL;
		pcp_free(family, worker, frame);
	}
	if (charged)
		memcg_uncharge(memcg, charged);
}

void frames_put(struct mm_family *family, struct mm_worker *worker, struct frame **frames,
		unsigned nr)
{
	struct frame *dead[LOCK_BATCH];
	unsigned i, nr_dead = 0;

	for (i = 0; i < nr; i++) {
		if (frame_put_testzero(frames[i]))
			dead[nr_dead++] = frames[i];
		if (nr_dead == LOCK_BATCH || (i + 1 == nr && nr_dead)) {
			lru_remove(family, dead, nr_dead);
			free_frames(family, worker, dead, nr_dead);
			nr_dead = 0;
		}
	}
}

void frame_freed(struct mm_family *family, struct frame *frame)
{
	unsigned slot = arch_slot();
	struct pcp one = {.list = LIST_HEAD_INIT(one.list)};

	lru_remove(family, &frame, 1);
	if (arch_read_once(&family->slots[slot / 64]) >> slot % 64 & 1) {
		free_frames(family, mm_worker(family), &frame, 1);
		return;
	}
	if (frame->memcg)
		memcg_uncharge(frame->memcg, 1);
	frame->memcg = NULL;
	pcp_push(&one, frame);
	pcp_drain(&one, &family->zones[frame->node], 1);
}

void frames_release(struct mm_family *family, struct mm_worker *worker, unsigned node)
{
	struct pcp *pcp = &worker->pcps[node];

	if (pcp->count)
		pcp_drain(pcp, &family->zones[node], pcp->count);
}

/* zone_watermark_ok(): below min only who frees memory gets some. */
static bool zone_has_some(const struct mm_worker *worker, const struct zone *zone)
{
	return worker->memalloc || arch_read_once(&zone->nr_free) >= zone->min;
}

static bool zone_is_low(const struct zone *zone)
{
	return arch_read_once(&zone->nr_free) < zone->low;
}

struct frame *frame_alloc_slow(struct mm_family *family, struct mm_worker *worker, unsigned node)
{
	unsigned i;

	if (fault_inject_fails(&fault_inject_frame, NULL))
		return NULL;
	for (i = 0; i < family->nr_nodes; i++) {
		struct pcp *pcp = &worker->pcps[node];

		if (pcp->count)
			return pcp_pop(pcp);
		if (zone_has_some(worker, &family->zones[node]) &&
		    pcp_refill(pcp, &family->zones[node])) {
			stat_inc(&family->events, MM_PCP_REFILL);
			if (unlikely(zone_is_low(&family->zones[node])))
				kswapd_wake(family, node);
			return pcp_pop(pcp);
		}
		node = (node + 1) % family->nr_nodes;
	}
	return NULL;
}
