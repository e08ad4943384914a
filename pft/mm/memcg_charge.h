/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memcg_charge: pages are charged to a hierarchy of memory control groups. Each worker keeps a
 * stock of up to 64 pages that are charged already, so that only each 64th fault writes to the
 * counters, one atomic per level (mm/memcontrol.c, mm/page_counter.c).
 *
 * No locks: counters are atomics, a stock is its worker's own.
 */
#ifndef PFT_MM_MEMCG_CHARGE_H
#define PFT_MM_MEMCG_CHARGE_H

#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/mm/lruvec.h"

enum {
	MEMCG_BATCH = 64, /* MEMCG_CHARGE_BATCH */
};

/* Pages; usage is alone on its line, as in the kernel. */
struct page_counter {
	long usage;
	uint64_t failcnt;
	uint64_t watermark __attribute__((aligned(ARCH_LINE))); /* highest usage */
	long max;
	struct page_counter *parent;
};

/* One group. The topmost is the root: its counter is not used, its lists serve uncharged pages. */
struct memcg {
	struct page_counter memory;
	struct lruvec lruvecs[]; /* one per node */
};

/* A worker's stock; zero is empty. */
struct memcg_stock {
	struct memcg *cached;
	unsigned nr_pages;
	uint64_t refills; /* times it was filled */
};

/* A group below @parent (NULL: the root) with @max pages, 0: no limit; NULL if memory is short. */
struct memcg *memcg_new(struct memcg *parent, long max);
void memcg_free(struct memcg *memcg);

/* try_charge_memcg(): charge a page beyond what the stock has, 64 at once if the limits allow.
 * Returns 0, or -ENOMEM if a limit is reached. */
int memcg_charge_slow(struct memcg_stock *stock, struct memcg *memcg);

/* Charge one page to @memcg: consume_stock(). 0 or -ENOMEM. */
static inline int memcg_charge(struct memcg_stock *stock, struct memcg *memcg)
{
	if (likely(stock->cached == memcg && stock->nr_pages)) {
		stock->nr_pages--;
		return 0;
	}
	return memcg_charge_slow(stock, memcg);
}

/* Give one page of a charge that was not used back to the stock (cancel_charge()). */
void memcg_cancel(struct memcg_stock *stock, struct memcg *memcg);

/* Take @nr pages off all levels (uncharge_batch()); not into the stock. */
void memcg_uncharge(struct memcg *memcg, unsigned nr);

/* Empty the stock: drain_stock(). */
void memcg_drain_stock(struct memcg_stock *stock);

#endif
