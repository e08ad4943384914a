/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compact: zsmalloc's shrinker (zs_shrinker_scan()): pages come back of which most objects have gone. */
#ifndef PFT_ZSWAP_COMPACT_H
#define PFT_ZSWAP_COMPACT_H

#include <stdint.h>

struct zswap;

/* Compact the current pool; returns the pages freed. Only for reclaim of a whole node, as the kernel's, which
 * knows no groups. Waits for a grace period: not in an RCU read section. Contents stay as they are. */
uint64_t zswap_compact(struct zswap *zswap);

#endif
