/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writeback: a compressed page goes to its own slot of the device (zswap_writeback_entry()).
 *
 * The entry is counted out where the kernel frees it, before the write; but it and its object live
 * until the write has succeeded, and come back if it fails. So an error of the device loses
 * nothing, and needs no memory to be mended. For that the frame stays locked until then: whoever
 * wants the page meanwhile waits for the write, where the kernel would show him the frame.
 */
#include <errno.h>

#include "pft/base/frame_lock.h"
#include "pft/zswap/swap.h"
#include "pft/zswap/zswap_types.h"

/* The frame was made for the writeback, and is still locked for it: nobody else can have mapped it, and
 * who waits for the lock finds that it has left the cache, and looks again. */
static void drop_frame(struct zswap *zswap, struct frame *frame)
{
	struct swap_cache *cache = &zswap->swap->cache;

	swap_cache_delete(cache, frame);
	frame_unlock(frame);
	swap_cache_put_frame(cache, frame);
	zswap_device_put(zswap);
}

/* The page is on the disk: that copy is the one now. */
static void written(struct zswap *zswap, struct zswap_entry *entry)
{
	zswap_entry_count(zswap, entry, ZSWAP_ZSWPWB, MEMCG_ZSWPWB);
	stat_inc(&zswap->stat, ZSWAP_WRITTEN_BACK_PAGES);
	if (!slot_table_erase_this(&zswap->table, entry->slot, entry))
		BUG("slot %llu changed while it was written back", (unsigned long long)entry->slot);
	zswap_entry_release(zswap, entry);
}

/* It is not: the entry is what it was before, at the tail of its list. */
static void write_failed(struct zswap *zswap, struct zswap_entry *entry)
{
	stat_inc(&zswap->stat, ZSWAP_WRITE_FAIL);
	zswap_entry_account(zswap, entry);
	zswap_lru_add(zswap, entry);
}

/* end_swap_bio_write(): in the device's thread, or in begin_write() below. */
static void write_done(void *arg, int error)
{
	struct zswap_entry *entry = arg;
	struct zswap *zswap = entry->pool->zswap;
	struct zswap_worker *worker = zswap->workers[arch_slot()];
	struct swap_cache *cache = &zswap->swap->cache;
	struct frame *frame = swap_cache_get(cache, entry->slot);
	uint32_t length = entry->length;

	if (!frame)
		BUG("a frame left the swap cache while it was written");
	if (worker)
		worker->write_error = error;
	else if (error)
		stat_inc(&zswap->stat, ZSWAP_REJECT_RECLAIM_FAIL);
	if (error)
		write_failed(zswap, entry);
	else
		written(zswap, entry);
	arch_xadd_relaxed(&zswap->writing, -(uint64_t)length);
	frame_end_writeback(frame);
	swap_cache_put_frame(cache, frame); /* swap_cache_get()'s */
	drop_frame(zswap, frame);
}

/* Write @frame, which holds what @entry does. Returns the error of a write that has ended already. */
static int begin_write(struct zswap *zswap, struct zswap_entry *entry, struct frame *frame,
		       const void *page)
{
	struct zswap_worker *worker = zswap_worker_of(zswap);

	zswap_entry_unaccount(zswap, entry);
	arch_xadd_relaxed(&zswap->writing, (uint64_t)entry->length);
	frame_set(frame, FRAME_UPTODATE | FRAME_WRITEBACK | FRAME_RECLAIM);
	worker->write_error = 0;
	swap_device_submit(&zswap->swap->device, entry->slot, page, write_done, entry);
	return worker->write_error;
}

/*
 * Write back the entry at @slot if it is still @victim, which may be gone, or another's memory by now: it
 * is not touched before the slot is ours, and the table says that it is there. Only tries to own the
 * slot. 0: on its way, or written; -EEXIST: the page is in the swap cache; -ENOENT: the entry,
 * the slot or the device is gone; -ENOMEM: no frame; -EIO and the like: broken, or not written. After an
 * error nothing has changed but the entry's place on its list.
 */
int zswap_writeback_entry(struct zswap *zswap, const struct zswap_entry *victim, uint64_t slot)
{
	struct zswap_entry *entry;
	struct frame *frame;
	bool was_new;
	void *page;
	int rc;

	if (!zswap_device_tryget(zswap))
		return -ENOENT;
	rc = swap_cache_alloc(&zswap->swap->cache, slot, true, &frame, &was_new);
	if (rc) {
		zswap_device_put(zswap);
		return rc;
	}
	entry = slot_table_load(&zswap->table, slot);
	/* The same address may be a later entry of this slot, and as good, but for one without an object. */
	if (entry != victim || !entry->length) {
		drop_frame(zswap, frame); /* as completely as if it had been used (B6) */
		return -ENOENT;
	}
	/* Ours now, and so is its list membership: nobody shall meet it while it is written. */
	zswap_lru_del(zswap, entry);
	page = zswap->swap->ops->frame_address(zswap->swap, frame);
	rc = zswap_decompress(zswap, entry, page);
	if (rc) {
		zswap_lru_add(zswap, entry);
		drop_frame(zswap, frame);
		return rc;
	}
	return begin_write(zswap, entry, frame, page);
}
