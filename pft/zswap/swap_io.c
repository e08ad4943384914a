/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/swap_io.h"

#include <errno.h>

#include "pft/base/frame_lock.h"
#include "pft/base/memcg.h"
#include "pft/zswap/zswap.h"

/* end_swap_bio_write(): the cache keeps the frame while it is written. */
static void write_done(void *arg, int error)
{
	struct frame *frame = arg;

	if (error)
		frame_set(frame, FRAME_DIRTY); /* the only copy again; before who waits can look */
	frame_end_writeback(frame);
}

int swap_out(struct swap *swap, struct frame *frame)
{
	const void *page = swap->ops->frame_address(swap, frame);
	uint64_t slot = frame->swap - 1;
	struct memcg *memcg = frame->memcg;

	if (swap->zswap && !zswap_store(swap->zswap, slot, page, memcg, frame->node)) {
		frame_clear_flags(frame, FRAME_DIRTY);
		return 0;
	}
	if (!memcg_zswap_writeback_enabled(memcg))
		return -EAGAIN;
	if (memcg)
		memcg_count(memcg, MEMCG_PSWPOUT, 1);
	frame_clear_flags(frame, FRAME_DIRTY);
	frame_set(frame, FRAME_WRITEBACK);
	swap_device_submit(&swap->device, slot, page, write_done, frame);
	return 0;
}

int swap_in(struct swap *swap, struct frame *frame, bool *from_disk)
{
	void *page = swap->ops->frame_address(swap, frame);
	uint64_t slot = frame->swap - 1;
	int rc = swap->zswap ? zswap_load(swap->zswap, slot, page) : -ENOENT;

	*from_disk = rc == -ENOENT;
	if (*from_disk) {
		rc = swap_device_read(&swap->device, slot, page);
		if (!rc && frame->memcg)
			memcg_count(frame->memcg, MEMCG_PSWPIN, 1);
	}
	if (rc)
		return rc;
	frame_set(frame, *from_disk ? FRAME_UPTODATE : FRAME_UPTODATE | FRAME_DIRTY);
	if (swap->zswap)
		zswap_swapin(swap->zswap, frame->memcg, frame->node, *from_disk);
	return 0;
}
