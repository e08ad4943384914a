/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/memcg_stat.h"

#include <string.h>

#include "pft/base/memcg.h"

const char *const memcg_stat_names[NR_MEMCG_STATS] = {
	[MEMCG_PGFAULT] = "pgfault",
	[MEMCG_PGMAJFAULT] = "pgmajfault",
	[MEMCG_PGSCAN_KSWAPD] = "pgscan_kswapd",
	[MEMCG_PGSCAN_DIRECT] = "pgscan_direct",
	[MEMCG_PGSTEAL_KSWAPD] = "pgsteal_kswapd",
	[MEMCG_PGSTEAL_DIRECT] = "pgsteal_direct",
	[MEMCG_PGREFILL] = "pgrefill",
	[MEMCG_PGACTIVATE] = "pgactivate",
	[MEMCG_PGDEACTIVATE] = "pgdeactivate",
	[MEMCG_PSWPIN] = "pswpin",
	[MEMCG_PSWPOUT] = "pswpout",
	[MEMCG_WORKINGSET_REFAULT] = "workingset_refault_anon",
	[MEMCG_ZSWPIN] = "zswpin",
	[MEMCG_ZSWPOUT] = "zswpout",
	[MEMCG_ZSWPWB] = "zswpwb",
	[MEMCG_ZSWAP_INCOMP] = "zswap_incomp",
	[MEMCG_ANON] = "anon",
	[MEMCG_SWAPCACHED] = "swapcached",
};

int64_t memcg_stat_local(const struct memcg *memcg, enum memcg_stat item)
{
	return (int64_t)stat_sum(&memcg->stats, item);
}

/* Add up @memcg and those below it, all of which are linked. Under tree->lock. */
static void add_up(const struct memcg *memcg, int64_t values[NR_MEMCG_STATS])
{
	const struct memcg *child;
	unsigned item;

	for (item = 0; item < NR_MEMCG_STATS; item++)
		values[item] += memcg->bequeathed[item] + memcg_stat_local(memcg, item);
	list_for_each_entry(child, &memcg->children, sibling) add_up(child, values);
}

void memcg_stat_read(struct memcg *memcg, int64_t values[NR_MEMCG_STATS])
{
	memset(values, 0, NR_MEMCG_STATS * sizeof(*values));
	spin_lock(&memcg->tree->lock);
	add_up(memcg, values);
	spin_unlock(&memcg->tree->lock);
}

int64_t memcg_stat(struct memcg *memcg, enum memcg_stat item)
{
	int64_t values[NR_MEMCG_STATS];

	memcg_stat_read(memcg, values);
	return values[item];
}

void memcg_stat_bequeath(struct memcg *memcg)
{
	unsigned item;

	for (item = 0; item < NR_MEMCG_STATS; item++)
		memcg->parent->bequeathed[item] +=
			memcg->bequeathed[item] + memcg_stat_local(memcg, item);
}
