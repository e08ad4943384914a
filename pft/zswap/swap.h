/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap: one swap area: the device, the map of its slots, the cache of frames, and the compressed pool
 * in front; and what it needs of the owner of the frames (an mm's family, uffd-swap, a unit test).
 */
#ifndef PFT_ZSWAP_SWAP_H
#define PFT_ZSWAP_SWAP_H

#include "common/say.h"
#include "pft/zswap/swap_cache.h"
#include "pft/zswap/swap_device.h"
#include "pft/zswap/swap_slots.h"

struct zswap;

/* The frames' owner. A struct that embeds struct swap gets at itself by container_of(). */
struct swap_ops {
	/*
	 * A frame with one reference and no flags, charged as the owner sees fit, for the page of @slot; NULL
	 * if there is none. Called by read-ahead and, within reclaim, by writeback: it must not reclaim.
	 */
	struct frame *(*frame_alloc)(struct swap *swap, uint64_t slot);
	/* The last reference to @frame is gone. Any worker, and the device's thread. */
	void (*frame_free)(struct swap *swap, struct frame *frame);
	/* Its 4 KiB. */
	void *(*frame_address)(struct swap *swap, const struct frame *frame);
};

struct swap {
	struct swap_device device;
	struct swap_slots slots;
	struct swap_cache cache;
	struct zswap *zswap; /* or NULL; who sets it sets slots.invalidate */
	const struct swap_ops *ops;
};

/* Open the device and make an empty map and cache over it: swapon(2). 0, or -errno with one line for
 * a person in @why. */
int swap_init(struct swap *swap, const struct swap_device_options *options,
	      const struct swap_ops *ops, struct why *why);

/* The end of swapoff(2): close the device and free map and cache, which is empty (a BUG otherwise).
 * zswap is gone before. */
void swap_release(struct swap *swap);

#endif
