/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/transfers.h"

#include <stdio.h>
#include <string.h>

/* What lies at @address, without what objects_name() says of the pair. */
static void name(const struct objects *objects, uint64_t address, char *text, size_t size)
{
	if (address < 2 * OBJECT_LINE)
		snprintf(text, size, "variables and stacks");
	else if (objects_name(objects, address, text, size))
		text[strcspn(text, ",")] = 0;
	else
		snprintf(text, size, "engine memory");
}

static void add(const struct objects *objects, const struct object_transfer *t,
		struct miss_table *table)
{
	bool prefetch = t->line != t->cause / OBJECT_LINE * OBJECT_LINE;
	char cause[160], data[160], symbol[400];
	const struct miss_where where = {.side = "simulated",
					 .symbol = symbol,
					 .offset = "-",
					 .line = "-",
					 .data = data,
					 .file = "-"};
	const struct miss_counts counts = {.count = t->local + t->remote,
					   .weight = t->wait_ns,
					   .loads = t->loads,
					   .stores = t->stores,
					   .hitm_local = t->local,
					   .hitm_remote = t->remote};

	name(objects, t->cause, cause, sizeof(cause));
	name(objects, prefetch ? t->line : t->cause, data, sizeof(data));
	if (prefetch)
		snprintf(symbol, sizeof(symbol), "%s -> prefetch took %s", cause, data);
	else
		snprintf(symbol, sizeof(symbol), "%s", cause);
	miss_table_add(table, &where, &counts, "ok");
}

void transfers_add(const struct objects *objects, struct miss_table *table)
{
	for (size_t i = 0; i < objects->nr_transfers; i++)
		add(objects, &objects->transfers[i], table);
	miss_table_add_total(table, MISSES_PERIOD, 1);
	miss_table_add_total(table, MISSES_FAULTS, objects->faults);
	miss_table_add_total(table, MISSES_LOST, 0);
	miss_table_add_total(table, MISSES_OUTSIDE, 0);
	miss_table_add_total(table, MISSES_THROTTLED, 0);
}
