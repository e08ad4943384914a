/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zswap_types: what zswap is made of, for the files of this folder and its tests. The verbs are in
 * store.c, load.c, writeback.c, shrink.c, shrink_worker.c, shrinker.c and params.c.
 */
#ifndef PFT_ZSWAP_ZSWAP_TYPES_H
#define PFT_ZSWAP_ZSWAP_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/kthread.h"
#include "pft/base/list_lru.h"
#include "pft/base/memcg.h"
#include "pft/base/obj_cgroup.h"
#include "pft/base/page.h"
#include "pft/base/rwsem.h"
#include "pft/base/slab.h"
#include "pft/base/spinlock.h"
#include "pft/base/stat.h"
#include "pft/zswap/entry.h"
#include "pft/zswap/slot_table.h"
#include "pft/zswap/zswap.h"
#include "pft/zswap/zswap_pool.h"

struct swap;

/* What a worker has: acomp_ctx but for the codec's own part. Its slot's only, so no lock. */
struct zswap_worker {
	unsigned char *compressed; /* COMPRESS_BOUND bytes */
	unsigned char *scratch; /* ZPOOL_PAGE bytes for zpool_read_begin() */
	bool busy; /* both are in use: to come here again then is a BUG (B16) */
	int write_error; /* of a write that ended before its submit returned */
};

/* Bits of zswap->work: what the asynchronous worker has to do. */
enum {
	ZSWAP_WORK_SHRINK = 1 << 0,
	ZSWAP_WORK_RELEASE = 1 << 1, /* there are dead pools */
	ZSWAP_WORK_STOP = 1 << 2, /* its thread is to end */
	ZSWAP_WORK_BUSY = 1 << 3, /* it is at it */
};

/* In zswap->users: the device may be used. The other bits count who does. */
#define ZSWAP_DEVICE_LIVE (1U << 31)

struct zswap {
	/* Constant. */
	const struct zswap_policy *policy;
	struct memcg_tree *memcgs; /* or NULL */
	const char *zpool_name;
	uint64_t total_pages;
	unsigned nr_lists; /* nodes with lists of their own */
	struct kmem_cache *entries;
	struct stat_table stat; /* enum zswap_stat; gauges as differences */
	struct lruvec_zswap *no_memcg; /* [nodes]: the shrinker's state without memcgs */
	struct zswap_worker **workers; /* [ARCH_SLOTS], NULL: has not entered */

	/* Parameters: read by every store. */
	bool enabled, shrinker_enabled, raw;
	uint32_t max_pool_percent, accept_threshold_percent;
	struct zswap_pool *current; /* under RCU */
	struct zswap_pool *pools; /* all that live, under RCU; the newest first */
	struct list_lru lru;

	/* The device, between swapon and swapoff. */
	struct slot_table table;
	struct swap *swap;
	uint32_t users; /* ZSWAP_DEVICE_LIVE, and writebacks that look at swap */

	bool reached_full; /* the limit was hit, and the threshold not yet crossed */
	uint64_t writing; /* bytes of objects that live until their write ends */

	/* Serializes changes of the current pool with the workers' entering. Outermost. */
	struct rw_semaphore param_lock;
	struct spinlock pools_lock; /* guards pools' links and dead_pools; innermost */
	struct zswap_pool *dead_pools;

	/* Guards cursor. Inside a memcg tree's registry_lock, outside its lock. */
	struct spinlock shrink_lock __attribute__((aligned(ARCH_PAIR)));
	struct memcg *cursor; /* where shrink_worker() goes on, with a reference; NULL: anew */
	struct memcg_notifier notifier;

	uint32_t work; /* ZSWAP_WORK_*; the worker sleeps on it */
	struct kthread thread;
};

/* zswap.c: the state of the calling worker, which has entered. */
static inline struct zswap_worker *zswap_worker_of(struct zswap *zswap)
{
	struct zswap_worker *worker = zswap->workers[arch_slot()];

	if (unlikely(!worker))
		BUG("the worker in slot %u uses zswap without zswap_enter()", arch_slot());
	return worker;
}

/* zswap.c: keep the device, or false if there is none; and let go of it. */
bool zswap_device_tryget(struct zswap *zswap);
void zswap_device_put(struct zswap *zswap);

/* limits.c: zswap_max_pages(), zswap_accept_thr_pages(). */
uint64_t zswap_max_pages(const struct zswap *zswap);
uint64_t zswap_accept_thr_pages(const struct zswap *zswap);

/* zswap_check_limits(): whether a store must be rejected; counts a hit of the limit, and remembers it until
 * the pool is below the threshold again. */
bool zswap_check_limits(struct zswap *zswap);

/* Whether shrink_worker() has not done enough: above the threshold @thr, by the policy's strictness. */
bool zswap_above(struct zswap *zswap, uint64_t thr);

/* writeback.c: zswap_writeback_entry() of the entry at @slot, if that is still @victim; see there. */
int zswap_writeback_entry(struct zswap *zswap, const struct zswap_entry *victim, uint64_t slot);

/* shrink.c: walk at most @nr entries of one list (list_lru_shrink_walk()). Returns the freed; @in_cache is
 * set if a victim was in the swap cache: then it is warm, and the walk ended. */
unsigned long zswap_walk(struct zswap *zswap, struct memcg *memcg, unsigned node, unsigned long *nr,
			 bool *in_cache);

/* shrink_worker.c: queue_work(). */
void zswap_queue_work(struct zswap *zswap, uint32_t work);

/* The offline_notify of the memcgs (zswap_memcg_offline_cleanup()). */
void zswap_memcg_offline(struct memcg_notifier *notifier, struct memcg *memcg);

/* shrinker.c: the shrinker's state of a list. */
struct lruvec_zswap *zswap_lruvec(struct zswap *zswap, struct memcg *memcg, unsigned node);

/* An entry was added to the list of @memcg on @node; 6.8's protection grows. */
void zswap_protect_added(struct zswap *zswap, struct memcg *memcg, unsigned node);

#endif
