/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shrink_worker: the one asynchronous worker: it shrinks the pool to the threshold, one entry per node and
 * group and turn, and frees pools without users (shrink_worker() of 6.12, __zswap_pool_release()).
 * tests/model/zswap_cursor.pml is its cursor beside groups that go offline.
 */
#include <errno.h>
#include <limits.h>

#include "pft/zswap/zswap_types.h"

enum { MAX_RECLAIM_RETRIES = 16 };

static bool stopping(struct zswap *zswap)
{
	return arch_read_once(&zswap->work) & ZSWAP_WORK_STOP;
}

/*
 * The next group that is online, with a reference of the caller's beside that of the cursor; NULL: the
 * round is done. Whether a group is online and the reference are found out and taken in one step (B2),
 * and groups that are not are passed by: none ends the round (B8).
 */
static struct memcg *next_memcg(struct zswap *zswap)
{
	struct memcg *memcg;

	spin_lock(&zswap->shrink_lock);
	do {
		memcg = memcg_next(zswap->memcgs->root, zswap->cursor);
		zswap->cursor = memcg;
	} while (memcg && !memcg_tryget_online(memcg));
	spin_unlock(&zswap->shrink_lock);
	return memcg;
}

void zswap_memcg_offline(struct memcg_notifier *notifier, struct memcg *memcg)
{
	struct zswap *zswap = container_of(notifier, struct zswap, notifier);
	unsigned node;

	/* Its lists become its parent's; what they were owed does too (reparent_shrinker_deferred()). */
	for (node = 0; node < zswap->memcgs->nr_nodes; node++) {
		struct lruvec_zswap *from = zswap_lruvec(zswap, memcg, node);
		uint64_t owed = arch_xchg_relaxed(&from->deferred, 0UL);

		arch_xadd_relaxed(&zswap_lruvec(zswap, memcg->parent, node)->deferred, owed);
	}
	/* The cursor's reference would keep it for as long as nobody shrinks; nor may the next group be
	 * one that has gone offline before (B8). */
	spin_lock(&zswap->shrink_lock);
	if (zswap->cursor == memcg) {
		do
			zswap->cursor = memcg_next(zswap->memcgs->root, zswap->cursor);
		while (zswap->cursor && !memcg_online(zswap->cursor));
	}
	spin_unlock(&zswap->shrink_lock);
}

/* One list for all: every turn is a round. */
static void shrink_one_list(struct zswap *zswap, uint64_t thr)
{
	unsigned failures = 0;

	while (zswap_above(zswap, thr) && !stopping(zswap))
		if (zswap_shrink_memcg(zswap, NULL) && ++failures == MAX_RECLAIM_RETRIES)
			return;
}

/* A group without entries, or that forbids writeback, is no failure (B9); a round of only such ones is. */
static void shrink_memcgs(struct zswap *zswap, uint64_t thr)
{
	unsigned failures = 0, attempts = 0;
	struct memcg *memcg;
	int rc;

	do {
		memcg = next_memcg(zswap);
		if (!memcg) {
			if (!attempts && ++failures == MAX_RECLAIM_RETRIES)
				return;
			attempts = 0;
			continue;
		}
		rc = zswap_shrink_memcg(zswap, memcg);
		memcg_put(memcg, 1);
		if (rc == -ENOENT)
			continue;
		attempts++;
		if (rc && ++failures == MAX_RECLAIM_RETRIES)
			return;
	} while (zswap_above(zswap, thr) && !stopping(zswap));
}

/* The threshold is that of the beginning. */
static void shrink_worker(struct zswap *zswap)
{
	uint64_t thr = zswap_accept_thr_pages(zswap);

	if (zswap->policy->memcg_lru && zswap->memcgs)
		shrink_memcgs(zswap, thr);
	else
		shrink_one_list(zswap, thr);
}

void zswap_queue_work(struct zswap *zswap, uint32_t work)
{
	/* Looking first: every rejected store comes here while the pool is full. */
	if (arch_read_once(&zswap->work) & work)
		return;
	/* Full: what the work is for comes before it; pairs with zswap_worker_run(). */
	if (!(arch_or_full(&zswap->work, work) & work))
		arch_wake(&zswap->work, UINT_MAX);
}

bool zswap_worker_run(struct zswap *zswap)
{
	uint32_t work = arch_read_once(&zswap->work);

	do {
		if (!(work & (ZSWAP_WORK_SHRINK | ZSWAP_WORK_RELEASE)))
			return false;
	} while (!arch_cmpxchg_full(&zswap->work, &work,
				    (work & ZSWAP_WORK_STOP) | ZSWAP_WORK_BUSY));
	if (work & ZSWAP_WORK_SHRINK)
		shrink_worker(zswap);
	if (work & ZSWAP_WORK_RELEASE)
		zswap_pools_release(zswap);
	arch_andnot_release(&zswap->work, (uint32_t)ZSWAP_WORK_BUSY); /* zswap_worker_flush() */
	arch_wake(&zswap->work, UINT_MAX);
	return true;
}

static void worker_loop(struct kthread *thread)
{
	struct zswap *zswap = container_of(thread, struct zswap, thread);
	uint32_t work;

	for (;;) {
		if (zswap_worker_run(zswap))
			continue;
		/* Acquire: pairs with zswap_worker_stop(): who stops us may have emptied our stock, too. */
		work = arch_load_acquire(&zswap->work);
		if (work & ZSWAP_WORK_STOP)
			break;
		if (!work)
			arch_wait(&zswap->work, 0, 0);
	}
	zswap_leave(zswap);
}

int zswap_worker_start(struct zswap *zswap, unsigned slot, struct why *why)
{
	int rc = zswap_enter_slot(zswap, slot);

	if (rc)
		return why_not(why, -rc, "no memory for zswap's worker");
	zswap->thread = (struct kthread){.slot = slot, .run = worker_loop};
	return kthread_start(&zswap->thread, why);
}

void zswap_worker_stop(struct zswap *zswap)
{
	if (!zswap->thread.native)
		return;
	arch_or_full(&zswap->work, (uint32_t)ZSWAP_WORK_STOP);
	arch_wake(&zswap->work, UINT_MAX);
	kthread_join(&zswap->thread);
	arch_write_once(&zswap->work, 0);
}

void zswap_worker_flush(struct zswap *zswap)
{
	const uint32_t any = ZSWAP_WORK_SHRINK | ZSWAP_WORK_RELEASE | ZSWAP_WORK_BUSY;
	uint32_t work;

	while ((work = arch_load_acquire(&zswap->work)) & any) { /* zswap_worker_run() */
		if (zswap->thread.native)
			arch_wait(&zswap->work, work, 0);
		else
			zswap_worker_run(zswap);
	}
}
