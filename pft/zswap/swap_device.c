/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_device: what a device is, whatever its slots are on. */
#include "pft/zswap/swap_device.h"

#include <errno.h>

#include "pft/zswap/swap_device_impl.h"

const char *const swap_device_events[NR_SWAP_DEVICE_EVENTS] = {
	[SWAP_DEVICE_READ] = "swap_read",
	[SWAP_DEVICE_WRITE] = "swap_write",
	[SWAP_DEVICE_WRITE_ASYNC] = "swap_write_async",
	[SWAP_DEVICE_FULL_QUEUE] = "swap_full_queue",
	[SWAP_DEVICE_BATCH] = "swap_batch",
	[SWAP_DEVICE_SHORT] = "swap_short",
	[SWAP_DEVICE_READ_ERROR] = "swap_read_error",
	[SWAP_DEVICE_WRITE_ERROR] = "swap_write_error",
};

struct fault_inject fault_inject_io;
uint32_t fault_io_kind;

int swap_fault(struct swap_device *device, bool writing, size_t *len)
{
	enum fault_io kind;

	if (likely(!fault_inject_armed(&fault_inject_io)))
		return 0;
	kind = arch_read_once(&fault_io_kind);
	if (kind == FAULT_IO_ENOSPC && !writing)
		return 0;
	if (!fault_inject_draw(&fault_inject_io, device))
		return 0;
	if (kind == FAULT_IO_SHORT) {
		*len = swap_resume_at(device, *len / 2);
		return 0;
	}
	return kind == FAULT_IO_ENOSPC ? -ENOSPC : -EIO;
}

void swap_check_slot(const struct swap_device *device, uint64_t slot)
{
	if (unlikely(slot >= device->nr_slots))
		BUG("slot %llu of a swap device of %llu", (unsigned long long)slot,
		    (unsigned long long)device->nr_slots);
}

void swap_device_drain(struct swap_device *device)
{
	uint32_t out;

	/* Acquire: pairs with the release of whoever called the last done(). */
	while ((out = arch_load_acquire(&device->out)))
		arch_wait(&device->out, out, 0);
}
