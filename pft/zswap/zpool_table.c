/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zpool.h"

#include <errno.h>
#include <string.h>

const struct zpool_ops *const zpools[] = {
	&zpool_zsmalloc,
	&zpool_zbud,
};
const unsigned nr_zpools = sizeof(zpools) / sizeof(*zpools);

struct fault_inject fault_inject_zpool;

const struct zpool_ops *zpool_find(const char *name)
{
	unsigned i;

	for (i = 0; i < nr_zpools; i++)
		if (!strcmp(zpools[i]->name, name))
			return zpools[i];
	return NULL;
}

struct zpool *zpool_new(const char *name, struct why *why)
{
	const struct zpool_ops *ops = zpool_find(name);

	if (!ops) {
		why_not(why, EINVAL, "no pool is called '%s'", name);
		return NULL;
	}
	return ops->new(why);
}

void zpool_stats(struct zpool *pool, uint64_t payload, struct zpool_stats *stats)
{
	*stats = (struct zpool_stats){.pages = zpool_pages(pool)};
	pool->ops->stats(pool, stats);
	if (payload)
		stats->density = (double)stats->pages * ZPOOL_PAGE / (double)payload;
}
