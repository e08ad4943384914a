/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/entry.h"

#include <errno.h>
#include <string.h>

#include "pft/zswap/zswap_types.h"

struct zswap_entry *zswap_entry_alloc(struct zswap *zswap)
{
	return kmem_cache_alloc(zswap->entries);
}

/* Under RCU: the group that an entry's list belongs to, NULL where groups have none. */
static struct memcg *lru_memcg(const struct zswap *zswap, const struct zswap_entry *entry)
{
	return zswap->policy->memcg_lru ? obj_cgroup_memcg(entry->objcg) : NULL;
}

static unsigned lru_node(const struct zswap *zswap, const struct zswap_entry *entry)
{
	return zswap->policy->memcg_lru ? entry->node : 0;
}

/* RCU keeps the group while it is looked up and used (B17); if it goes offline in between the list does
 * too, and list_lru_add() climbs. */
void zswap_lru_add(struct zswap *zswap, struct zswap_entry *entry)
{
	struct memcg *memcg;

	rcu_read_lock();
	memcg = lru_memcg(zswap, entry);
	list_lru_add(&zswap->lru, &entry->lru, lru_node(zswap, entry), memcg);
	if (zswap->policy->shrinker == ZSWAP_SHRINKER_PROTECTED)
		zswap_protect_added(zswap, memcg, entry->node);
	rcu_read_unlock();
}

void zswap_lru_del(struct zswap *zswap, struct zswap_entry *entry)
{
	rcu_read_lock();
	list_lru_del(&zswap->lru, &entry->lru, lru_node(zswap, entry), lru_memcg(zswap, entry));
	rcu_read_unlock();
}

/* Add @n to the gauges that @entry is in. */
static void gauge(struct zswap *zswap, const struct zswap_entry *entry, uint64_t n)
{
	stat_add(&zswap->stat, ZSWAP_STORED_PAGES, n);
	if (entry->length == PAGE_SIZE)
		stat_add(&zswap->stat, ZSWAP_STORED_INCOMPRESSIBLE_PAGES, n);
	else if (!entry->length)
		stat_add(&zswap->stat, ZSWAP_SAME_FILLED_PAGES, n);
}

void zswap_entry_account(struct zswap *zswap, struct zswap_entry *entry)
{
	obj_cgroup_charge_zswap(entry->objcg, entry->length);
	gauge(zswap, entry, 1);
}

void zswap_entry_unaccount(struct zswap *zswap, struct zswap_entry *entry)
{
	obj_cgroup_uncharge_zswap(entry->objcg, entry->length);
	gauge(zswap, entry, -1UL);
}

void zswap_entry_release(struct zswap *zswap, struct zswap_entry *entry)
{
	if (entry->pool) {
		zpool_free_object(entry->pool->zpool, entry->handle);
		zswap_pool_put(entry->pool);
	}
	obj_cgroup_put(entry->objcg);
	kmem_cache_free(zswap->entries, entry);
}

void zswap_entry_free(struct zswap *zswap, struct zswap_entry *entry)
{
	if (entry->length)
		zswap_lru_del(zswap, entry);
	zswap_entry_unaccount(zswap, entry);
	zswap_entry_release(zswap, entry);
}

/* zswap_fill_page() */
static void fill(void *page, uint64_t value)
{
	uint64_t *words = page;
	unsigned i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = value;
	arch_work(ARCH_WORK_CLEAR, page, PAGE_SIZE);
}

int zswap_decompress(struct zswap *zswap, const struct zswap_entry *entry, void *page)
{
	struct zswap_worker *worker = zswap_worker_of(zswap);
	const void *object;
	int rc = 0;

	if (!entry->length) {
		fill(page, entry->value);
		return 0;
	}
	if (worker->busy)
		BUG("zswap was entered again by a worker that is compressing");
	worker->busy = true;
	object = zpool_read_begin(entry->pool->zpool, entry->handle, worker->scratch);
	/* The entry says how it was stored, no setting does (B19). */
	if (entry->length == PAGE_SIZE) {
		memcpy(page, object, PAGE_SIZE);
		arch_work(ARCH_WORK_COPY, page, PAGE_SIZE);
	} else {
		rc = decompress_page(&entry->pool->contexts[arch_slot()], object, entry->length,
				     page);
	}
	zpool_read_end(entry->pool->zpool, entry->handle);
	worker->busy = false;
	if (rc)
		stat_inc(&zswap->stat, ZSWAP_DECOMPRESS_FAIL);
	return rc ? -EIO : 0;
}

void zswap_entry_count(struct zswap *zswap, const struct zswap_entry *entry, enum zswap_stat stat,
		       enum memcg_stat item)
{
	stat_inc(&zswap->stat, stat);
	obj_cgroup_count(entry->objcg, item);
}
