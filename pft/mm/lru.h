/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lru: how pages come onto LRU lists and how they are freed (mm/swap.c, mm/page_alloc.c). A worker
 * gathers 31 pages before it takes a lru_lock; a page waiting in a batch is kept by the batch's
 * reference, so a page that was unmapped meanwhile is freed when the batch is drained.
 */
#ifndef PFT_MM_LRU_H
#define PFT_MM_LRU_H

#include "pft/mm/mm_types.h"

/* The lists that @frame belongs on. */
static inline struct lruvec *frame_lruvec(const struct mm_family *family, const struct frame *frame)
{
	struct memcg *memcg = arch_read_once(&frame->memcg);

	return &(memcg ? memcg : family->memcgs[0])->lruvecs[frame->node];
}

/* folio_batch_move_lru(): put the worker's batch onto the lists. */
void lru_batch_move(struct mm_family *family, struct mm_worker *worker);

/* lru_add_drain(): the same, if there is any; before pages are unmapped, so that they can be freed.
 */
static inline void lru_add_drain(struct mm_family *family, struct mm_worker *worker)
{
	if (worker->lru.nr)
		lru_batch_move(family, worker);
}

/* folio_add_lru(): let a page that was just mapped wait for its batch. */
static inline void lru_add(struct mm_family *family, struct mm_worker *worker, struct frame *frame)
{
	frame_get(frame);
	worker->lru.frames[worker->lru.nr++] = frame;
	if (unlikely(worker->lru.nr == LRU_BATCH))
		lru_batch_move(family, worker);
}

/* folios_put_refs(): drop a reference of each; who had no other goes off its list, is uncharged and
 * freed. The same frame may come twice. */
void frames_put(struct mm_family *family, struct mm_worker *worker, struct frame **frames,
		unsigned nr);

/* A frame of @node, or another if it has none, with one reference; NULL if there is no memory
 * (__alloc_pages()). Its contents are old. */
struct frame *frame_alloc_slow(struct mm_family *family, struct mm_worker *worker, unsigned node);

static inline struct frame *frame_alloc(struct mm_family *family, struct mm_worker *worker,
					unsigned node)
{
	struct pcp *pcp = &worker->pcps[node];

	if (unlikely(!pcp->count) || fault_inject_armed(&fault_inject_frame))
		return frame_alloc_slow(family, worker, node);
	return pcp_pop(pcp);
}

/* Give a frame back that nobody else has seen. */
void frame_free(struct mm_family *family, struct mm_worker *worker, struct frame *frame);

#endif
