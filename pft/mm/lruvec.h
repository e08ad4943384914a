/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lruvec: the LRU list of one group on one node, with its lock. */
#ifndef PFT_MM_LRUVEC_H
#define PFT_MM_LRUVEC_H

#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/list.h"
#include "pft/base/spinlock.h"

/* Lock order: inside a PTE page's lock (a batch fills up there); zone->lock is inside. */
struct lruvec {
	struct spinlock lru_lock; /* guards all, and FRAME_LRU of the frames on it */
	struct list_head inactive; /* anonymous pages start here; most recent first */
	uint64_t nr_inactive;
} __attribute__((aligned(ARCH_PAIR)));

static inline void lruvec_init(struct lruvec *lruvec)
{
	spin_lock_init(&lruvec->lru_lock);
	list_init(&lruvec->inactive);
	lruvec->nr_inactive = 0;
}

#endif
