/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap_area: the engine's swap as the options ask for it, for a workload that has no memory manager of
 * the engine: the device, zswap before it with its worker, one memcg, and an arena of frames, of which
 * workers have some of their own and writeback the rest.
 */
#ifndef PFT_WORKLOADS_SWAP_AREA_H
#define PFT_WORKLOADS_SWAP_AREA_H

#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/frame.h"
#include "pft/base/memcg.h"
#include "pft/zswap/swap.h"
#include "pft/zswap/zswap.h"

struct run;

struct swap_area {
	struct swap swap;
	struct zswap *zswap; /* NULL: not there */
	struct memcg_tree tree;
	struct memcg *memcg; /* NULL: not there, nor the tree */
	unsigned zswap_slot, device_slot; /* of their threads; 0: none */
	char *memory; /* of the frames, in their order */
	size_t size; /* bytes of it */
	struct frame *frames;
	/* Guards free. Innermost. */
	struct spinlock lock __attribute__((aligned(ARCH_PAIR)));
	struct list_head free;
};

/* Make all that, with @own frames that swap_area_frames() gives away, and enough for writeback. The caller
 * has a slot and is an RCU reader; @memory is what --pool-max is a share of, in bytes. Returns 0, or
 * -errno with the reason in @why; swap_area_release() in any case. */
int swap_area_init(struct swap_area *area, const struct run *run, unsigned own, uint64_t memory,
		   struct why *why);

/* Nobody uses it any more, and no slot is in use. */
void swap_area_release(struct swap_area *area);

/* The frames @first..@first+nr-1 of those that writeback does not get, whose memory is in a row: each with
 * one reference for the caller, charged to the memcg in name only. */
struct frame *swap_area_frames(struct swap_area *area, unsigned first, unsigned nr);

/* The 4 KiB of a frame. */
static inline void *swap_area_address(const struct swap_area *area, const struct frame *frame)
{
	return area->memory + ((size_t)(frame - area->frames) << PAGE_SHIFT);
}

#endif
