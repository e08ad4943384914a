/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memcg_stat: what happens to a group's pages, under the names of memory.stat. Each worker counts
 * in a row of its own, for the group itself; readers sum the rows of the group and of all below
 * it. What groups that are gone had counted stays with their parents, as with the kernel's rstat.
 */
#ifndef PFT_BASE_MEMCG_STAT_H
#define PFT_BASE_MEMCG_STAT_H

#include <stdint.h>

struct memcg;

enum memcg_stat {
	MEMCG_PGFAULT,
	MEMCG_PGMAJFAULT, /* that read from the swap device */
	MEMCG_PGSCAN_KSWAPD, /* pages that reclaim looked at */
	MEMCG_PGSCAN_DIRECT,
	MEMCG_PGSTEAL_KSWAPD, /* of these, freed */
	MEMCG_PGSTEAL_DIRECT,
	MEMCG_PGREFILL, /* active pages looked at */
	MEMCG_PGACTIVATE,
	MEMCG_PGDEACTIVATE,
	MEMCG_PSWPIN, /* pages read from the swap device */
	MEMCG_PSWPOUT, /* pages written to it */
	MEMCG_WORKINGSET_REFAULT,
	MEMCG_ZSWPIN, /* pages decompressed */
	MEMCG_ZSWPOUT, /* pages compressed */
	MEMCG_ZSWPWB, /* of these, written back to the swap device */
	MEMCG_ZSWAP_INCOMP, /* kept as they are, as they do not compress */
	MEMCG_NR_EVENTS,
	MEMCG_ANON = MEMCG_NR_EVENTS, /* pages mapped now */
	MEMCG_SWAPCACHED, /* pages in the swap cache now */
	NR_MEMCG_STATS
};

extern const char *const memcg_stat_names[NR_MEMCG_STATS];

/* All of @memcg and the groups below it; may be a little late, gauges may be below 0 then. Takes
 * tree->lock; the caller has a reference. */
void memcg_stat_read(struct memcg *memcg, int64_t values[NR_MEMCG_STATS]);

/* One item of them. */
int64_t memcg_stat(struct memcg *memcg, enum memcg_stat item);

/* One item of @memcg alone. */
int64_t memcg_stat_local(const struct memcg *memcg, enum memcg_stat item);

/* Give what @memcg counted to its parent. For memcg.c: under tree->lock, nobody counts any more. */
void memcg_stat_bequeath(struct memcg *memcg);

#endif
