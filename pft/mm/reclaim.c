/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/reclaim.h"

#include <errno.h>

#include "pft/base/frame_lock.h"
#include "pft/mm/kswapd.h"
#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/rmap.h"

/* shrink_inactive_list(): one batch. */
static void shrink_inactive(struct scan *scan, struct lruvec *lruvec, unsigned nr)
{
	struct mm_swap *swap = scan->family->swap;
	struct frame *frames[SWAP_CLUSTER_MAX];
	unsigned scanned;

	arch_xadd_full(&swap->isolated, 1);
	nr = lru_isolate(lruvec, LRU_INACTIVE_ANON, frames, nr, &scanned);
	nr = reclaim_frames(scan, lruvec, frames, nr);
	lru_putback(scan->family, scan->worker, frames, nr);
	arch_xadd_full(&swap->isolated, -1U);
}

/* shrink_active_list(): one batch goes to the inactive list, to show there whether it is used. */
static void shrink_active(struct scan *scan, struct lruvec *lruvec, unsigned nr)
{
	struct frame *frames[SWAP_CLUSTER_MAX];
	unsigned i, scanned;

	nr = lru_isolate(lruvec, LRU_ACTIVE_ANON, frames, nr, &scanned);
	for (i = 0; i < nr; i++) {
		rmap_referenced(scan->family, frames[i], scan->target);
		frame_clear_flags(frames[i], FRAME_ACTIVE);
		frame_set(frames[i], FRAME_WORKINGSET);
	}
	lru_putback(scan->family, scan->worker, frames, nr);
	memcg_count(lruvec->memcg, MEMCG_PGREFILL, scanned);
	memcg_count(lruvec->memcg, MEMCG_PGDEACTIVATE, nr);
	stat_add(&scan->family->events, MM_PGDEACTIVATE, nr);
}

/* inactive_is_low(): by size, 1:1 up to 1 GiB, then 1:sqrt(10 * GiB). */
static bool inactive_is_low(const struct lruvec *lruvec)
{
	uint64_t inactive = arch_read_once(&lruvec->nr[LRU_INACTIVE_ANON]);
	uint64_t active = arch_read_once(&lruvec->nr[LRU_ACTIVE_ANON]);
	uint64_t tens = 10 * ((inactive + active) >> (30 - PAGE_SHIFT)), ratio = 1;

	while ((ratio + 1) * (ratio + 1) <= tens)
		ratio++;
	return inactive * ratio < active;
}

/* get_scan_count(): a list's share at this priority; of a group that is gone at least a batch. */
static unsigned long share(const struct scan *scan, struct lruvec *lruvec, enum lru_list list)
{
	unsigned long size = arch_read_once(&lruvec->nr[list]), nr = size >> scan->priority;

	if (!nr && lruvec->memcg->parent && !memcg_online(lruvec->memcg))
		nr = size < SWAP_CLUSTER_MAX ? size : SWAP_CLUSTER_MAX;
	return nr;
}

static unsigned cut(unsigned long *nr)
{
	unsigned part = *nr < SWAP_CLUSTER_MAX ? (unsigned)*nr : SWAP_CLUSTER_MAX;

	*nr -= part;
	return part;
}

/* shrink_lruvec() */
static void shrink_lruvec(struct scan *scan, struct lruvec *lruvec)
{
	unsigned long active = share(scan, lruvec, LRU_ACTIVE_ANON);
	unsigned long inactive = share(scan, lruvec, LRU_INACTIVE_ANON);

	while (active || inactive) {
		unsigned nr = cut(&active);

		if (nr && inactive_is_low(lruvec))
			shrink_active(scan, lruvec, nr);
		nr = cut(&inactive);
		if (nr)
			shrink_inactive(scan, lruvec, nr);
		if (scan->reclaimed >= scan->goal)
			break;
	}
	if (inactive_is_low(lruvec))
		shrink_active(scan, lruvec, SWAP_CLUSTER_MAX);
}

/* shrink_slab() of the one shrinker there is. */
static void shrink_zswap(const struct scan *scan, struct memcg *memcg, unsigned node)
{
	struct zswap_reclaim reclaim = {
		.memcg = memcg,
		.node = node,
		.priority = scan->priority,
		.may_io = true,
	};

	if (!mm_swap_enter(scan->family, scan->worker))
		zswap_shrink_slab(scan->family->swap->zswap, &reclaim);
}

/* shrink_node_memcgs(): a whole round, so that each group gives its share. */
static void shrink_node(struct scan *scan, unsigned node)
{
	struct memcg *root = scan->target ? scan->target : scan->family->tree.root, *memcg = NULL;

	while ((memcg = memcg_next(root, memcg))) {
		shrink_lruvec(scan, &memcg->lruvecs[node]);
		shrink_zswap(scan, memcg, node);
	}
}

unsigned long reclaim_node(struct mm_family *family, unsigned node, unsigned priority,
			   unsigned long goal)
{
	struct scan scan = {
		.family = family,
		.worker = mm_worker(family),
		.priority = priority,
		.kswapd = true,
		.goal = goal,
	};

	shrink_node(&scan, node);
	return scan.reclaimed;
}

unsigned long reclaim_pages(struct mm_family *family, struct mm_worker *worker,
			    struct memcg *target, unsigned long goal)
{
	struct scan scan = {.family = family, .worker = worker, .target = target, .goal = goal};
	bool was = worker->memalloc;
	int priority;
	unsigned node;

	stat_inc(&family->events, MM_DIRECT_RECLAIM);
	worker->memalloc = true;
	lru_add_drain(family, worker);
	for (priority = DEF_PRIORITY; priority >= 0 && scan.reclaimed < goal; priority--) {
		scan.priority = (unsigned)priority;
		for (node = 0; node < family->nr_nodes; node++)
			shrink_node(&scan, node);
	}
	worker->memalloc = was;
	return scan.reclaimed;
}

/* mem_over_limit: the lowest group from @memcg up that has no room for a page. */
static struct memcg *over_limit(struct memcg *memcg)
{
	struct memcg *over;

	for (over = memcg; over->parent; over = over->parent) {
		if (arch_read_once(&over->memory.usage) >= arch_read_once(&over->memory.max))
			return over;
	}
	return memcg;
}

/* How often a worker tries again. */
struct patience {
	int retries, naps;
};
#define PATIENCE_INIT \
	{ \
		MAX_RECLAIM_RETRIES, ISOLATED_NAPS \
	}

/* Whether to reclaim once more after @reclaimed pages: as long as that helps, then some times. What
 * others have isolated may be all there is: wait for that (too_many_isolated()). */
static bool try_again(struct mm_family *family, struct patience *patience, unsigned long reclaimed)
{
	uint32_t isolated = arch_read_once(&family->swap->isolated);

	if (reclaimed)
		return true;
	if (isolated && patience->naps-- > 0) {
		arch_wait(&family->swap->isolated, isolated, 1000000);
		return true;
	}
	return patience->retries-- > 0;
}

/* drain_all_stock(): what the other workers have charged ahead to @over and below is as good as free. */
static void drain_all_stock(struct mm_family *family, struct mm_worker *self, struct memcg *over)
{
	struct memcg *memcg = NULL;
	unsigned slot;

	while ((memcg = memcg_next(over, memcg)))
		family_for_each_slot(slot, family)
			if (&family->workers[slot] != self)
				memcg_flush_stock(&family->workers[slot].stock, memcg);
}

int reclaim_charge(struct mm_family *family, struct mm_worker *worker, struct memcg *memcg)
{
	struct patience patience = PATIENCE_INIT;
	unsigned long reclaimed;
	bool drained = false;

	do {
		reclaimed = reclaim_pages(family, worker, over_limit(memcg), SWAP_CLUSTER_MAX);
		if (!memcg_charge(&worker->stock, memcg))
			return 0;
		if (!drained)
			drain_all_stock(family, worker, over_limit(memcg));
		drained = true;
	} while (try_again(family, &patience, reclaimed));
	stat_inc(&family->events, MM_OOM);
	return -ENOMEM;
}

struct frame *reclaim_alloc(struct mm_family *family, struct mm_worker *worker, unsigned node)
{
	struct patience patience = PATIENCE_INIT;
	unsigned long reclaimed;
	struct frame *frame;

	do {
		kswapd_wake(family, node);
		reclaimed = reclaim_pages(family, worker, NULL, SWAP_CLUSTER_MAX);
		frame = frame_alloc(family, worker, node);
		if (frame)
			return frame;
	} while (try_again(family, &patience, reclaimed));
	stat_inc(&family->events, MM_OOM);
	return NULL;
}
