/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zswap: setting up, workers that come and go, and the device (zswap_setup(), zswap_swapon()). */
#include "pft/zswap/zswap.h"

#include <errno.h>

#include "pft/base/memory.h"
#include "pft/zswap/zswap_types.h"

/* Of one worker's two buffers. */
#define COMPRESSED_SIZE round_up_to((size_t)COMPRESS_BOUND, (size_t)ARCH_PAIR)

static struct zswap_worker *worker_new(void)
{
	struct zswap_worker *worker = memory_alloc(sizeof(*worker));

	if (!worker)
		return NULL;
	worker->compressed = memory_alloc(COMPRESSED_SIZE + ZPOOL_PAGE);
	if (!worker->compressed) {
		memory_free(worker);
		return NULL;
	}
	worker->scratch = worker->compressed + COMPRESSED_SIZE;
	return worker;
}

static void worker_free(struct zswap_worker *worker)
{
	if (worker)
		memory_free(worker->compressed);
	memory_free(worker);
}

int zswap_enter_slot(struct zswap *zswap, unsigned slot)
{
	struct zswap_worker *worker;
	int rc;

	down_write(&zswap->param_lock, RWSEM_OTHER);
	worker = zswap->workers[slot];
	if (!worker)
		worker = worker_new();
	rc = worker ? zswap_pools_open(zswap, slot) : -ENOMEM;
	if (!rc)
		arch_write_once(&zswap->workers[slot], worker);
	else if (!zswap->workers[slot])
		worker_free(worker);
	up_write(&zswap->param_lock, RWSEM_OTHER);
	return rc;
}

int zswap_enter(struct zswap *zswap)
{
	return zswap_enter_slot(zswap, arch_slot());
}

void zswap_leave(struct zswap *zswap)
{
	if (zswap->memcgs)
		obj_cgroup_drain(zswap->memcgs);
}

bool zswap_device_tryget(struct zswap *zswap)
{
	uint32_t users = arch_read_once(&zswap->users);

	/* Acquire: pairs with the release in zswap_swapon(). */
	while (users & ZSWAP_DEVICE_LIVE)
		if (arch_cmpxchg_acquire(&zswap->users, &users, users + 1))
			return true;
	return false;
}

void zswap_device_put(struct zswap *zswap)
{
	/* Release: pairs with the acquire in zswap_swapoff(). */
	if (arch_xadd_release(&zswap->users, -1U) == 1)
		arch_wake(&zswap->users, 1);
}

int zswap_swapon(struct zswap *zswap, struct swap *swap, uint64_t nr_slots)
{
	int rc;

	if (arch_read_once(&zswap->users))
		return -EBUSY;
	rc = slot_table_init(&zswap->table, nr_slots);
	if (rc)
		return rc;
	zswap->swap = swap;
	arch_store_release(&zswap->users, ZSWAP_DEVICE_LIVE); /* zswap_device_tryget() */
	return 0;
}

/* Who walks a list meanwhile may hold the slot of an entry that is gone: it comes to the device only
 * by zswap_device_tryget(), and to the trees only after that (B7). */
void zswap_swapoff(struct zswap *zswap)
{
	uint32_t users;

	arch_andnot_release(&zswap->users, ZSWAP_DEVICE_LIVE);
	while ((users = arch_load_acquire(&zswap->users))) /* zswap_device_put() */
		arch_wait(&zswap->users, users, 0);
	slot_table_release(&zswap->table);
	zswap->swap = NULL;
}

static enum list_lru_locking list_locking(const struct zswap *zswap, enum zswap_lru_lock lock)
{
	bool per_list = lock == ZSWAP_LRU_LOCK_POLICY ? zswap->policy->lock_per_list
						      : lock == ZSWAP_LRU_LOCK_LIST;

	return per_list ? LIST_LRU_LOCK_LIST : LIST_LRU_LOCK_NODE;
}

/* The lists, counters and caches. What fails leaves what was made to zswap_free_parts(). */
static int make_parts(struct zswap *zswap, enum zswap_lru_lock lock, struct why *why)
{
	unsigned nodes = node_memory_nodes();
	int rc;

	zswap->nr_lists = zswap->policy->memcg_lru ? nodes : 1;
	zswap->workers = memory_alloc(ARCH_SLOTS * sizeof(*zswap->workers));
	zswap->no_memcg = memory_alloc(nodes * sizeof(*zswap->no_memcg));
	if (!zswap->workers || !zswap->no_memcg ||
	    stat_init(&zswap->stat, zswap_stat_names, NR_ZSWAP_STATS))
		return why_not(why, ENOMEM, "no memory for zswap");
	rc = kmem_cache_create(&zswap->entries, "zswap_entry", sizeof(struct zswap_entry), NULL,
			       why);
	if (!rc)
		rc = kmem_cache_create(&zswap->table.leaves, "zswap_leaf", sizeof(struct slot_leaf),
				       NULL, why);
	if (!rc && list_lru_init(&zswap->lru, zswap->policy->memcg_lru ? zswap->memcgs : NULL,
				 nodes, list_locking(zswap, lock)))
		rc = why_not(why, ENOMEM, "no memory for zswap's lists");
	return rc;
}

static void free_parts(struct zswap *zswap)
{
	unsigned slot;

	if (zswap->lru.nodes)
		list_lru_release(&zswap->lru);
	if (zswap->table.leaves && kmem_cache_destroy(zswap->table.leaves, NULL))
		BUG("a leaf of zswap's table is left");
	if (zswap->entries && kmem_cache_destroy(zswap->entries, NULL))
		BUG("a zswap entry is left");
	for (slot = 0; zswap->workers && slot < ARCH_SLOTS; slot++)
		worker_free(zswap->workers[slot]);
	stat_release(&zswap->stat);
	memory_free(zswap->no_memcg);
	memory_free(zswap->workers);
	memory_free(zswap);
}

/* The parameters of @options, in the same words as live changes of them, then the first pool. */
static int set_up(struct zswap *zswap, const struct zswap_options *options, struct why *why)
{
	int rc = make_parts(zswap, options->lru_lock, why);

	if (!rc)
		rc = zswap_set_max_pool_percent(zswap, options->max_pool_percent, why);
	if (!rc)
		rc = zswap_set_accept_threshold_percent(zswap, options->accept_threshold_percent,
							why);
	if (!rc && zswap_enter(zswap))
		rc = why_not(why, ENOMEM, "no memory for a worker of zswap");
	if (!rc)
		rc = zswap_set_compressor(zswap, options->compressor ? options->compressor : "lzo",
					  why);
	return rc;
}

int zswap_new(struct zswap **result, const struct zswap_options *options, struct why *why)
{
	struct zswap *zswap;
	int rc;

	if (options->zpool && !zpool_find(options->zpool))
		return why_not(why, ENOENT, "no allocator '%s' for compressed pages",
			       options->zpool);
	zswap = memory_alloc(sizeof(*zswap));
	if (!zswap)
		return why_not(why, ENOMEM, "no memory for zswap");
	zswap->policy = options->policy ? options->policy : zswap_policy_find(NULL);
	zswap->memcgs = options->memcgs;
	zswap->zpool_name = options->zpool ? options->zpool : "zsmalloc";
	zswap->total_pages = options->total_pages;
	zswap->enabled = options->enabled;
	zswap->shrinker_enabled = options->shrinker_enabled;
	zswap->raw = zswap->policy->raw;
	rwsem_init(&zswap->param_lock);
	spin_lock_init(&zswap->pools_lock);
	spin_lock_init(&zswap->shrink_lock);
	rc = set_up(zswap, options, why);
	if (rc) {
		free_parts(zswap);
		return rc;
	}
	if (zswap->memcgs) {
		zswap->notifier.offline = zswap_memcg_offline;
		memcg_notifier_add(zswap->memcgs, &zswap->notifier);
	}
	*result = zswap;
	return 0;
}

void zswap_free(struct zswap *zswap)
{
	struct zswap_pool *current = zswap->current;

	if (arch_read_once(&zswap->users))
		BUG("zswap still serves a device");
	if (zswap->memcgs)
		memcg_notifier_del(zswap->memcgs, &zswap->notifier);
	if (zswap->cursor)
		memcg_put(zswap->cursor, 1);
	zswap->current = NULL;
	zswap_pool_kill(current);
	zswap_pools_release(zswap);
	if (zswap->pools)
		BUG("a pool of zswap has entries");
	free_parts(zswap);
}
