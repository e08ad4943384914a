/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/memcg_charge.h"

#include <errno.h>

/* @nr pages of frames, with as many references, which lie on the line just written. */
static bool try_charge(struct memcg *memcg, long nr)
{
	if (!page_counter_try_charge(&memcg->memory, nr))
		return false;
	memcg_get(memcg, (uint64_t)nr);
	return true;
}

void memcg_uncharge(struct memcg *memcg, unsigned nr)
{
	page_counter_uncharge(&memcg->memory, nr);
	memcg_put(memcg, nr);
}

void memcg_drain_stock(struct memcg_stock *stock)
{
	if (stock->nr_pages)
		memcg_uncharge(memcg_of_stock(stock), stock->nr_pages);
	arch_write_once(&stock->cached, 0);
	stock->nr_pages = 0;
}

void memcg_flush_stock(struct memcg_stock *stock, const struct memcg *memcg)
{
	/* It may be another's by then, or empty: that one is emptied in vain, and a bit that its worker's
	 * store undoes was of a stock that is empty. */
	if (arch_read_once(&stock->cached) == (uintptr_t)memcg)
		arch_or_relaxed(&stock->cached, MEMCG_FLUSHING);
}

/* refill_stock() */
static void stock_add(struct memcg_stock *stock, struct memcg *memcg, unsigned nr)
{
	if (memcg_of_stock(stock) != memcg) {
		memcg_drain_stock(stock);
		arch_write_once(&stock->cached, (uintptr_t)memcg);
	}
	stock->nr_pages += nr;
	if (stock->nr_pages > MEMCG_BATCH)
		memcg_drain_stock(stock);
}

int memcg_charge_slow(struct memcg_stock *stock, struct memcg *memcg)
{
	if (arch_read_once(&stock->cached) & MEMCG_FLUSHING)
		memcg_drain_stock(stock);
	if (try_charge(memcg, MEMCG_BATCH)) {
		arch_write_once(&stock->refills, stock->refills + 1);
		stock_add(stock, memcg, MEMCG_BATCH - 1);
		return 0;
	}
	return try_charge(memcg, 1) ? 0 : -ENOMEM;
}

void memcg_charge_force(struct memcg *memcg)
{
	page_counter_charge(&memcg->memory, 1);
	memcg_get(memcg, 1);
}

void memcg_cancel(struct memcg_stock *stock, struct memcg *memcg)
{
	stock_add(stock, memcg, 1);
}
