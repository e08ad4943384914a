/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/lru.h"

#include "pft/base/frame_lock.h"

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

void lru_batch_move(struct mm_family *family, struct mm_worker *worker)
{
	struct lru_batch *batch = &worker->lru;
	struct lruvec *lruvec = NULL;
	unsigned i;

	for (i = 0; i < batch->nr; i++) {
		struct frame *frame = batch->frames[i];

		lruvec = relock(family, lruvec, frame);
		frame_set(frame, FRAME_LRU);
		list_add(&frame->lru, &lruvec->lists[LRU_INACTIVE_ANON]);
		lruvec->nr[LRU_INACTIVE_ANON]++;
	}
	if (lruvec)
		spin_unlock(&lruvec->lru_lock);
	stat_inc(&family->events, MM_LRU_DRAIN);
	i = batch->nr;
	batch->nr = 0;
	frames_put(family, worker, batch->frames, i);
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
	if (!frame_put_testzero(frame))
		BUG("a fresh frame is in use");
	pcp_free(family, worker, frame);
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
		list_del(&frames[i]->lru);
		lruvec->nr[LRU_INACTIVE_ANON]--;
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

struct frame *frame_alloc_slow(struct mm_family *family, struct mm_worker *worker, unsigned node)
{
	unsigned i;

	if (fault_inject_fails(&fault_inject_frame, NULL))
		return NULL;
	for (i = 0; i < family->nr_nodes; i++) {
		struct pcp *pcp = &worker->pcps[node];

		if (pcp->count)
			return pcp_pop(pcp);
		if (pcp_refill(pcp, &family->zones[node])) {
			stat_inc(&family->events, MM_PCP_REFILL);
			return pcp_pop(pcp);
		}
		node = (node + 1) % family->nr_nodes;
	}
	return NULL;
}
