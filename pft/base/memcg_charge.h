/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memcg_charge: frames are charged to a group and all above it. Each worker keeps a stock of up to
 * 64 pages that are charged already, so that only each 64th fault writes to the counters, one
 * atomic per level and one for the references (mm/memcontrol.c).
 *
 * No locks: counters are atomics, a stock is its worker's own. Who needs what others have in theirs
 * asks for it (memcg_flush_stock()). Each page charged, those in stocks included, is a reference to
 * the group.
 */
#ifndef PFT_BASE_MEMCG_CHARGE_H
#define PFT_BASE_MEMCG_CHARGE_H

#include <stdint.h>

#include "pft/base/compiler.h"
#include "pft/base/memcg.h"

enum {
	MEMCG_BATCH = 64, /* MEMCG_CHARGE_BATCH */
};

/* In cached, where it makes the next charge a slow one: others want what the stock has
 * (FLUSHING_CACHED_CHARGE). */
#define MEMCG_FLUSHING 1UL

/* A worker's stock; zero is empty. */
struct memcg_stock {
	uintptr_t cached; /* struct memcg *, and MEMCG_FLUSHING */
	unsigned nr_pages;
	uint64_t refills; /* times it was filled */
};

/* try_charge_memcg(): charge a page beyond what the stock has, 64 at once if the limits allow.
 * Returns 0, or -ENOMEM if a limit is reached: reclaim and another try are the caller's. */
int memcg_charge_slow(struct memcg_stock *stock, struct memcg *memcg);

/* Charge one page to @memcg, to which the caller has a reference: consume_stock(). 0 or -ENOMEM. */
static inline int memcg_charge(struct memcg_stock *stock, struct memcg *memcg)
{
	if (likely(arch_read_once(&stock->cached) == (uintptr_t)memcg && stock->nr_pages)) {
		stock->nr_pages--;
		return 0;
	}
	return memcg_charge_slow(stock, memcg);
}

/* try_charge_memcg() with __GFP_NOFAIL: the page is charged beyond the limits. For pages without
 * which memory cannot be freed. */
void memcg_charge_force(struct memcg *memcg);

/* Give one page of a charge that was not used back to the stock (cancel_charge()). */
void memcg_cancel(struct memcg_stock *stock, struct memcg *memcg);

/* Take @nr pages off all levels (uncharge_batch()); not into the stock. They may be the last
 * references. */
void memcg_uncharge(struct memcg *memcg, unsigned nr);

/* The group that the stock is of; for its worker, or while that rests. */
static inline struct memcg *memcg_of_stock(const struct memcg_stock *stock)
{
	return (struct memcg *)(arch_read_once(&stock->cached) & ~MEMCG_FLUSHING);
}

/* Empty the stock: drain_stock(). */
void memcg_drain_stock(struct memcg_stock *stock);

/* drain_all_stock() for one stock, by any worker: if it is of @memcg its own empties it at its next
 * charge. */
void memcg_flush_stock(struct memcg_stock *stock, const struct memcg *memcg);

#endif
