/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zswap: a compressed pool in front of a swap device (mm/zswap.c). It works on slots and bytes: whose
 * page it is, and where it is mapped, is the caller's business.
 *
 * Who owns a slot may call: the holder of the lock of the frame that the swap cache has at that slot
 * (swap_cache.h), or whoever frees the slot. Nobody else stores, loads or invalidates it meanwhile,
 * and writeback does not touch its entry before it has become the owner itself; it only ever tries.
 *
 * A worker calls zswap_enter() before its first call here, and then never allocates a context again.
 * Its slot (arch.h) is its own. Loads are exclusive: the page is the only copy afterwards.
 *
 * Lock order: zswap's param lock; shrink lock; a list_lru's lock; none of them is held over I/O, an
 * allocation that may reclaim, or a call of struct swap_ops.
 */
#ifndef PFT_ZSWAP_ZSWAP_H
#define PFT_ZSWAP_ZSWAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/zswap/policy.h"

struct memcg;
struct memcg_tree;
struct swap;
struct zswap;

struct zswap_options {
	const struct zswap_policy *policy; /* NULL: the default */
	enum zswap_lru_lock lru_lock;
	struct memcg_tree *memcgs; /* NULL: no memcg support; its offline_notify becomes zswap's */
	const char *compressor; /* name[:level]; NULL: lzo */
	const char *zpool; /* NULL: zsmalloc */
	uint64_t total_pages; /* totalram_pages(): what max_pool_percent is a share of */
	unsigned max_pool_percent; /* 0..100 */
	unsigned accept_threshold_percent; /* 0..100, of the maximum */
	bool enabled;
	bool shrinker_enabled;
};
#define ZSWAP_OPTIONS_INIT \
	{ \
		.total_pages = 1UL << 18, .max_pool_percent = 20, .accept_threshold_percent = 90, \
		.enabled = true \
	}

/* Make a zswap without a swap device. 0, or -errno with the reason in @why: -ENOENT for a compressor
 * or allocator that does not exist, -EINVAL, -ENOMEM. The caller has slot and RCU registration. */
int zswap_new(struct zswap **zswap, const struct zswap_options *options, struct why *why);

/* After zswap_swapoff() and zswap_worker_stop(), by the last user: free all pools. */
void zswap_free(struct zswap *zswap);

/* Make the contexts of the calling worker for every pool, now and to come
 * (zswap_cpu_comp_prepare()). 0 or -ENOMEM. May be called again. */
int zswap_enter(struct zswap *zswap);

/* The same on behalf of who will run in @slot. */
int zswap_enter_slot(struct zswap *zswap, unsigned slot);

/* The calling worker is going: what it charged ahead is given back (obj_cgroup_drain()). */
void zswap_leave(struct zswap *zswap);

/* zswap_swapon(): serve the @nr_slots slots of @swap, which is complete but for its users. One at a time:
 * -EBUSY else; -ENOMEM. */
int zswap_swapon(struct zswap *zswap, struct swap *swap, uint64_t nr_slots);

/* zswap_swapoff(): all slots are free, so no entry is left; waits for writebacks that still look at
 * the device. Nobody stores or loads any more. */
void zswap_swapoff(struct zswap *zswap);

/*
 * zswap_store(): compress @page of @memcg (NULL: none, the caller holds a reference else) into @slot,
 * with the entry on @node. The caller owns @slot. 0, or the page belongs on the disk, if
 * memcg_zswap_writeback_enabled(), and no entry is left at the slot: -ENOENT disabled or no device,
 * -EDQUOT the group's limit, -ENOSPC the pool's limit, -E2BIG does not compress, -EIO the compressor
 * failed, -ENOMEM. Each has its counter.
 */
int zswap_store(struct zswap *zswap, uint64_t slot, const void *page, struct memcg *memcg,
		unsigned node);

/* The same for a large folio: @nr pages in a row into slots in a row, all or none. */
int zswap_store_folio(struct zswap *zswap, uint64_t slot, const void *pages, unsigned nr,
		      struct memcg *memcg, unsigned node);

/*
 * zswap_load(): decompress what @slot holds into @page, and drop it: the caller owns the slot, its frame
 * is in the swap cache and counts as dirty now. 0; -ENOENT: not here, read the device; -EIO: the entry
 * is broken and stays, and the page must not be used.
 */
int zswap_load(struct zswap *zswap, uint64_t slot, void *page);

/* Whether @slot has an entry; a hint for who does not own it. */
bool zswap_present(struct zswap *zswap, uint64_t slot);

/* zswap_invalidate(): the slot is being freed, or gets newer contents elsewhere. Never decompresses. */
void zswap_invalidate(struct zswap *zswap, uint64_t slot);

/*
 * shrink_memcg(): write back an entry per node from @memcg's own lists. 0: something was freed; -ENOENT:
 * there is nothing, the group is offline or forbids writeback; -EAGAIN: looked at some, freed none.
 * NULL: the one list of a zswap without memcgs. Sleeps, calls swap_ops.
 */
int zswap_shrink_memcg(struct zswap *zswap, struct memcg *memcg);

/* zswap_folio_swapin(): a page of @memcg on @node was read, under its frame's lock; each page of a readahead
 * window counts. */
void zswap_swapin(struct zswap *zswap, struct memcg *memcg, unsigned node, bool from_disk);

/* What an allocation that triggers reclaim permits. */
struct zswap_reclaim {
	struct memcg *memcg; /* may be NULL: nothing to count by */
	unsigned node;
	unsigned priority; /* 12 gentle .. 0 desperate */
	bool may_io; /* GFP has __GFP_IO and __GFP_FS; else nothing is counted or written */
};

/* zswap_shrinker_count(): entries that the dynamic shrinker would free. 0 where it is disabled. */
uint64_t zswap_shrinker_count(struct zswap *zswap, const struct zswap_reclaim *reclaim);

/* zswap_shrinker_scan(): visit at most @nr entries. Returns those freed, ZSWAP_SHRINK_STOP if it is of no
 * use to go on. @scanned: those visited. */
#define ZSWAP_SHRINK_STOP (~0UL)
uint64_t zswap_shrinker_scan(struct zswap *zswap, const struct zswap_reclaim *reclaim, uint64_t nr,
			     uint64_t *scanned);

/* do_shrink_slab() for zswap's shrinker: count, delta by priority, batches of 128, the rest deferred.
 * Returns the entries freed. */
uint64_t zswap_shrink_slab(struct zswap *zswap, const struct zswap_reclaim *reclaim);

/*
 * The one asynchronous worker (shrink_worker() on its workqueue, and pools without users). It runs on a
 * thread of its own that takes @slot, or, without zswap_worker_start(), in zswap_worker_run().
 * Start: 0 or -errno with the reason. Stop: ends the shrinking after the entry at hand and joins.
 */
int zswap_worker_start(struct zswap *zswap, unsigned slot, struct why *why);
void zswap_worker_stop(struct zswap *zswap);

/* Do on the caller what is queued; returns whether anything was. Not beside a worker thread. */
bool zswap_worker_run(struct zswap *zswap);

/* flush_work(): wait until what was queued before is done. */
void zswap_worker_flush(struct zswap *zswap);

/* The parameters of /sys/module/zswap/parameters, live. An invalid value is -EINVAL, an unknown
 * compressor -ENOENT, with the reason in @why, and changes nothing. Any worker that entered. */
int zswap_set_compressor(struct zswap *zswap, const char *name, struct why *why);
int zswap_set_max_pool_percent(struct zswap *zswap, unsigned percent, struct why *why);
int zswap_set_accept_threshold_percent(struct zswap *zswap, unsigned percent, struct why *why);
void zswap_set_enabled(struct zswap *zswap, bool enabled);
void zswap_set_shrinker_enabled(struct zswap *zswap, bool enabled);
void zswap_set_raw(struct zswap *zswap, bool raw);

/* The compressor that new entries get. */
const char *zswap_compressor(struct zswap *zswap, int *level);

/* Under the kernel's names, in debugfs and vmstat; those that it gave up are marked. */
enum zswap_stat {
	ZSWAP_POOL_LIMIT_HIT,
	ZSWAP_WRITTEN_BACK_PAGES,
	ZSWAP_REJECT_RECLAIM_FAIL,
	ZSWAP_REJECT_COMPRESS_FAIL,
	ZSWAP_REJECT_COMPRESS_POOR,
	ZSWAP_REJECT_ALLOC_FAIL,
	ZSWAP_REJECT_KMEMCACHE_FAIL,
	ZSWAP_DECOMPRESS_FAIL,
	ZSWAP_STORED_PAGES, /* now, as the next two */
	ZSWAP_STORED_INCOMPRESSIBLE_PAGES,
	ZSWAP_SAME_FILLED_PAGES, /* until 6.11; stored_pages counts them too */
	ZSWAP_DUPLICATE_ENTRY, /* until 6.8 */
	ZSWAP_ZSWPIN,
	ZSWAP_ZSWPOUT,
	ZSWAP_ZSWPWB,
	ZSWAP_WRITE_FAIL, /* ours: writebacks whose write failed; the page went back into the pool */
	ZSWAP_MEMCG_LIMIT_HIT, /* ours: stores that found their group at its limit */
	NR_ZSWAP_STATS
};
extern const char *const zswap_stat_names[NR_ZSWAP_STATS];

/* A counter, summed over the workers: exact when they rest, a little late else. */
uint64_t zswap_stat(struct zswap *zswap, enum zswap_stat stat);

/* zswap_total_pages() of all pools; pool_total_size is this times 4096. */
uint64_t zswap_total_pages(struct zswap *zswap);

/* What zswap_check() found. */
struct zswap_contents {
	uint64_t entries, bytes, on_lists, pools; /* bytes: compressed */
};

/*
 * Walk over all entries, lists and pools, and hold them against each other, the counters and the memcgs.
 * Returns 0, or -EINVAL with the broken invariant in @why; @contents may be NULL. No worker may use zswap
 * meanwhile.
 */
int zswap_check(struct zswap *zswap, struct zswap_contents *contents, struct why *why);

#endif
