/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/compact.h"

#include "pft/zswap/zswap_types.h"

uint64_t zswap_compact(struct zswap *zswap)
{
	struct zswap_pool *pool = zswap_pool_current_get(zswap);
	uint64_t freed = zpool_compact(pool->zpool);

	zswap_pool_put(pool);
	return freed;
}
