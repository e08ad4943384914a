/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/memcg_charge.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pft/base/node_memory.h"

struct memcg *memcg_new(struct memcg *parent, long max)
{
	unsigned i, nodes = node_memory_nodes();
	size_t size = sizeof(struct memcg) + nodes * sizeof(struct lruvec);
	struct memcg *memcg;

	/* Pairs of lines, so that nothing else lies beside a counter or a lock. */
	memcg = aligned_alloc(ARCH_PAIR, round_up_to(size, (size_t)ARCH_PAIR));
	if (!memcg)
		return NULL;
	memset(memcg, 0, size);
	memcg->memory.max = max ? max : LONG_MAX;
	memcg->memory.parent = parent ? &parent->memory : NULL;
	for (i = 0; i < nodes; i++)
		lruvec_init(&memcg->lruvecs[i]);
	return memcg;
}

void memcg_free(struct memcg *memcg)
{
	free(memcg);
}

/* Whether @counter is below the root, where pages are counted. */
static bool counts(const struct page_counter *counter)
{
	return counter->parent != NULL;
}

/* page_counter_uncharge() from @counter up to below @end. */
static void counter_cancel(struct page_counter *counter, const struct page_counter *end, long nr)
{
	for (; counter != end && counts(counter); counter = counter->parent)
		arch_xadd_full(&counter->usage, -nr);
}

/* page_counter_try_charge() */
static bool counter_try_charge(struct page_counter *counter, long nr)
{
	struct page_counter *c;

	for (c = counter; counts(c); c = c->parent) {
		long usage = arch_xadd_full(&c->usage, nr) + nr;

		if (usage > arch_read_once(&c->max)) {
			arch_xadd_full(&c->usage, -nr);
			/* Racy, as is the watermark: they are for people to read. */
			arch_write_once(&c->failcnt, arch_read_once(&c->failcnt) + 1);
			counter_cancel(counter, c, nr);
			return false;
		}
		if ((uint64_t)usage > arch_read_once(&c->watermark))
			arch_write_once(&c->watermark, (uint64_t)usage);
	}
	return true;
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
	if (counter_try_charge(&memcg->memory, MEMCG_BATCH)) {
		arch_write_once(&stock->refills, stock->refills + 1);
		stock_add(stock, memcg, MEMCG_BATCH - 1);
		return 0;
	}
	return counter_try_charge(&memcg->memory, 1) ? 0 : -ENOMEM;
}

void memcg_cancel(struct memcg_stock *stock, struct memcg *memcg)
{
	stock_add(stock, memcg, 1);
}

void memcg_uncharge(struct memcg *memcg, unsigned nr)
{
	counter_cancel(&memcg->memory, NULL, nr);
}
