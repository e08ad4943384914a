/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uffd_pager_types: the state of a page, for the files of the pager. */
#ifndef PFT_WORKLOADS_UFFD_PAGER_TYPES_H
#define PFT_WORKLOADS_UFFD_PAGER_TYPES_H

#include "pft/workloads/uffd_pager.h"

/* Bits of pager_page.state. All but PAGE_WAITERS and the chances are changed by who has the lock. */
enum {
	PAGE_LOCKED = 1 << 0,
	PAGE_WAITERS = 1 << 1, /* somebody sleeps until it is unlocked */
	PAGE_RESIDENT = 1 << 2,
	PAGE_SWAPPED = 1 << 3, /* slot has it; neither: it has no contents yet */
	PAGE_LEVEL = 1 << 4, /* 3 bits */
	PAGE_LEVEL_MASK = 7 << 4,
	PAGE_CHANCE = 1 << 8, /* the rest: how often the hand is still to pass it */
};

static inline struct pager_worker *pager_worker(struct pager *pager)
{
	return &pager->workers[arch_slot()];
}

/* Lock @page if it can be had at once, and @state is its state. Acquire pairs with pager_unlock(). */
static inline bool pager_trylock(struct pager_page *page, uint32_t state)
{
	return !(state & PAGE_LOCKED) &&
	       arch_cmpxchg_acquire(&page->state, &state, state | PAGE_LOCKED);
}

/* Unlock @page, whose state is @state now. Release pairs with pager_trylock(). */
static inline void pager_unlock(struct pager_page *page, uint32_t state)
{
	if (arch_xchg_release(&page->state, state & ~(PAGE_LOCKED | PAGE_WAITERS)) & PAGE_WAITERS)
		arch_wake(&page->state, UINT32_MAX);
}

/* uffd_evict.c: take @nr pages into account that are about to become resident, and evict others until
 * all fit. The caller has no page locked. 0, or -errno: then they are not counted. */
int pager_charge(struct pager *pager, unsigned nr);

static inline void pager_uncharge(struct pager *pager, unsigned nr)
{
	arch_xadd_relaxed(&pager->resident, -(uint64_t)nr);
}

#endif
