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

/* isolate_lru_folios(): take up to @max pages off the end of @list, each with a reference. Returns
 * how many; *@scanned is how many were looked at. */
unsigned lru_isolate(struct lruvec *lruvec, enum lru_list list, struct frame **frames, unsigned max,
		     unsigned *scanned);

/* move_folios_to_lru(): put isolated pages on the lists that their flags say, and drop the
 * references. */
void lru_putback(struct mm_family *family, struct mm_worker *worker, struct frame **frames,
		 unsigned nr);

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

/* Free @frame, whose last reference is gone, also on a thread that is no worker of the family. */
void frame_freed(struct mm_family *family, struct frame *frame);

/* Give the frames of the worker's own list of @node to the zone (drain_pages_zone()). */
void frames_release(struct mm_family *family, struct mm_worker *worker, unsigned node);

/* Give a frame back that nobody else has seen, but who took it for what it was before. */
void frame_free(struct mm_family *family, struct mm_worker *worker, struct frame *frame);

#endif
