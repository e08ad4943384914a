/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/judge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/drift.h"
#include "analysis/verdict_rounds.h"
#include "common/say.h"
#include "common/xalloc.h"

/* A drift that is told: one series in a hundred without any. */
#define DRIFTS_P 0.01

/* What time(1) said of a simulator is of the machine that it ran on. */
#define OF_THE_HOST "time_"

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

/* Rounds are kept however they went, and it is said how they went. */
static void say_disturbed(FILE *out, const struct judge_rule *ask, const struct rounds *rounds,
			  size_t cell, const char *name)
{
	size_t disturbed = 0;

	for (size_t i = 0; i < rounds->nr; i++)
		disturbed += verdict_rounds_disturbed(ask, rounds_at(rounds, i, cell));
	if (disturbed)
		fprintf(out,
			"%-20s %zu of %zu rounds were disturbed by the host or other programs; all "
			"count\n",
			name, disturbed, rounds->nr);
}

/* The machine's drift is in both sides alike, as a coin decides who comes first. */
static void say_drift(FILE *out, const struct rounds *rounds, size_t cell, const char *name)
{
	double *x = verdict_rounds_in_time(rounds, cell), p = drift_p(x, 2 * rounds->nr);

	if (p < DRIFTS_P)
		fprintf(out,
			"%-20s the machine drifted by %+.1f%% during the rounds (p %.2g), which "
			"favours neither side\n",
			name, verdict_percent(drift_of(x, 2 * rounds->nr)), p);
	free(x);
}

/* What belongs to a verdict about noisy numbers. */
static void say_noise(FILE *out, const struct verdict_rule *rule, const struct rounds *rounds,
		      const struct verdict_cell *cells, size_t cell, const char *name)
{
	fprintf(out, " (p %.2g, detects %.1f%%%s)\n", cells[cell].p,
		-verdict_percent(-cells[cell].detects),
		cells[cell].as_calibrated ? " as calibrated" : "");
	say_disturbed(out, &rule->ask, rounds, cell, name);
	say_drift(out, rounds, cell, name);
}

static char *report(const struct verdict_rule *rule, const struct rounds *rounds,
		    const struct verdict_cell *cells, const struct calibration *calibration)
{
	char sentence[400], name[100], *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	for (size_t i = 0; i < rounds->nr_cells; i++) {
		snprintf(name, sizeof(name), "%.80s-%u", rounds->cells[i].name,
			 rounds->cells[i].clients);
		say_harmless(name);
		verdict_sentence(rule, &cells[i], sentence, sizeof(sentence));
		fprintf(out, "%-20s %s", name, say_harmless(sentence));
		if (cells[i].failure || rule->ask.exact)
			fputc('\n', out);
		else
			say_noise(out, rule, rounds, cells, i, name);
	}
	if (calibration->text)
		say_line(out, "calibration %s", calibration->text);
	fprintf(out, "b against a by %s, ", rounds->metric);
	if (rule->ask.exact)
		fputs("simulated, so exact", out);
	else
		fprintf(out, "%zu rounds, %g%% of false alarms", rounds->nr,
			100 * rule->ask.alpha);
	fprintf(out, ": %s\n", verdict_name(verdict_worst(cells, rounds->nr_cells)));
	fclose(out);
	return text;
}

/* The report, for which it matters what noise is usual here. */
static char *last_words(const struct verdict_rule *rule, const struct rounds *rounds,
			enum better better)
{
	struct calibration calibration = {0};
	struct verdict_cell *cells;
	char *text;

	if (rule->ask.run && !rule->ask.exact)
		calibration_find(&calibration, rule->ask.run);
	cells = verdict_rounds(rule, rounds, better, &calibration);
	text = report(rule, rounds, cells, &calibration);
	verdict_rounds_free(cells, rounds);
	calibration_release(&calibration);
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
	if (!err && ask->exact && !strncmp(rounds->metric, OF_THE_HOST, strlen(OF_THE_HOST)))
		err = why_not(why, EINVAL,
			      "'%s' is about this machine, not about the simulated one",
			      rounds->metric);
	if (err || !rounds->nr_cells)
		return err;
	cells = verdict_rounds(&rule, rounds, better, NULL);
	j->verdict = verdict_worst(cells, rounds->nr_cells);
	j->stop = last || verdict_stop(&rule, cells, rounds->nr_cells, rounds->nr);
	say_running(rounds, cells, j);
	if (j->stop)
		j->report = last_words(&rule, rounds, better);
	verdict_rounds_free(cells, rounds);
	return 0;
}

const struct judge judge = {.look = look};
