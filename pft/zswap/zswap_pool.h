/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zswap_pool: compressors with what they compressed. A change of the compressor makes another pool
 * current; the old one lives until its last entry is gone, and is taken back into service if its
 * compressor is chosen again before (mm/zswap.c, "zswap pool functions"). For pft/zswap and tests.
 */
#ifndef PFT_ZSWAP_ZSWAP_POOL_H
#define PFT_ZSWAP_ZSWAP_POOL_H

#include <stdint.h>

#include "common/say.h"
#include "pft/base/stat.h"
#include "pft/compress/compress.h"
#include "pft/zswap/zpool.h"

struct zswap;

#define ZSWAP_POOL_BIAS (1UL << 63) /* PERCPU_COUNT_BIAS */

/* A compressor with the memory for what it compressed. Entries keep theirs; only one is current. */
struct zswap_pool {
	/*
	 * One of "current", one per entry, and who is about to make one. While the pool is current each
	 * worker counts what it takes and gives in its row (percpu_ref), and refs has
	 * ZSWAP_POOL_BIAS besides, so that it cannot reach 0; then all count in refs.
	 */
	uint64_t refs;
	uint32_t atomic; /* all count in refs; changes under param_lock, read under RCU */
	struct stat_table rows;
	struct zswap *zswap;
	struct zpool *zpool;
	const struct compressor *compressor;
	int level;
	struct zswap_pool *next; /* of zswap->pools */
	struct zswap_pool *next_dead; /* of zswap->dead_pools */
	struct compress_context *contexts; /* [ARCH_SLOTS] */
};

/* A pool with the contexts of all workers that entered, its one reference that of
 * "current"; zswap_pool_create(). Under param_lock. 0 or -errno. */
int zswap_pool_new(struct zswap_pool **pool, struct zswap *zswap,
		   const struct compressor *compressor, int level, struct why *why);

/* Put @pool in front of the list of those that live. Under param_lock. */
void zswap_pool_publish(struct zswap_pool *pool);

/* zswap_pool_current_get(): never NULL. */
struct zswap_pool *zswap_pool_current_get(struct zswap *zswap);

/* zswap_pool_find_get(): one that lives and has that compressor, with a reference, or NULL. */
struct zswap_pool *zswap_pool_find_get(struct zswap *zswap, const struct compressor *compressor,
				       int level);

/* percpu_ref_kill(): @pool is current no more; ends that reference. Waits for a grace period. Under
 * param_lock, or by the last user. */
void zswap_pool_kill(struct zswap_pool *pool);

/* percpu_ref_reinit(): @pool, to which the caller has a reference, is to be current again. Under
 * param_lock. */
void zswap_pool_revive(struct zswap_pool *pool);

/* All references, while no worker is inside; for checks. */
uint64_t zswap_pool_refs(struct zswap_pool *pool);

/* zswap_pool_put(): the last one makes it dead, and gives it to the asynchronous worker. */
void zswap_pool_put(struct zswap_pool *pool);

/* Make the contexts of the worker in @slot for every pool that lives. Under param_lock. 0 or -ENOMEM. */
int zswap_pools_open(struct zswap *zswap, unsigned slot);

/* __zswap_pool_release() of all dead ones: waits for a grace period. */
void zswap_pools_release(struct zswap *zswap);

#endif
