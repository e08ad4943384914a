/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_zswap_frames: the owner of the frames in zswap's tests. */
#ifndef TESTS_UNIT_PFT_ZSWAP_FRAMES_H
#define TESTS_UNIT_PFT_ZSWAP_FRAMES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/frame_lock.h"
#include "pft/base/node_memory.h"
#include "pft/base/page.h"
#include "pft/base/rcu.h"
#include "pft/zswap/swap.h"
#include "pft/zswap/swap_io.h"
#include "pft/zswap/zswap_types.h"

#define RIG_FRAMES	600 /* more than the device writes at once */
#define RIG_DEVICE_SLOT (ARCH_SLOTS - 2)
#define RIG_WORKER_SLOT (ARCH_SLOTS - 3)

/* The owner of the frames. */
struct rig {
	struct swap swap;
	struct memcg_tree tree;
	struct zswap *zswap;
	struct spinlock lock; /* guards free */
	struct list_head free;
	unsigned nr_free;
	bool no_frames; /* writeback gets none */
	uint64_t wanted; /* the slot that a frame is for, for on_alloc */
	void (*on_alloc)(struct rig *rig); /* called before a frame is given out, or NULL */
	struct frame frames[RIG_FRAMES];
	unsigned char *pages;
	char path[64];
};

static struct frame *rig_frame_alloc(struct swap *swap, uint64_t slot)
{
	struct rig *rig = container_of(swap, struct rig, swap);
	struct frame *frame = NULL;

	if (rig->on_alloc) {
		rig->wanted = slot;
		rig->on_alloc(rig);
	}
	spin_lock(&rig->lock);
	if (rig->nr_free && !arch_read_once(&rig->no_frames)) {
		frame = list_first_entry(&rig->free, struct frame, lru);
		list_del(&frame->lru);
		rig->nr_free--;
		arch_write_once(&frame->flags, 0);
		arch_write_once(&frame->refcount, 1);
	}
	spin_unlock(&rig->lock);
	return frame;
}

static void rig_frame_free(struct swap *swap, struct frame *frame)
{
	struct rig *rig = container_of(swap, struct rig, swap);

	if (frame_test(frame, FRAME_SWAPCACHE | FRAME_LOCKED | FRAME_WRITEBACK))
		BUG("a frame with flags %#x is freed", frame->flags);
	frame->memcg = NULL;
	frame->node = 0;
	spin_lock(&rig->lock);
	list_add(&frame->lru, &rig->free);
	rig->nr_free++;
	spin_unlock(&rig->lock);
}

static void *rig_frame_address(struct swap *swap, const struct frame *frame)
{
	struct rig *rig = container_of(swap, struct rig, swap);

	return rig->pages + (size_t)(frame - rig->frames) * PAGE_SIZE;
}

static const struct swap_ops rig_ops = {rig_frame_alloc, rig_frame_free, rig_frame_address};

#endif
