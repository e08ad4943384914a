/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/judge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/verdict.h"
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

/* The open cell that knows least, or the one that knows least if none is open. */
static size_t widest(const struct verdict_cell *cells, size_t nr)
{
	size_t at = 0;

	for (size_t i = 1; i < nr; i++) {
		bool open = cells[i].verdict == VERDICT_INCONCLUSIVE;
		bool best_open = cells[at].verdict == VERDICT_INCONCLUSIVE;

		if (open != best_open
			    ? open
			    : cells[i].high - cells[i].low > cells[at].high - cells[at].low)
			at = i;
	}
	return at;
}

static void say_running(const struct rounds *rounds, const struct verdict_cell *cells,
			struct judgement *j)
{
	size_t at = widest(cells, rounds->nr_cells);
	const struct verdict_cell *cell = &cells[at];

	if (cell->failure || !isfinite(cell->high - cell->low))
		snprintf(j->running, sizeof(j->running), "too few rounds yet");
	else
		snprintf(j->running, sizeof(j->running), "%.60s-%u: %+.1f%% [%+.1f, %+.1f]",
			 rounds->cells[at].name, rounds->cells[at].clients,
			 verdict_percent(cell->estimate), verdict_percent(cell->low),
			 verdict_percent(cell->high));
}

static char *report(const struct verdict_rule *rule, const struct rounds *rounds,
		    const struct verdict_cell *cells)
{
	char sentence[400], name[100], *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	for (size_t i = 0; i < rounds->nr_cells; i++) {
		snprintf(name, sizeof(name), "%.80s-%u", rounds->cells[i].name,
			 rounds->cells[i].clients);
		fprintf(out, "%-20s %s", name,
			verdict_sentence(rule, &cells[i], sentence, sizeof(sentence)));
		if (!cells[i].failure)
			fprintf(out, " (p %.2g, detects %.1f%%)", cells[i].p,
				-verdict_percent(-cells[i].detects));
		fputc('\n', out);
	}
	fprintf(out, "b against a by %s, %zu rounds, %.0f%% of false alarms: %s\n", rounds->metric,
		rounds->nr, 100 * rule->ask.alpha,
		verdict_name(verdict_worst(cells, rounds->nr_cells)));
	fclose(out);
	return text;
}

static int look(const struct judge_rule *ask, const struct rounds *rounds, bool last,
		struct judgement *j, struct why *why)
{
	enum better better = metric_better(rounds->metric);
	struct verdict_rule rule;
	struct verdict_cell *cells;
	int err = verdict_rule_init(&rule, ask, why);

	*j = (struct judgement){.verdict = VERDICT_INCONCLUSIVE};
	if (!err && better == BETTER_UNKNOWN)
		err = why_not(why, EINVAL, "nobody knows which way is better, with '%s'",
			      rounds->metric);
	if (err || !rounds->nr_cells)
		return err;
	cells = xcalloc(rounds->nr_cells, sizeof(*cells));
	for (size_t i = 0; i < rounds->nr_cells; i++) {
		cells[i].better = better;
		cells[i].failure = failure_of(rounds, i);
		if (!cells[i].failure)
			cells[i].log_ratio = log_ratios(rounds, i);
	}
	verdict_decide(&rule, cells, rounds->nr_cells, rounds->nr);
	j->verdict = verdict_worst(cells, rounds->nr_cells);
	j->stop = last || verdict_stop(&rule, cells, rounds->nr_cells, rounds->nr);
	say_running(rounds, cells, j);
	j->report = j->stop ? report(&rule, rounds, cells) : NULL;
	for (size_t i = 0; i < rounds->nr_cells; i++)
		free((void *)cells[i].log_ratio);
	free(cells);
	return 0;
}

const struct judge judge = {.look = look};
