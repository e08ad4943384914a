/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limits: how large the pool may be, and from where on it accepts again. */
#include "pft/zswap/zswap_types.h"

uint64_t zswap_total_pages(struct zswap *zswap)
{
	const struct zswap_pool *pool;
	uint64_t total = 0;

	rcu_read_lock();
	for (pool = rcu_dereference(zswap->pools); pool; pool = rcu_dereference(pool->next))
		total += zpool_pages(pool->zpool);
	rcu_read_unlock();
	return total;
}

/* What the limits are held against. The objects of pages that are being written live until the write has
 * succeeded; in the kernel they are free by then, and a shrinker must not go on for their sake. */
static uint64_t limited_pages(struct zswap *zswap)
{
	uint64_t total = zswap_total_pages(zswap);
	uint64_t writing = arch_read_once(&zswap->writing) / PAGE_SIZE;

	return total > writing ? total - writing : 0;
}

uint64_t zswap_max_pages(const struct zswap *zswap)
{
	return zswap->total_pages * arch_read_once(&zswap->max_pool_percent) / 100;
}

/* The order of the divisions is the kernel's: since 6.9 a share of the maximum, before a share of a
 * share of the memory. */
uint64_t zswap_accept_thr_pages(const struct zswap *zswap)
{
	uint32_t accept = arch_read_once(&zswap->accept_threshold_percent);

	if (zswap->policy->strict_limits)
		return zswap->total_pages * accept / 100 *
		       arch_read_once(&zswap->max_pool_percent) / 100;
	return zswap_max_pages(zswap) * accept / 100;
}

bool zswap_above(struct zswap *zswap, uint64_t thr)
{
	uint64_t pages = limited_pages(zswap);

	/* zswap_can_accept() wanted the threshold above the pages; now the worker goes on while it
	 * is below them. */
	return zswap->policy->strict_limits ? pages >= thr : pages > thr;
}

static bool is_full(const struct zswap *zswap, uint64_t pages)
{
	uint64_t max = zswap_max_pages(zswap);

	return zswap->policy->strict_limits ? max < pages : pages >= max;
}

bool zswap_check_limits(struct zswap *zswap)
{
	if (is_full(zswap, limited_pages(zswap))) {
		stat_inc(&zswap->stat, ZSWAP_POOL_LIMIT_HIT);
		if (!arch_read_once(&zswap->reached_full))
			arch_write_once(&zswap->reached_full, true);
		return true;
	}
	if (likely(!arch_read_once(&zswap->reached_full)))
		return false;
	if (zswap_above(zswap, zswap_accept_thr_pages(zswap)))
		return true;
	arch_write_once(&zswap->reached_full, false);
	return false;
}
