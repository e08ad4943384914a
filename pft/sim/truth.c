/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/truth.h"

#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/emit.h"
#include "pft/sim/vcpu.h"
#include "pft/workloads/engine.h"

/* Rows in the order of their first use, and a hash of where they are: number + 1, 0 for none. */
static struct truth *rows;
static uint32_t *places;
static size_t nr, cap, nr_places;
static bool started;

void truth_start(void)
{
	started = true;
}

bool truth_started(void)
{
	return started;
}

static size_t place_of(uintptr_t cause, uintptr_t line)
{
	size_t place = ((cause >> 2) * 0x9e3779b97f4a7c15 ^ (line >> 6) * 0xbf58476d1ce4e5b9) >> 17;

	for (place %= nr_places; places[place]; place = (place + 1) % nr_places) {
		const struct truth *row = &rows[places[place] - 1];

		if (row->cause == cause && row->line == line)
			break;
	}
	return place;
}

/* Keep the hash at most half full. */
static void grow(void)
{
	free(places);
	nr_places = nr_places ? 2 * nr_places : 1 << 16;
	places = xcalloc(nr_places, sizeof(*places));
	for (size_t i = 0; i < nr; i++)
		places[place_of(rows[i].cause, rows[i].line)] = (uint32_t)i + 1;
}

struct truth *truth_of(uintptr_t cause, uintptr_t line)
{
	size_t place;

	if (2 * nr >= nr_places)
		grow();
	place = place_of(cause, line);
	if (!places[place]) {
		XGROW(rows, nr, cap);
		rows[nr] = (struct truth){.cause = cause, .line = line};
		places[place] = (uint32_t)++nr;
	}
	return &rows[places[place] - 1];
}

static void emit_row(const struct truth *t, struct emit *emit)
{
	char *text = xasprintf(
		"%#lx %#lx %lu %lu %lu %lu %lu %lu %lu", (unsigned long)t->cause,
		(unsigned long)t->line, (unsigned long)t->loads, (unsigned long)t->stores,
		(unsigned long)t->misses, (unsigned long)t->local, (unsigned long)t->remote,
		(unsigned long)t->invalidations, (unsigned long)(t->wait_ps / PS_PER_NS));

	emit_text(emit, "announce_transfer", text);
	free(text);
}

/* Those with a transfer, in an order that depends on the simulation alone. */
void engine_transfers(struct emit *emit)
{
	for (size_t i = 0; i < nr; i++)
		if (rows[i].local || rows[i].remote)
			emit_row(&rows[i], emit);
}
