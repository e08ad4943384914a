/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats: zswap's counters, of debugfs and vmstat. */
#include "pft/zswap/zswap_types.h"

const char *const zswap_stat_names[NR_ZSWAP_STATS] = {
	[ZSWAP_POOL_LIMIT_HIT] = "pool_limit_hit",
	[ZSWAP_WRITTEN_BACK_PAGES] = "written_back_pages",
	[ZSWAP_REJECT_RECLAIM_FAIL] = "reject_reclaim_fail",
	[ZSWAP_REJECT_COMPRESS_FAIL] = "reject_compress_fail",
	[ZSWAP_REJECT_COMPRESS_POOR] = "reject_compress_poor",
	[ZSWAP_REJECT_ALLOC_FAIL] = "reject_alloc_fail",
	[ZSWAP_REJECT_KMEMCACHE_FAIL] = "reject_kmemcache_fail",
	[ZSWAP_DECOMPRESS_FAIL] = "decompress_fail",
	[ZSWAP_STORED_PAGES] = "stored_pages",
	[ZSWAP_STORED_INCOMPRESSIBLE_PAGES] = "stored_incompressible_pages",
	[ZSWAP_SAME_FILLED_PAGES] = "same_filled_pages",
	[ZSWAP_DUPLICATE_ENTRY] = "duplicate_entry",
	[ZSWAP_ZSWPIN] = "zswpin",
	[ZSWAP_ZSWPOUT] = "zswpout",
	[ZSWAP_ZSWPWB] = "zswpwb",
	[ZSWAP_WRITE_FAIL] = "write_fail",
	[ZSWAP_MEMCG_LIMIT_HIT] = "memcg_limit_hit",
};

uint64_t zswap_stat(struct zswap *zswap, enum zswap_stat stat)
{
	return stat_sum(&zswap->stat, stat);
}
