/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_device_native: what the three files of the native swap device share; nobody else includes it. */
#ifndef PFT_ZSWAP_SWAP_DEVICE_NATIVE_H
#define PFT_ZSWAP_SWAP_DEVICE_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pft/zswap/swap_device_impl.h"

/* Where slot @slot begins in the file: behind the header. */
static inline off_t swap_slot_offset(uint64_t slot)
{
	return (off_t)(slot + 1) << SWAP_SLOT_SHIFT;
}

/* Make or take over the file of @options, locked, with its header and its blocks; sets fd, path and what
 * the file system gave. 0, or -errno with the reason in @why and no file left open. */
int swap_file_open(struct swap_device *device, const struct swap_device_options *options,
		   struct why *why);

/* Remove the file, if its name is still ours, and close it. */
void swap_file_close(struct swap_device *device);

/* Transfer slot @slot from byte @from on, by as many system calls as it takes: 0 or -errno. */
int swap_transfer(struct swap_device *device, uint64_t slot, char *page, size_t from, bool writing);

/* Count the end of a write that was asked for: @event, or a failure. Returns @error. */
int swap_write_ended(struct swap_device *device, enum swap_device_event event, int error);

/* Set up io_uring and the device's thread in @slot. 0, or -errno with the reason in @why. */
int swap_ring_start(struct swap_device *device, unsigned slot, struct why *why);

/* End the thread once nothing is out, and free the ring. */
void swap_ring_stop(struct swap_device *device);

/* Hand a write to the device's thread; false if as many as may be are out. */
bool swap_ring_queue(struct swap_ring *ring, uint64_t slot, const void *page,
		     void (*done)(void *arg, int error), void *arg);

#endif
