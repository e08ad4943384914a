/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/gate.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/boots.h"
#include "analysis/clock.h"
#include "analysis/exact.h"
#include "analysis/gate_guard.h"
#include "analysis/holm.h"
#include "analysis/unlike.h"
#include "common/xalloc.h"

/* What a comparison is made of. */
struct sides {
	struct run *base, *new;
	const struct gate_config *config;
	bool force; /* times that mean nothing, too */
	bool by_boots;
	char *failures[2]; /* of whole runs, or NULL */
};

/* Runs of one variant each are compared whatever it is called. Returns NULL if there is no partner. */
static const struct series *partner(const struct run *run, const struct run *of,
				    const struct series *series)
{
	const char *name = of->variants[series->variant].name;

	for (unsigned i = 0; i < run->nr_variants; i++)
		if (!strcmp(run->variants[i].name, name) ||
		    (run->nr_variants == 1 && of->nr_variants == 1))
			return run_find(run, i, series->clients, series->metric);
	return NULL;
}

/* What is tested of a run: its iterations or its boots, one after the other. */
static void side_init(struct unpaired_side *side, const struct sides *sides, const struct run *run,
		      const struct series *series)
{
	size_t nr = series->nr;
	double *v = sides->by_boots ? boots_logs(run, series, &nr) : series_logs(series);

	unpaired_side_init(side, v, nr);
}

static char *unsafe_of(const struct sides *sides, const struct unpaired_side *side,
		       const char *name)
{
	const char *advice = sides->by_boots ? "give them more boots"
					     : "measure both side by side with 'faultscale ab'";

	if (unpaired_drifts(side))
		return xasprintf("'%s' drifts (Kendall's p %.2g): %s", name, side->drift_p, advice);
	if (unpaired_wanders(side))
		return xasprintf("'%s' wanders (neighbours correlate with %.2f): %s", name,
				 side->lag1, advice);
	return NULL;
}

/* Fill in the numbers of a cell that both runs have. */
static void measure(struct gate_cell *cell, const struct sides *sides, const struct series *base,
		    const struct series *new)
{
	side_init(&cell->base, sides, sides->base, base);
	side_init(&cell->new, sides, sides->new, new);
	cell->unsafe = unsafe_of(sides, &cell->base, sides->base->name);
	if (!cell->unsafe && !sides->config->base_of_runs)
		cell->unsafe = unsafe_of(sides, &cell->new, sides->new->name);
}

/* Which side has no times, or NULL. */
static char *no_clock(const struct sides *sides)
{
	struct run *const runs[] = {sides->base, sides->new};

	for (size_t i = 0; i < 2; i++)
		if (runs[i]->clock == RUN_CLOCK_NONE)
			return clock_text(&runs[i], 1);
	return NULL;
}

/* Add a cell; one of @base and @new may be NULL. */
static void add_cell(struct gate *gate, const struct sides *sides, const struct series *base,
		     const struct series *new)
{
	const struct series *known = new ? new : base;
	const struct run *run = new ? sides->new : sides->base;
	const char *variant = run->variants[known->variant].name;
	struct gate_cell *cell;

	XGROW(gate->cells, gate->nr, gate->cap);
	cell = &gate->cells[gate->nr++];
	*cell = (struct gate_cell){
		.name = xasprintf("%s-%s%s%s", known->metric, known->clients,
				  run->nr_variants > 1 ? " " : "",
				  run->nr_variants > 1 ? variant : ""),
		.metric = xstrdup(known->metric),
		.clients = xstrdup(known->clients),
		.variant = xstrdup(variant),
		.delta = gate_config_delta(sides->config, known->metric, known->clients),
		.v = {.better = gate_config_better(sides->config, known->metric), .p = 1},
		.no_baseline = !base,
	};
	if (!sides->force && clock_is_asked(known->metric))
		cell->failure = no_clock(sides);
	for (size_t i = 0; i < 2 && !cell->failure; i++)
		if (sides->failures[i])
			cell->failure = xstrdup(sides->failures[i]);
	if (!cell->failure && base)
		cell->failure = guard_cell(sides->base, base, sides->config);
	if (!cell->failure && new)
		cell->failure = guard_cell(sides->new, new, sides->config);
	if (!cell->failure && !new)
		cell->failure = xasprintf("not measured in '%s'", sides->new->name);
	cell->v.failure = cell->failure;
	if (!cell->failure && base)
		measure(cell, sides, base, new);
}

/* Metric by metric and in order of the client counts, as tables have it; then what only @base has. */
static void add_cells(struct gate *gate, const struct sides *sides, const char *metric)
{
	for (size_t pass = 0; pass < 2; pass++) {
		struct run *run = pass ? sides->base : sides->new;
		struct run *other = pass ? sides->new : sides->base;

		for (size_t c = 0; c < run->nr_clients; c++)
			for (unsigned v = 0; v < run->nr_variants; v++) {
				const struct series *mine, *theirs;

				mine = run_find(run, v, run->clients[c], metric);
				theirs = mine ? partner(other, run, mine) : NULL;
				if (mine && !pass)
					add_cell(gate, sides, theirs, mine);
				else if (mine && !theirs)
					add_cell(gate, sides, mine, NULL);
			}
	}
}

static int collect(struct gate *gate, const struct sides *sides, struct why *why)
{
	struct run *const runs[] = {sides->base, sides->new};
	struct report report;
	int err = report_init_metrics(&report, sides->config->metrics, runs, 2, why);

	for (size_t i = 0; !err && i < report.nr; i++) {
		const char *metric = report.metrics[i].metric;

		if (gate_config_better(sides->config, metric) == BETTER_UNKNOWN)
			err = why_not(why, EINVAL,
				      "nobody knows which way is better, with '%s': say "
				      "GATE_BETTER=%s=lower or =higher in the config",
				      metric, metric);
		else
			add_cells(gate, sides, metric);
	}
	if (report.metrics)
		report_release(&report);
	return err;
}

static struct verdict_rule rule_of(const struct gate *gate, const struct gate_cell *cell)
{
	struct verdict_rule rule = gate->rule;

	rule.ask.delta = cell->delta;
	return rule;
}

/* The error of the difference that is usual on this machine, widened as the cell's own, 0 if that is
 * not known. */
static double usual(const struct gate *gate, const struct gate_cell *cell)
{
	const struct calibration_cell *found;

	found = calibration_cell(&gate->calibration, cell->variant, cell->clients, cell->metric);
	if (!found || gate->base_of_runs || gate->by_boots)
		return 0;
	return found->spread *
	       sqrt((1.0 / cell->base.n + 1.0 / cell->new.n) * unpaired_wider(found->lag1));
}

/* The estimate and what could have been seen. The interval is the cell's own; what would have been found
 * is by the level that Holm leaves for the first of @nr cells. */
static void estimate(const struct gate *gate, struct gate_cell *cell, const struct unpaired *test,
		     size_t nr)
{
	struct verdict_rule rule = rule_of(gate, cell);
	double alpha = rule.ask.alpha, n = 2 / (1.0 / cell->base.n + 1.0 / cell->new.n);
	double half = test->se > 0 ? gsl_cdf_tdist_Qinv(alpha / 2, test->df) * test->se : 0;

	half += test->wander;
	cell->wander = test->wander;
	cell->v.estimate = test->difference;
	cell->v.low = test->difference - half;
	cell->v.high = test->difference + half;
	rule.bound = gsl_cdf_tdist_Qinv(alpha / 2 / nr, test->df);
	cell->v.usual = usual(gate, cell) * sqrt(n);
	cell->v.as_calibrated = cell->v.usual > test->se * sqrt(n);
	verdict_sensitivity(&rule, &cell->v, n,
			    cell->v.as_calibrated ? cell->v.usual : test->se * sqrt(n));
	cell->v.detects += test->wander;
	if (gate->base_of_runs)
		cell->v.more_rounds = 0; /* iterations: they would not help */
}

static bool test_cell(const struct gate *gate, const struct gate_cell *cell, struct unpaired *test)
{
	if (gate->base_of_runs)
		return (cell->unsafe ? unpaired_one_more_beyond
				     : unpaired_one_more)(test, &cell->base, cell->new.mean);
	return (cell->unsafe ? unpaired_test_beyond : unpaired_test)(test, &cell->base, &cell->new);
}

/* A verdict that takes no change for granted has to have been able to see one. */
static enum verdict verdict_of_cell(const struct gate *gate, const struct gate_cell *cell,
				    double require_mde)
{
	struct verdict_rule rule = rule_of(gate, cell);
	struct verdict_cell least = cell->v;
	enum verdict verdict;

	/* What is left of the change where the machine made as much of it as it can have. */
	least.estimate = copysign(fmax(fabs(cell->v.estimate) - cell->wander, 0), cell->v.estimate);
	verdict = verdict_of(&rule, &least);
	if (require_mde && verdict < VERDICT_INCONCLUSIVE &&
	    !(-expm1(-cell->v.detects) <= require_mde))
		return VERDICT_INCONCLUSIVE;
	return verdict;
}

/* Whether there is anything to test. */
static bool has_both(const struct gate_cell *cell)
{
	return !cell->failure && !cell->no_baseline;
}

/* The p of each cell, corrected for all that are tested, and what could have been seen. */
static void test_cells(struct gate *gate)
{
	double *p = xcalloc(gate->nr + 1, sizeof(*p));
	size_t nr = 0, k = 0;

	for (size_t i = 0; i < gate->nr; i++)
		nr += has_both(&gate->cells[i]);
	for (size_t i = 0; i < gate->nr; i++) {
		struct gate_cell *cell = &gate->cells[i];
		struct unpaired test;

		cell->v.detects = NAN;
		if (!has_both(cell))
			continue;
		cell->v.low = -INFINITY;
		cell->v.high = INFINITY;
		if (test_cell(gate, cell, &test))
			estimate(gate, cell, &test, nr);
		p[k++] = fmax(test.welch_p, test.rank_p);
	}
	holm_adjust(p, nr);
	k = 0;
	for (size_t i = 0; i < gate->nr; i++)
		gate->cells[i].v.p = has_both(&gate->cells[i]) ? p[k++] : 1;
	free(p);
}

static void decide(struct gate *gate, double require_mde)
{
	test_cells(gate);
	for (size_t i = 0; i < gate->nr; i++) {
		struct gate_cell *cell = &gate->cells[i];

		gate->no_baseline |= cell->no_baseline;
		cell->v.verdict = cell->failure	      ? VERDICT_INVALID
				  : cell->no_baseline ? VERDICT_SAME
						      : verdict_of_cell(gate, cell, require_mde);
		if (cell->v.verdict > gate->verdict)
			gate->verdict = cell->v.verdict;
	}
}

int gate_init(struct gate *gate, struct run *base, struct run *new,
	      const struct gate_config *config, bool force, struct why *why)
{
	const struct judge_rule ask = {.delta = config->delta,
				       .alpha = config->alpha,
				       .min_rounds = 1,
				       .look_every = 1,
				       .max_rounds = 1};
	struct sides sides = {.base = base, .new = new, .config = config, .force = force};
	int err;

	*gate = (struct gate){.verdict = VERDICT_IMPROVEMENT, .base_of_runs = config->base_of_runs};
	err = verdict_rule_init(&gate->rule, &ask, why);
	if (err)
		return err;
	if (!base) {
		gate->no_baseline = true;
		return 0;
	}
	gate->unlike = unlike_text(new, base, config->may_differ);
	gate->refused = gate->unlike && !force;
	if (gate->refused) {
		gate->verdict = VERDICT_INVALID;
		return 0;
	}
	if (new->kind == RUN_OWN)
		calibration_find(&gate->calibration, new->path);
	gate->by_boots = sides.by_boots =
		!config->base_of_runs && (boots_count(base) > 1 || boots_count(new) > 1);
	gate->names[0] = xstrdup(base->name);
	gate->names[1] = xstrdup(new->name);
	if (gate->by_boots)
		gate->rule.unit = "boots";
	sides.failures[0] = guard_run(base, config);
	sides.failures[1] = guard_run(new, config);
	err = collect(gate, &sides, why);
	free(sides.failures[0]);
	free(sides.failures[1]);
	gate->exact = exact_is_simulated(base) && exact_is_simulated(new);
	if (!err && gate->exact)
		err = exact_decide(gate, base, new, config, why);
	else if (!err)
		decide(gate, config->require_mde);
	if (err)
		gate_release(gate);
	return err;
}

int gate_exit(const struct gate *gate, bool fail_on_inconclusive, bool allow_missing_baseline)
{
	if (gate->verdict == VERDICT_INVALID)
		return EXIT_INVALID;
	if (gate->verdict == VERDICT_REGRESSION)
		return EXIT_REGRESSION;
	if (gate->no_baseline && !allow_missing_baseline)
		return EXIT_NO_BASELINE;
	if (gate->verdict == VERDICT_INCONCLUSIVE && fail_on_inconclusive)
		return EXIT_INCONCLUSIVE;
	return EXIT_GOOD;
}

bool gate_exact_change(const struct gate *gate)
{
	for (size_t i = 0; gate->exact && i < gate->nr; i++)
		if (!gate->cells[i].no_baseline && gate->cells[i].v.estimate != 0)
			return true;
	return false;
}

const char *gate_exit_meaning(int code)
{
	switch (code) {
	case EXIT_GOOD:
		return "no regression was found";
	case EXIT_REGRESSION:
		return "regression";
	case EXIT_INCONCLUSIVE:
		return "inconclusive: a change can neither be shown nor ruled out";
	case EXIT_INVALID:
		return "invalid: a run, or the comparison, says nothing";
	case EXIT_NO_BASELINE:
		return "no baseline to compare with";
	default:
		return "failed";
	}
}

const char *gate_sentence(const struct gate *gate, const struct gate_cell *cell, char *buf,
			  size_t size)
{
	struct verdict_rule rule = rule_of(gate, cell);
	struct verdict_cell v = cell->v;

	if (cell->no_baseline && !cell->failure) {
		snprintf(buf, size, "no baseline");
	} else if (gate->exact && !cell->failure) {
		exact_sentence(cell, buf, size);
	} else if (cell->v.verdict == VERDICT_INCONCLUSIVE && cell->unsafe) {
		snprintf(buf, size, "cannot tell: %s", cell->unsafe);
	} else if (v.verdict == VERDICT_INCONCLUSIVE && verdict_of(&rule, &v) != v.verdict) {
		v.verdict = verdict_of(&rule, &v);
		verdict_sentence(&rule, &v, buf, size);
		snprintf(buf + strlen(buf), size - strlen(buf),
			 ", but this is blind to smaller changes than were asked for");
	} else {
		verdict_sentence(&rule, &v, buf, size);
	}
	return buf;
}

void gate_release(struct gate *gate)
{
	for (size_t i = 0; i < gate->nr; i++) {
		struct gate_cell *cell = &gate->cells[i];

		free(cell->name);
		free(cell->metric);
		free(cell->clients);
		free(cell->variant);
		free(cell->failure);
		free(cell->cause);
		free(cell->unsafe);
		free((void *)cell->base.v);
		free((void *)cell->new.v);
	}
	free(gate->cells);
	free(gate->names[0]);
	free(gate->names[1]);
	free(gate->unlike);
	calibration_release(&gate->calibration);
	*gate = (struct gate){0};
}
