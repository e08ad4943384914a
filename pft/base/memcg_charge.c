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
		memcg_uncharge(stock->cached, stock->nr_pages);
	stock->cached = NULL;
	stock->nr_pages = 0;
}

/* refill_stock() */
static void stock_add(struct memcg_stock *stock, struct memcg *memcg, unsigned nr)
{
	if (stock->cached != memcg) {
		memcg_drain_stock(stock);
		stock->cached = memcg;
	}
	stock->nr_pages += nr;
	if (stock->nr_pages > MEMCG_BATCH)
		memcg_drain_stock(stock);
}

int memcg_charge_slow(struct memcg_stock *stock, struct memcg *memcg)
{
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
