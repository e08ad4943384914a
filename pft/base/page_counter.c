/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/page_counter.h"

/* Whether @counter is below the root, where pages are counted. */
static bool counts(const struct page_counter *counter)
{
	return counter->parent != NULL;
}

/* page_counter_cancel() from @counter up to below @end. */
static void cancel(struct page_counter *counter, const struct page_counter *end, long nr)
{
	for (; counter != end && counts(counter); counter = counter->parent)
		arch_xadd_full(&counter->usage, -nr);
}

/* Racy, as is failcnt: they are for people to read. */
static void note_watermark(struct page_counter *counter, long usage)
{
	if (usage > 0 && (uint64_t)usage > arch_read_once(&counter->watermark))
		arch_write_once(&counter->watermark, (uint64_t)usage);
}

bool page_counter_try_charge(struct page_counter *counter, long nr)
{
	struct page_counter *c;

	for (c = counter; counts(c); c = c->parent) {
		long usage = arch_xadd_full(&c->usage, nr) + nr;

		if (usage > arch_read_once(&c->max)) {
			arch_xadd_full(&c->usage, -nr);
			arch_write_once(&c->failcnt, arch_read_once(&c->failcnt) + 1);
			cancel(counter, c, nr);
			return false;
		}
		note_watermark(c, usage);
	}
	return true;
}

void page_counter_charge(struct page_counter *counter, long nr)
{
	for (; counts(counter); counter = counter->parent)
		note_watermark(counter, arch_xadd_full(&counter->usage, nr) + nr);
}

void page_counter_uncharge(struct page_counter *counter, long nr)
{
	cancel(counter, NULL, nr);
}

long page_counter_set_max(struct page_counter *counter, long max)
{
	long usage;

	/* Full: pairs with the full add of a charge. One of the two comes second: either the charge
	 * sees the new limit, or usage here has the charge in it. */
	arch_xchg_full(&counter->max, max);
	usage = arch_xadd_full(&counter->usage, 0);
	return usage > max ? usage - max : 0;
}

long page_counter_margin(const struct page_counter *counter)
{
	long margin = PAGE_COUNTER_MAX;

	for (; counts(counter); counter = counter->parent) {
		long usage = arch_read_once(&counter->usage), max = arch_read_once(&counter->max);
		long room = usage < max ? max - (usage > 0 ? usage : 0) : 0;

		margin = room < margin ? room : margin;
	}
	return margin;
}
