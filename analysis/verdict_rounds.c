/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/verdict_rounds.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/gate_guard.h"
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

double *verdict_rounds_in_time(const struct rounds *rounds, size_t cell)
{
	double *x = xcalloc(2 * rounds->nr + 1, sizeof(*x));

	for (size_t i = 0; i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		x[2 * i] = log(pair->b_first ? pair->b : pair->a);
		x[2 * i + 1] = log(pair->b_first ? pair->a : pair->b);
	}
	return x;
}

bool verdict_rounds_disturbed(const struct judge_rule *ask, const struct rounds_pair *pair)
{
	char *text = guard_shares("", pair->steal, pair->foreign, ask->max_steal, ask->max_foreign);

	free(text);
	return text != NULL;
}

/* The guards hold the rounds of a cell together to their limits, from the first look on: one busy
 * moment is not what the rounds were like, and nothing disturbs a simulated machine. Rounds too short
 * for a share of their time say nothing of it. */
static char *guard(const struct judge_rule *ask, const struct rounds *rounds, size_t cell)
{
	double steal = 0, foreign = 0;
	size_t known = 0, disturbed = 0;
	char *text, *whole = NULL;

	for (size_t i = 0; i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		if (isnan(pair->steal + pair->foreign))
			continue;
		known++;
		steal += pair->steal;
		foreign += pair->foreign;
		disturbed += verdict_rounds_disturbed(ask, pair);
	}
	if (ask->exact || rounds->nr < ask->min_rounds || known * 2 < rounds->nr || !known)
		return NULL;
	text = guard_shares("the rounds", steal / (double)known, foreign / (double)known,
			    ask->max_steal, ask->max_foreign);
	if (text)
		whole = xasprintf("%s; %zu of %zu rounds were disturbed; --max-steal and "
				  "--max-foreign allow more",
				  text, disturbed, rounds->nr);
	free(text);
	return whole;
}

/* A pair that is not two numbers above 0 has no ratio. For the caller to free. */
static char *failure_of(const struct judge_rule *ask, const struct rounds *rounds, size_t cell)
{
	const char *failure = rounds_failure(rounds, cell);

	for (size_t i = 0; !failure && i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		if (!(pair->a > 0 && pair->b > 0 && isfinite(pair->a) && isfinite(pair->b)))
			failure = "a round without two numbers above 0";
	}
	return failure ? xstrdup(failure) : guard(ask, rounds, cell);
}

/* The deviation of a round that is usual for a cell, 0 if that is not known. */
static double usual(const struct calibration *calibration, const struct rounds *rounds, size_t cell)
{
	const struct calibration_cell *found;
	char clients[16];

	snprintf(clients, sizeof(clients), "%u", rounds->cells[cell].clients);
	found = calibration_cell(calibration, rounds->cells[cell].name, clients, rounds->metric);
	return found ? found->deviation : 0;
}

struct verdict_cell *verdict_rounds(const struct verdict_rule *rule, const struct rounds *rounds,
				    enum better better, const struct calibration *calibration)
{
	struct verdict_cell *cells = xcalloc(rounds->nr_cells, sizeof(*cells));

	for (size_t i = 0; i < rounds->nr_cells; i++) {
		cells[i].better = better;
		cells[i].usual = calibration ? usual(calibration, rounds, i) : 0;
		cells[i].failure = failure_of(&rule->ask, rounds, i);
		if (!cells[i].failure)
			cells[i].log_ratio = log_ratios(rounds, i);
	}
	verdict_decide(rule, cells, rounds->nr_cells, rounds->nr);
	return cells;
}

void verdict_rounds_free(struct verdict_cell *cells, const struct rounds *rounds)
{
	for (size_t i = 0; i < rounds->nr_cells; i++) {
		free((void *)cells[i].log_ratio);
		free((void *)cells[i].failure);
	}
	free(cells);
}
