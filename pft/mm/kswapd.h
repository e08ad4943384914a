/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kswapd: a thread per node that reclaims when its zone falls below the low watermark, until it is
 * above the high one (kswapd(), balance_pgdat()). */
#ifndef PFT_MM_KSWAPD_H
#define PFT_MM_KSWAPD_H

#include "pft/mm/mm_types.h"

/* Start and end the thread of @node. Stopping one that does not run does nothing. */
int kswapd_start(struct mm_family *family, unsigned node, struct why *why);
void kswapd_stop(struct mm_family *family, unsigned node);

/* Wait until it sleeps; for checks, while nobody wakes it. */
void kswapd_flush(struct mm_family *family, unsigned node);

/* wakeup_kswapd(): @node is low on frames. Cheap if it knows already; any worker, under any lock. */
void kswapd_wake(struct mm_family *family, unsigned node);

#endif
