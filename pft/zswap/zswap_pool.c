/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zswap_pool.h"

#include "pft/base/memory.h"
#include "pft/zswap/zswap_types.h"

static void pool_free(struct zswap_pool *pool)
{
	unsigned slot;

	for (slot = 0; slot < ARCH_SLOTS; slot++)
		compress_close(&pool->contexts[slot]);
	memory_free(pool->contexts);
	if (pool->zpool)
		zpool_free(pool->zpool);
	stat_release(&pool->rows);
	memory_free(pool);
}

/* zswap_cpu_comp_prepare() of one pool; nothing if the worker has its context. */
static int pool_open(struct zswap_pool *pool, unsigned slot)
{
	struct compress_context *context = &pool->contexts[slot];

	return context->memory ? 0 : compress_open(context, pool->compressor, pool->level);
}

static const char *const row_names[] = {"references"};

int zswap_pool_new(struct zswap_pool **result, struct zswap *zswap,
		   const struct compressor *compressor, int level, struct why *why)
{
	struct zswap_pool *pool = memory_alloc(sizeof(*pool));
	unsigned slot;
	int rc = 0;

	if (!pool)
		return why_not(why, ENOMEM, "no memory for a pool of '%s'", compressor->name);
	*pool = (struct zswap_pool){
		.refs = 1 + ZSWAP_POOL_BIAS,
		.zswap = zswap,
		.compressor = compressor,
		.level = level,
	};
	pool->contexts = memory_alloc(ARCH_SLOTS * sizeof(*pool->contexts));
	if (!pool->contexts || stat_init(&pool->rows, row_names, 1)) {
		memory_free(pool->contexts);
		memory_free(pool);
		return why_not(why, ENOMEM, "no memory for a pool of '%s'", compressor->name);
	}
	pool->zpool = zpool_new(zswap->zpool_name, why);
	if (!pool->zpool)
		rc = -ENOMEM;
	/* Now, and not at the first page of each: a page that is to be loaded must not fail for want
	 * of memory. */
	for (slot = 0; !rc && slot < ARCH_SLOTS; slot++)
		if (arch_read_once(&zswap->workers[slot]) && pool_open(pool, slot))
			rc = why_not(why, ENOMEM, "no memory for the contexts of compressor '%s'",
				     compressor->name);
	if (rc)
		pool_free(pool);
	else
		*result = pool;
	return rc;
}

void zswap_pool_publish(struct zswap_pool *pool)
{
	struct zswap *zswap = pool->zswap;

	spin_lock(&zswap->pools_lock);
	arch_write_once(&pool->next, zswap->pools);
	rcu_assign_pointer(zswap->pools, pool);
	spin_unlock(&zswap->pools_lock);
}

/* zswap_pool_tryget(), percpu_ref_tryget(): under RCU, which zswap_pool_kill() waits for. */
static bool pool_tryget(struct zswap_pool *pool)
{
	uint64_t refs;

	/* Acquire: pairs with the release of zswap_pool_revive(). */
	if (likely(!arch_load_acquire(&pool->atomic))) {
		stat_inc(&pool->rows, 0);
		return true;
	}
	refs = arch_read_once(&pool->refs);
	while (refs)
		if (arch_cmpxchg_relaxed(&pool->refs, &refs, refs + 1))
			return true;
	return false;
}

struct zswap_pool *zswap_pool_current_get(struct zswap *zswap)
{
	struct zswap_pool *pool;

	rcu_read_lock();
	/* One that was current until now may be dead already; there is another then. */
	do
		pool = rcu_dereference(zswap->current);
	while (!pool_tryget(pool));
	rcu_read_unlock();
	return pool;
}

struct zswap_pool *zswap_pool_find_get(struct zswap *zswap, const struct compressor *compressor,
				       int level)
{
	struct zswap_pool *pool;

	rcu_read_lock();
	for (pool = rcu_dereference(zswap->pools); pool; pool = rcu_dereference(pool->next))
		if (pool->compressor == compressor && pool->level == level && pool_tryget(pool))
			break;
	rcu_read_unlock();
	return pool;
}

/* __zswap_pool_empty(): nobody finds it from here on; who still looks does so under RCU. */
static void pool_dead(struct zswap_pool *pool)
{
	struct zswap *zswap = pool->zswap;
	struct zswap_pool **at = &zswap->pools;

	if (arch_read_once(&zswap->current) == pool)
		BUG("the current pool has no reference");
	spin_lock(&zswap->pools_lock);
	while (*at != pool)
		at = &(*at)->next;
	rcu_assign_pointer(*at, pool->next);
	pool->next_dead = zswap->dead_pools;
	zswap->dead_pools = pool;
	spin_unlock(&zswap->pools_lock);
	zswap_queue_work(zswap, ZSWAP_WORK_RELEASE);
}

/* @nr references are gone. Full: what was done with the pool is done before it is freed. */
static void put_atomic(struct zswap_pool *pool, uint64_t nr)
{
	uint64_t before = arch_xadd_full(&pool->refs, -nr);

	if (before == nr)
		pool_dead(pool);
	else if (unlikely(before < nr))
		BUG("a pool without references is put");
}

void zswap_pool_put(struct zswap_pool *pool)
{
	bool atomic;

	rcu_read_lock();
	atomic = arch_load_acquire(&pool->atomic); /* zswap_pool_revive() */
	if (likely(!atomic))
		stat_add(&pool->rows, 0, -1UL); /* "current" is another: never the last */
	rcu_read_unlock();
	if (atomic)
		put_atomic(pool, 1);
}

void zswap_pool_kill(struct zswap_pool *pool)
{
	arch_write_once(&pool->atomic, 1);
	synchronize_rcu(); /* who did not see that has written its row */
	arch_xadd_full(&pool->refs, stat_sum(&pool->rows, 0));
	stat_clear(&pool->rows);
	put_atomic(pool, 1 + ZSWAP_POOL_BIAS);
}

void zswap_pool_revive(struct zswap_pool *pool)
{
	arch_xadd_full(&pool->refs, ZSWAP_POOL_BIAS);
	/* Release: the bias is there before anybody counts in a row; who still counts in refs may. */
	arch_store_release(&pool->atomic, 0);
}

uint64_t zswap_pool_refs(struct zswap_pool *pool)
{
	uint64_t refs = arch_read_once(&pool->refs) + stat_sum(&pool->rows, 0);

	return arch_read_once(&pool->atomic) ? refs : refs - ZSWAP_POOL_BIAS;
}

int zswap_pools_open(struct zswap *zswap, unsigned slot)
{
	struct zswap_pool *pool;
	int rc = 0;

	/* Also those without a reference: they are freed by who waits for param_lock. */
	for (pool = arch_read_once(&zswap->pools); pool && !rc; pool = arch_read_once(&pool->next))
		rc = pool_open(pool, slot);
	return rc;
}

void zswap_pools_release(struct zswap *zswap)
{
	struct zswap_pool *pool, *next;

	spin_lock(&zswap->pools_lock);
	pool = zswap->dead_pools;
	zswap->dead_pools = NULL;
	spin_unlock(&zswap->pools_lock);
	if (!pool)
		return;
	synchronize_rcu();
	/* Nobody is making a context in it: zswap_pools_open(). */
	down_write(&zswap->param_lock, RWSEM_OTHER);
	up_write(&zswap->param_lock, RWSEM_OTHER);
	for (; pool; pool = next) {
		next = pool->next_dead;
		pool_free(pool);
	}
}
