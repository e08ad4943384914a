/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/verdict_rounds.h"

#include <math.h>
#include <stdlib.h>

#include "common/xalloc.h"

/* The log ratios of a cell's rounds, for the caller to free. */
static double *log_ratios(const struct rounds *rounds, size_t cell)
{
	double *d = xcalloc(rounds->nr + 1, sizeof(*d));

	for (size_t i = 0; i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		d[i] = log(pair->b / pair->a);
	}
	return d;
}

/* A pair that is not two numbers above 0 has no ratio. */
static const char *failure_of(const struct rounds *rounds, size_t cell)
{
	const char *failure = rounds_failure(rounds, cell);

	for (size_t i = 0; !failure && i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		if (!(pair->a > 0 && pair->b > 0 && isfinite(pair->a) && isfinite(pair->b)))
			failure = "a round without two numbers above 0";
	}
	return failure;
}

struct verdict_cell *verdict_rounds(const struct verdict_rule *rule, const struct rounds *rounds,
				    enum better better)
{
	struct verdict_cell *cells = xcalloc(rounds->nr_cells, sizeof(*cells));

	for (size_t i = 0; i < rounds->nr_cells; i++) {
		cells[i].better = better;
		cells[i].failure = failure_of(rounds, i);
		if (!cells[i].failure)
			cells[i].log_ratio = log_ratios(rounds, i);
	}
	verdict_decide(rule, cells, rounds->nr_cells, rounds->nr);
	return cells;
}

void verdict_rounds_free(struct verdict_cell *cells, const struct rounds *rounds)
{
	for (size_t i = 0; i < rounds->nr_cells; i++)
		free((void *)cells[i].log_ratio);
	free(cells);
}
