/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kswap_area: a swap file, or a zram device as swap, made for a run, and what the kernel's zswap in front
 * of it is set to. All of it is noted in the log before it is done. */
#ifndef PFT_KSWAP_AREA_H
#define PFT_KSWAP_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct kswap_undo;
struct swap_settings;

/* Where the file is, if nobody says where. */
#define KSWAP_AREA_FILE "/var/tmp/pft-kernel-swap"

/* The parameters of zswap. */
#define KSWAP_ZSWAP "/sys/module/zswap/parameters"

/*
 * Make the file @path (NULL: the default one, in place of what a reboot left of it) of @bytes bytes,
 * format it and swap to it before all others. Returns 0, or -errno with the reason in @why.
 */
int kswap_area_file(const char *path, uint64_t bytes, struct kswap_undo *undo, struct why *why);

/* The same with a new zram device, its number in @number, that compresses by @codec. */
int kswap_area_zram(const char *codec, uint64_t bytes, struct kswap_undo *undo, unsigned *number,
		    struct why *why);

/* Switch zswap on as @s says, each parameter read back. Returns 0, -ENOSYS if the kernel has none,
 * -ENOENT if it lacks the codec, or -errno; with the reason in @why. */
int kswap_zswap_on(const struct swap_settings *s, struct kswap_undo *undo, struct why *why);

/* Switch zswap off, if there is any. Returns 0, or -errno with the reason in @why. */
int kswap_zswap_off(struct kswap_undo *undo, struct why *why);

#endif
