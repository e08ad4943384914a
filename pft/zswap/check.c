/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: what zswap holds, walked over from all sides. No worker is inside. */
#include <errno.h>
#include <stdlib.h>

#include "pft/zswap/zswap_types.h"

/* What the walk over the tables finds. */
struct census {
	struct zswap_contents contents;
	uint64_t same_filled, raw, misplaced;
	struct {
		int64_t bytes, pages;
	} groups[MEMCG_MAX]; /* by id: of it and of all below */
};

/* Of @pool alone. */
struct pool_census {
	uint64_t entries, bytes;
};

static void count_pool(const struct zswap_entry *entry, const struct zswap_pool *pool,
		       struct pool_census *census)
{
	if (entry->pool != pool)
		return;
	census->entries++;
	census->bytes += entry->length;
}

static void count_entry(struct census *census, const struct zswap_entry *entry, uint64_t slot)
{
	struct memcg *memcg;

	census->contents.entries++;
	census->contents.bytes += entry->length;
	census->same_filled += !entry->length;
	census->raw += entry->length == PAGE_SIZE;
	census->misplaced += entry->slot != slot || !entry->pool != !entry->length ||
			     list_empty(&entry->lru) != !entry->length;
	rcu_read_lock();
	for (memcg = obj_cgroup_memcg(entry->objcg); memcg; memcg = memcg->parent) {
		census->groups[memcg->id].bytes += entry->length;
		census->groups[memcg->id].pages++;
	}
	rcu_read_unlock();
}

/* Walk over all entries, for the census of all, or for that of one pool. */
static void walk(struct zswap *zswap, struct census *census, const struct zswap_pool *pool,
		 struct pool_census *pool_census)
{
	const struct zswap_entry *entry;
	uint64_t slot;

	for (slot = 0; slot < zswap->table.nr_slots; slot++) {
		entry = slot_table_load(&zswap->table, slot);
		if (!entry)
			slot |= slot_table_place(&zswap->table, slot) ? 0 : SLOT_LEAF - 1;
		else if (census)
			count_entry(census, entry, slot);
		else
			count_pool(entry, pool, pool_census);
	}
}

static int check_counters(struct zswap *zswap, const struct census *census, struct why *why)
{
	const struct {
		enum zswap_stat stat;
		uint64_t found;
	} gauges[] = {
		{ZSWAP_STORED_PAGES, census->contents.entries},
		{ZSWAP_SAME_FILLED_PAGES, census->same_filled},
		{ZSWAP_STORED_INCOMPRESSIBLE_PAGES, census->raw},
	};
	struct kmem_cache_stats slab;
	unsigned i;

	for (i = 0; i < sizeof(gauges) / sizeof(*gauges); i++)
		if (zswap_stat(zswap, gauges[i].stat) != gauges[i].found)
			return why_not(why, EINVAL, "%s is %lld, the table has %llu",
				       zswap_stat_names[gauges[i].stat],
				       (long long)zswap_stat(zswap, gauges[i].stat),
				       (unsigned long long)gauges[i].found);
	kmem_cache_stats(zswap->entries, &slab);
	if (slab.live != census->contents.entries)
		return why_not(why, EINVAL, "%llu entries are allocated, the table has %llu",
			       (unsigned long long)slab.live,
			       (unsigned long long)census->contents.entries);
	if (arch_read_once(&zswap->writing))
		return why_not(why, EINVAL, "%llu bytes are still being written",
			       (unsigned long long)zswap->writing);
	if (census->misplaced)
		return why_not(why, EINVAL, "%llu entries do not fit their slot, pool or list",
			       (unsigned long long)census->misplaced);
	return 0;
}

static int check_lists(struct zswap *zswap, struct census *census, struct why *why)
{
	unsigned node;

	list_lru_check(&zswap->lru);
	for (node = 0; node < zswap->lru.nr_nodes; node++)
		census->contents.on_lists += list_lru_count_node(&zswap->lru, node);
	if (census->contents.on_lists != census->contents.entries - census->same_filled)
		return why_not(
			why, EINVAL, "%llu entries are on lists, the table has %llu of them",
			(unsigned long long)census->contents.on_lists,
			(unsigned long long)(census->contents.entries - census->same_filled));
	return 0;
}

static int check_pool(struct zswap *zswap, struct zswap_pool *pool, struct why *why)
{
	uint64_t current = pool == zswap->current, refs = zswap_pool_refs(pool);
	struct pool_census census = {0};
	struct zpool_stats stats;

	walk(zswap, NULL, pool, &census);
	zpool_check(pool->zpool);
	zpool_stats(pool->zpool, census.bytes, &stats);
	if (refs != census.entries + current)
		return why_not(why, EINVAL, "pool '%s' has %llu references, but %llu entries",
			       pool->compressor->name, (unsigned long long)refs,
			       (unsigned long long)census.entries);
	if (stats.objects != census.entries || stats.pages * PAGE_SIZE < census.bytes)
		return why_not(why, EINVAL,
			       "pool '%s' has %llu objects in %llu pages for %llu entries "
			       "of %llu bytes",
			       pool->compressor->name, (unsigned long long)stats.objects,
			       (unsigned long long)stats.pages, (unsigned long long)census.entries,
			       (unsigned long long)census.bytes);
	return 0;
}

static int check_pools(struct zswap *zswap, struct census *census, struct why *why)
{
	struct zswap_pool *pool;
	int rc = 0;

	for (pool = zswap->pools; pool && !rc; pool = pool->next) {
		census->contents.pools++;
		rc = check_pool(zswap, pool, why);
	}
	return rc;
}

/* The bytes and pages of each group that is online against its entries and those of the groups below. What a
 * zombie had is uncharged from its parent on. */
static int check_memcgs(struct zswap *zswap, const struct census *census, struct why *why)
{
	struct memcg *root = zswap->memcgs ? zswap->memcgs->root : NULL, *memcg = root;
	int rc = 0;

	if (!root)
		return 0;
	memcg = memcg_next(root, memcg_next(root, NULL)); /* the root is charged nothing */
	for (; memcg && !rc; memcg = rc ? memcg : memcg_next(root, memcg))
		if (memcg_online(memcg) && (memcg->zswap_bytes != census->groups[memcg->id].bytes ||
					    memcg->zswapped != census->groups[memcg->id].pages))
			rc = why_not(why, EINVAL,
				     "group %u is charged %ld bytes of %ld pages, its "
				     "entries have %lld of %lld",
				     memcg->id, memcg->zswap_bytes, memcg->zswapped,
				     (long long)census->groups[memcg->id].bytes,
				     (long long)census->groups[memcg->id].pages);
	if (memcg)
		memcg_put(memcg, 1);
	return rc;
}

int zswap_check(struct zswap *zswap, struct zswap_contents *contents, struct why *why)
{
	struct census *census = calloc(1, sizeof(*census));
	int rc;

	if (!census)
		return why_not(why, ENOMEM, "no memory for a check of zswap");
	walk(zswap, census, NULL, NULL);
	rc = check_counters(zswap, census, why);
	if (!rc)
		rc = check_lists(zswap, census, why);
	if (!rc)
		rc = check_pools(zswap, census, why);
	if (!rc)
		rc = check_memcgs(zswap, census, why);
	if (contents)
		*contents = census->contents;
	free(census);
	return rc;
}
