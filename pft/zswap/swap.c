/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/swap.h"

int swap_init(struct swap *swap, const struct swap_device_options *options,
	      const struct swap_ops *ops, struct why *why)
{
	int rc;

	*swap = (struct swap){.ops = ops};
	rc = swap_device_open(&swap->device, options, why);
	if (rc)
		return rc;
	rc = swap_slots_init(&swap->slots, swap->device.nr_slots, why);
	if (rc)
		goto close;
	rc = swap_cache_init(&swap->cache, swap, why);
	if (rc)
		goto release_slots;
	return 0;

release_slots:
	swap_slots_release(&swap->slots);
close:
	swap_device_close(&swap->device);
	return rc;
}

void swap_release(struct swap *swap)
{
	swap_device_close(&swap->device);
	swap_cache_release(&swap->cache);
	swap_slots_release(&swap->slots);
}
