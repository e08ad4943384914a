/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shrink: picks victims from the lists (shrink_memcg_cb(), shrink_memcg()). */
#include <errno.h>

#include "pft/zswap/zswap_types.h"

struct shrink_walk {
	struct list_lru_walk walk;
	struct zswap *zswap;
	bool in_cache;
};

/*
 * shrink_memcg_cb(): called with the lock of @list. Once that is dropped the entry may be freed, so it
 * goes to the tail before: that is where a failure would put it back, and a walk that starts again
 * does not meet it first (B3).
 */
static enum lru_status shrink_one(struct list_lru_walk *walk, struct list_lru_one *list,
				  struct list_head *item)
{
	struct shrink_walk *shrink = container_of(walk, struct shrink_walk, walk);
	struct zswap_entry *entry = list_entry(item, struct zswap_entry, lru);
	uint64_t slot = entry->slot;
	int rc;

	if (entry->referenced) {
		entry->referenced = false;
		return LRU_ROTATE;
	}
	list_move_tail(item, &list->list);
	list_lru_drop(walk, list);
	rc = zswap_writeback_entry(shrink->zswap, entry, slot);
	if (!rc)
		return LRU_REMOVED_RETRY;
	stat_inc(&shrink->zswap->stat, ZSWAP_REJECT_RECLAIM_FAIL);
	if (rc != -EEXIST)
		return LRU_RETRY;
	shrink->in_cache = true;
	return LRU_STOP;
}

unsigned long zswap_walk(struct zswap *zswap, struct memcg *memcg, unsigned node, unsigned long *nr,
			 bool *in_cache)
{
	struct shrink_walk shrink = {.walk.isolate = shrink_one, .zswap = zswap};
	unsigned long removed;

	if (!zswap->policy->memcg_lru)
		memcg = NULL;
	removed = list_lru_walk_one(&zswap->lru, zswap->nr_lists > 1 ? node : 0, memcg,
				    &shrink.walk, nr);
	*in_cache = shrink.in_cache;
	return removed;
}

int zswap_shrink_memcg(struct zswap *zswap, struct memcg *memcg)
{
	unsigned long nr, scanned = 0, freed = 0;
	unsigned node;
	bool in_cache;

	/* A zombie's list is its parent's: shrinking there would hit the wrong group. */
	if (memcg && (!memcg_zswap_writeback_enabled(memcg) || !memcg_online(memcg)))
		return -ENOENT;
	for (node = 0; node < zswap->nr_lists; node++) {
		nr = 1;
		freed += zswap_walk(zswap, memcg, node, &nr, &in_cache);
		scanned += 1 - nr;
	}
	if (!scanned)
		return -ENOENT;
	return freed ? 0 : -EAGAIN;
}
