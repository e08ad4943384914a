/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_device_impl: what the devices share, the machine's and the simulator's; nobody else includes it. */
#ifndef PFT_ZSWAP_SWAP_DEVICE_IMPL_H
#define PFT_ZSWAP_SWAP_DEVICE_IMPL_H

#include "pft/zswap/swap_device.h"

/* The names of enum swap_device_event. */
extern const char *const swap_device_events[NR_SWAP_DEVICE_EVENTS];

/* The byte of a slot at which a transfer that stopped at @at goes on. */
static inline size_t swap_resume_at(const struct swap_device *device, size_t at)
{
	return at / device->align * device->align;
}

/* Ask fault_inject_io about a transfer of *@len bytes: 0, perhaps with *@len shortened, or -errno. */
int swap_fault(struct swap_device *device, bool writing, size_t *len);

/* BUG() if there is no slot @slot: it would be another program's bytes, or the header. */
void swap_check_slot(const struct swap_device *device, uint64_t slot);

#endif
