/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shrinker: the dynamic one of patch 6/6, which runs with any reclaim of a group (zswap_shrinker_count(),
 * zswap_shrinker_scan()), and what mm/shrinker.c makes of the two.
 */
#include "pft/zswap/zswap_types.h"

enum {
	DEFAULT_SEEKS = 2,
	SHRINK_BATCH = 128,
};

struct lruvec_zswap *zswap_lruvec(struct zswap *zswap, struct memcg *memcg, unsigned node)
{
	if (!zswap->memcgs)
		return &zswap->no_memcg[node];
	return &(memcg ? memcg : zswap->memcgs->root)->lruvecs[node].zswap;
}

static uint64_t list_count(struct zswap *zswap, struct memcg *memcg, unsigned node)
{
	return list_lru_count_one(&zswap->lru, node, memcg);
}

/* zswap_lru_add() of 6.8: half is forgotten where more than a quarter of the list is protected. */
void zswap_protect_added(struct zswap *zswap, struct memcg *memcg, unsigned node)
{
	struct lruvec_zswap *lruvec = zswap_lruvec(zswap, memcg, node);
	uint64_t limit = list_count(zswap, memcg, node) / 4;
	uint64_t old = arch_xadd_relaxed(&lruvec->nr_protected, 1UL) + 1;

	while (old > limit && !arch_cmpxchg_relaxed(&lruvec->nr_protected, &old, old / 2))
		;
}

void zswap_swapin(struct zswap *zswap, struct memcg *memcg, unsigned node, bool from_disk)
{
	struct lruvec_zswap *lruvec = zswap_lruvec(zswap, memcg, node);

	/* 6.8 protects for any swap-in; since 6.12 only pages that should have stayed count (B12). */
	if (zswap->policy->shrinker == ZSWAP_SHRINKER_PROTECTED)
		arch_xadd_relaxed(&lruvec->nr_protected, 1UL);
	else if (zswap->policy->shrinker == ZSWAP_SHRINKER_DISK_SWAPINS && from_disk)
		arch_xadd_relaxed(&lruvec->nr_disk_swapins, 1UL);
}

/* Whether there is a shrinker, it is on, and may write here; a group's ancestors have their say. */
static bool may_shrink(struct zswap *zswap, const struct zswap_reclaim *reclaim)
{
	return zswap->policy->shrinker != ZSWAP_SHRINKER_NONE && reclaim->may_io &&
	       arch_read_once(&zswap->shrinker_enabled) &&
	       memcg_zswap_writeback_enabled(reclaim->memcg);
}

/* Take what was read from disk since the last look off @freeable, once: 6.12. */
static uint64_t less_disk_swapins(struct lruvec_zswap *lruvec, uint64_t freeable)
{
	uint64_t swapins = arch_read_once(&lruvec->nr_disk_swapins), used;

	do
		used = swapins < freeable ? swapins : freeable;
	while (!arch_cmpxchg_relaxed(&lruvec->nr_disk_swapins, &swapins, swapins - used));
	return freeable - used;
}

/* mult_frac(): @n * @num / @den without overflow or loss. */
static uint64_t mult_frac(uint64_t n, uint64_t num, uint64_t den)
{
	return n / den * num + n % den * num / den;
}

uint64_t zswap_shrinker_count(struct zswap *zswap, const struct zswap_reclaim *reclaim)
{
	struct memcg *memcg = reclaim->memcg;
	struct lruvec_zswap *lruvec;
	uint64_t backing, stored, freeable, protected;

	if (!may_shrink(zswap, reclaim))
		return 0;
	/* The root is not charged: as without groups it is the pool that counts (B11). */
	if (memcg && memcg->parent) {
		backing = (uint64_t)arch_read_once(&memcg->zswap_bytes) >> PAGE_SHIFT;
		stored = arch_read_once(&memcg->zswapped);
	} else {
		backing = zswap_total_pages(zswap);
		stored = zswap_stat(zswap, ZSWAP_STORED_PAGES);
	}
	freeable = list_count(zswap, memcg, reclaim->node);
	if (!stored || !freeable)
		return 0;
	lruvec = zswap_lruvec(zswap, memcg, reclaim->node);
	if (zswap->policy->shrinker == ZSWAP_SHRINKER_PROTECTED) {
		protected = arch_read_once(&lruvec->nr_protected);
		freeable -= protected < freeable ? protected : freeable;
	} else {
		freeable = less_disk_swapins(lruvec, freeable);
	}
	/* The better they compress, the less is gained by writing them. */
	return mult_frac(freeable, backing, stored);
}

/* 6.8: several may have counted the same entries, so look again; added up, as a difference would pass
 * below 0 where @nr exceeds the list. */
static bool would_hit_protected(struct zswap *zswap, const struct zswap_reclaim *reclaim,
				uint64_t nr)
{
	struct lruvec_zswap *lruvec = zswap_lruvec(zswap, reclaim->memcg, reclaim->node);

	return zswap->policy->shrinker == ZSWAP_SHRINKER_PROTECTED &&
	       arch_read_once(&lruvec->nr_protected) + nr >=
		       list_count(zswap, reclaim->memcg, reclaim->node);
}

uint64_t zswap_shrinker_scan(struct zswap *zswap, const struct zswap_reclaim *reclaim, uint64_t nr,
			     uint64_t *scanned)
{
	unsigned long left = nr, freed;
	bool in_cache;

	*scanned = 0;
	if (!may_shrink(zswap, reclaim) || would_hit_protected(zswap, reclaim, nr))
		return ZSWAP_SHRINK_STOP;
	freed = zswap_walk(zswap, reclaim->memcg, reclaim->node, &left, &in_cache);
	*scanned = nr - left;
	return in_cache || !freed ? ZSWAP_SHRINK_STOP : freed;
}

uint64_t zswap_shrink_slab(struct zswap *zswap, const struct zswap_reclaim *reclaim)
{
	uint64_t freeable = zswap_shrinker_count(zswap, reclaim);
	uint64_t *deferred = &zswap_lruvec(zswap, reclaim->memcg, reclaim->node)->deferred;
	uint64_t was, delta, total, scanned = 0, once, freed = 0, rc, next;

	if (!freeable)
		return 0;
	was = arch_xchg_relaxed(deferred, 0UL);
	delta = (freeable >> reclaim->priority) * 4 / DEFAULT_SEEKS;
	total = (was >> reclaim->priority) + delta;
	if (total > 2 * freeable)
		total = 2 * freeable;
	while (total >= SHRINK_BATCH || total >= freeable) {
		rc = zswap_shrinker_scan(zswap, reclaim,
					 total < SHRINK_BATCH ? total : SHRINK_BATCH, &once);
		if (rc == ZSWAP_SHRINK_STOP)
			break;
		freed += rc;
		scanned += once;
		total -= once;
	}
	next = was + delta > scanned ? was + delta - scanned : 0;
	arch_xadd_relaxed(deferred, next < 2 * freeable ? next : 2 * freeable);
	return freed;
}
