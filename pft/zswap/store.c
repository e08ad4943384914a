/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: a page is compressed into the pool (zswap_store()). */
#include <errno.h>

#include "pft/zswap/zswap_types.h"

/* zswap_is_page_same_filled(): the last word first, as most pages differ there. */
static bool same_filled(const void *page, uint64_t *value)
{
	const uint64_t *words = page;
	unsigned i, last = PAGE_SIZE / sizeof(*words) - 1;

	if (words[0] != words[last])
		return false;
	for (i = 1; i < last; i++)
		if (words[i] != words[0])
			return false;
	*value = words[0];
	return true;
}

/* The group's limit: make room in it if the policy does, else reject. */
static int check_memcg_limit(struct zswap *zswap, struct obj_cgroup *objcg)
{
	struct memcg *memcg;
	int rc = -EDQUOT;

	if (obj_cgroup_may_zswap(objcg))
		return 0;
	stat_inc(&zswap->stat, ZSWAP_MEMCG_LIMIT_HIT);
	if (!zswap->policy->memcg_limit_shrinks)
		return rc;
	memcg = obj_cgroup_get_memcg(objcg);
	/* Of the page's own group, whichever above it is at its limit; and no second look. */
	if (!zswap_shrink_memcg(zswap, memcg))
		rc = 0;
	if (memcg)
		memcg_put(memcg, 1);
	return rc;
}

/* memcg_list_lru_alloc(), before the time is spent on compressing. */
static int make_lists(struct zswap *zswap, const struct obj_cgroup *objcg)
{
	struct memcg *memcg;
	bool there;
	int rc = 0;

	if (!zswap->policy->memcg_lru || !objcg)
		return 0;
	/* They nearly always are: take no reference for it, of which all workers of the group write
	 * one count. */
	rcu_read_lock();
	there = memcg_list_lru_allocated(obj_cgroup_memcg(objcg), &zswap->lru);
	rcu_read_unlock();
	if (there)
		return 0;
	memcg = obj_cgroup_get_memcg(objcg);
	if (memcg) {
		rc = memcg_list_lru_alloc(memcg, &zswap->lru);
		memcg_put(memcg, 1);
	}
	if (rc)
		stat_inc(&zswap->stat, ZSWAP_REJECT_ALLOC_FAIL);
	return rc;
}

/* Compress @page into the worker's buffer. *@object is what to keep, *@length how much of it: the page
 * itself where it does not compress but may be kept as it is. */
static int compress(struct zswap *zswap, const struct zswap_pool *pool, struct zswap_worker *worker,
		    const void *page, bool raw, const void **object, size_t *length)
{
	int rc = compress_page(&pool->contexts[arch_slot()], page, worker->compressed,
			       COMPRESS_BOUND, length);

	*object = worker->compressed;
	if (likely(!rc && *length < PAGE_SIZE))
		return 0;
	if (raw) {
		*object = page;
		*length = PAGE_SIZE;
		return 0;
	}
	stat_inc(&zswap->stat,
		 rc && rc != -ENOSPC ? ZSWAP_REJECT_COMPRESS_FAIL : ZSWAP_REJECT_COMPRESS_POOR);
	return rc && rc != -ENOSPC ? -EIO : -E2BIG;
}

/* zswap_compress(): no allocation here enters zswap again; it would find the buffers in use (B16). */
static int compress_into(struct zswap *zswap, struct zswap_entry *entry, const void *page, bool raw)
{
	struct zswap_worker *worker = zswap_worker_of(zswap);
	const void *object;
	size_t length;
	int rc;

	if (worker->busy)
		BUG("zswap was entered again by a worker that is compressing");
	worker->busy = true;
	rc = compress(zswap, entry->pool, worker, page, raw, &object, &length);
	if (rc)
		goto out;
	rc = zpool_malloc(entry->pool->zpool, length, entry->node, &entry->handle);
	if (rc) {
		stat_inc(&zswap->stat,
			 rc == -ENOSPC ? ZSWAP_REJECT_COMPRESS_POOR : ZSWAP_REJECT_ALLOC_FAIL);
		rc = rc == -ENOSPC ? -E2BIG : -ENOMEM;
		goto out;
	}
	zpool_write(entry->pool->zpool, entry->handle, object, length);
	entry->length = length;
out:
	worker->busy = false;
	return rc;
}

/* Fill in @entry, which has slot and node. Whatever it refers to is its own afterwards. */
static int fill_entry(struct zswap *zswap, struct zswap_entry *entry, const void *page,
		      struct memcg *memcg, struct obj_cgroup *objcg)
{
	bool raw = arch_read_once(&zswap->raw) && memcg_zswap_writeback_enabled(memcg);
	int rc;

	entry->referenced = zswap->policy->second_chance;
	entry->objcg = objcg;
	entry->pool = NULL;
	entry->length = 0;
	list_init(&entry->lru);
	if (same_filled(page, &entry->value))
		return 0;
	rc = make_lists(zswap, objcg);
	if (rc)
		return rc;
	entry->pool = zswap_pool_current_get(zswap);
	rc = compress_into(zswap, entry, page, raw);
	if (rc)
		zswap_pool_put(entry->pool);
	return rc;
}

/* Show @entry: first in the table, where only the slot's owner looks; on the LRU list last, as writeback
 * finds it from there. */
static int publish(struct zswap *zswap, struct zswap_entry *entry)
{
	struct zswap_entry *old;

	if (slot_table_store(&zswap->table, entry->slot, entry, &old)) {
		stat_inc(&zswap->stat, ZSWAP_REJECT_ALLOC_FAIL);
		if (entry->pool) {
			zpool_free_object(entry->pool->zpool, entry->handle);
			zswap_pool_put(entry->pool);
		}
		return -ENOMEM;
	}
	if (old) {
		stat_inc(&zswap->stat, ZSWAP_DUPLICATE_ENTRY);
		zswap_entry_free(zswap, old);
	}
	zswap_entry_account(zswap, entry);
	zswap_entry_count(zswap, entry, ZSWAP_ZSWPOUT, MEMCG_ZSWPOUT);
	if (entry->length == PAGE_SIZE)
		obj_cgroup_count(entry->objcg, MEMCG_ZSWAP_INCOMP);
	if (entry->length)
		zswap_lru_add(zswap, entry);
	return 0;
}

/* zswap_store_page(): takes over the reference to @objcg if it succeeds. */
static int store_page(struct zswap *zswap, uint64_t slot, const void *page, struct memcg *memcg,
		      struct obj_cgroup *objcg, unsigned node)
{
	struct zswap_entry *entry = zswap_entry_alloc(zswap);
	int rc;

	if (!entry) {
		stat_inc(&zswap->stat, ZSWAP_REJECT_KMEMCACHE_FAIL);
		return -ENOMEM;
	}
	entry->slot = slot;
	entry->node = node;
	rc = fill_entry(zswap, entry, page, memcg, objcg);
	if (!rc)
		rc = publish(zswap, entry);
	if (rc)
		kmem_cache_free(zswap->entries, entry);
	return rc;
}

static int store_checked(struct zswap *zswap, uint64_t slot, const char *pages, unsigned nr,
			 struct memcg *memcg, unsigned node)
{
	struct obj_cgroup *objcg;
	unsigned i;
	int rc;

	if (!arch_read_once(&zswap->enabled) || slot + nr > zswap->table.nr_slots)
		return -ENOENT;
	objcg = obj_cgroup_of(memcg);
	rc = check_memcg_limit(zswap, objcg);
	if (!rc && zswap_check_limits(zswap))
		rc = -ENOSPC;
	for (i = 0; !rc && i < nr; i++) {
		obj_cgroup_get(objcg);
		rc = store_page(zswap, slot + i, pages + (size_t)i * PAGE_SIZE, memcg, objcg, node);
		if (rc)
			obj_cgroup_put(objcg);
	}
	obj_cgroup_put(objcg);
	/* After any failure, not only that of the limit: nobody else may come by to queue it (B13). */
	if (rc && arch_read_once(&zswap->reached_full))
		zswap_queue_work(zswap, ZSWAP_WORK_SHRINK);
	return rc;
}

int zswap_store_folio(struct zswap *zswap, uint64_t slot, const void *pages, unsigned nr,
		      struct memcg *memcg, unsigned node)
{
	int rc = store_checked(zswap, slot, pages, nr, memcg, node);
	unsigned i;

	/* Newer contents go to the disk: an entry that stayed, be it this folio's, would be written over
	 * them one day (B5, B15). */
	for (i = 0; rc && i < nr; i++)
		zswap_invalidate(zswap, slot + i);
	return rc;
}

int zswap_store(struct zswap *zswap, uint64_t slot, const void *page, struct memcg *memcg,
		unsigned node)
{
	return zswap_store_folio(zswap, slot, page, 1, memcg, node);
}
