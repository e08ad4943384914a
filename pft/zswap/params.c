/* SPDX-License-Identifier: GPL-2.0-or-later */
/* params: zswap's module parameters, which may change at any time. */
#include <errno.h>

#include "pft/zswap/zswap_types.h"

/* Under param_lock: @pool, found alive and with a reference, or a new one for NULL, gets the new
 * entries. */
static int make_current(struct zswap *zswap, struct zswap_pool *pool,
			const struct compressor *compressor, int level, struct why *why)
{
	int rc;

	if (pool) {
		zswap_pool_revive(pool);
	} else {
		rc = zswap_pool_new(&pool, zswap, compressor, level, why);
		if (rc)
			return rc;
		zswap_pool_publish(pool);
	}
	rcu_assign_pointer(zswap->current, pool);
	return 0;
}

/* zswap_compressor_param_set(): a pool of that compressor which still has entries is taken back into
 * service; its reference of "current" begins anew. */
int zswap_set_compressor(struct zswap *zswap, const char *name, struct why *why)
{
	struct zswap_pool *pool, *old;
	const struct compressor *compressor;
	int level, rc;

	rc = compressor_parse(name, &compressor, &level, why);
	if (rc)
		return rc;
	down_write(&zswap->param_lock, RWSEM_OTHER);
	old = zswap->current;
	pool = zswap_pool_find_get(zswap, compressor, level);
	if (pool && pool == old) {
		zswap_pool_put(pool); /* what find_get() took */
	} else {
		rc = make_current(zswap, pool, compressor, level, why);
		if (!rc && old)
			zswap_pool_kill(old);
	}
	up_write(&zswap->param_lock, RWSEM_OTHER);
	return rc;
}

const char *zswap_compressor(struct zswap *zswap, int *level)
{
	struct zswap_pool *pool;
	const char *name;

	rcu_read_lock();
	pool = rcu_dereference(zswap->current);
	name = pool->compressor->name;
	*level = pool->level;
	rcu_read_unlock();
	return name;
}

static int set_percent(uint32_t *param, const char *name, unsigned percent, struct why *why)
{
	if (percent > 100)
		return why_not(why, EINVAL, "%s of %u: give 0 to 100", name, percent);
	arch_write_once(param, percent);
	return 0;
}

int zswap_set_max_pool_percent(struct zswap *zswap, unsigned percent, struct why *why)
{
	return set_percent(&zswap->max_pool_percent, "max_pool_percent", percent, why);
}

int zswap_set_accept_threshold_percent(struct zswap *zswap, unsigned percent, struct why *why)
{
	return set_percent(&zswap->accept_threshold_percent, "accept_threshold_percent", percent,
			   why);
}

void zswap_set_enabled(struct zswap *zswap, bool enabled)
{
	arch_write_once(&zswap->enabled, enabled);
}

void zswap_set_shrinker_enabled(struct zswap *zswap, bool enabled)
{
	arch_write_once(&zswap->shrinker_enabled, enabled);
}

void zswap_set_raw(struct zswap *zswap, bool raw)
{
	arch_write_once(&zswap->raw, raw);
}
