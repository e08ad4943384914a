/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/verdict.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/holm.h"
#include "analysis/signed_rank.h"
#include "common/xalloc.h"

/* qnorm(0.8): "detects" means in 4 of 5 cases. */
#define POWER_80 0.8416212335729143

/* Less of a chance than this to be decided by the last look is called hopeless. */
#define HOPELESS 0.05

/* More rounds than this nobody runs. */
#define MANY_ROUNDS 1000000

int verdict_rule_init(struct verdict_rule *rule, const struct judge_rule *ask, struct why *why)
{
	*rule = (struct verdict_rule){.ask = *ask};
	if (!(ask->delta < 1 && (ask->delta > 0 || (ask->exact && ask->delta == 0))))
		return why_not(why, EINVAL,
			       "the change that counts is not between 0 and 100 %%, "
			       "with '%g'",
			       100 * ask->delta);
	if (!(ask->alpha > 0 && ask->alpha < 0.5))
		return why_not(why, EINVAL,
			       "the share of false alarms is not between 0 and 0.5, "
			       "with '%g'",
			       ask->alpha);
	if (!ask->min_rounds || !ask->look_every || ask->max_rounds < ask->min_rounds)
		return why_not(why, EINVAL,
			       "no such looks: first at %u rounds, then every %u, "
			       "last at %u",
			       ask->min_rounds, ask->look_every, ask->max_rounds);
	sequential_init(&rule->looks, ask->min_rounds, ask->look_every, ask->max_rounds);
	rule->level = sequential_level(&rule->looks, ask->alpha);
	rule->bound = gsl_cdf_ugaussian_Qinv(rule->level / 2);
	return 0;
}

double verdict_percent(double log_ratio)
{
	return 100 * expm1(log_ratio);
}

/* The p-value of all looks up to @nr rounds. */
static double cell_p(const struct verdict_rule *rule, const struct verdict_cell *cell, size_t nr)
{
	int last = sequential_look(&rule->looks, nr);
	double least = 1;

	for (int i = 0; i <= last; i++)
		least = fmin(least, signed_rank_p(cell->log_ratio, rule->looks.looks[i]));
	if (last < 0 || rule->looks.looks[last] != nr)
		least = fmin(least, signed_rank_p(cell->log_ratio, nr));
	return sequential_p(&rule->looks, least);
}

double verdict_deviation(const double *v, size_t n, double length, double bound)
{
	if (isfinite(length))
		return length / 2 * sqrt(n) / bound;
	return n > 1 ? gsl_stats_sd(v, 1, n) : NAN;
}

double verdict_detects(double bound, double error)
{
	return (bound + POWER_80) * error;
}

/* Rounds that detect a change of @effect. */
static double rounds_for(const struct verdict_rule *rule, double sd, double effect)
{
	return fmin(ceil(pow(verdict_detects(rule->bound, sd) / effect, 2)), MANY_ROUNDS);
}

void verdict_sensitivity(const struct verdict_rule *rule, struct verdict_cell *cell, double nr,
			 double sd)
{
	double floor = log1p(rule->ask.delta), needed;

	cell->detects = verdict_detects(rule->bound, sd / sqrt(nr));
	cell->would_show = fmax(floor, fmin(fabs(cell->estimate), cell->detects / 2));
	needed = rounds_for(rule, sd, cell->would_show);
	cell->more_rounds = needed > nr ? needed - nr : 0;
}

/*
 * Whether a verdict is out of reach: the predictive probability of one at the last look, given what
 * was seen (Spiegelhalter, Freedman, Blackburn, Control. Clin. Trials 7, 1986). Stopping for it can
 * only make false alarms rarer.
 */
static bool is_hopeless(const struct verdict_rule *rule, const struct verdict_cell *cell, size_t nr,
			double sd)
{
	double last = rule->ask.max_rounds, left = sd * sqrt(1.0 / nr - 1 / last);
	double half = rule->bound * sd / sqrt(last), floor = log1p(rule->ask.delta);
	double outside = fmax(half, floor), inside = floor - half, chance;

	if (!(left > 0))
		return false;
	chance = gsl_cdf_ugaussian_Q((outside - cell->estimate) / left) +
		 gsl_cdf_ugaussian_P((-outside - cell->estimate) / left);
	if (inside > 0)
		chance += gsl_cdf_ugaussian_P((inside - cell->estimate) / left) -
			  gsl_cdf_ugaussian_P((-inside - cell->estimate) / left);
	return chance < HOPELESS;
}

enum verdict verdict_of(const struct verdict_rule *rule, const struct verdict_cell *cell)
{
	double delta = rule->ask.delta;
	bool beyond = fabs(expm1(cell->estimate)) > delta;

	if (cell->p < rule->ask.alpha && beyond && (cell->low > 0 || cell->high < 0))
		return (cell->estimate > 0) == (cell->better == BETTER_HIGHER) ? VERDICT_IMPROVEMENT
									       : VERDICT_REGRESSION;
	if (expm1(cell->low) > -delta && expm1(cell->high) < delta)
		return VERDICT_SAME;
	return VERDICT_INCONCLUSIVE;
}

enum verdict verdict_exact(double estimate, double delta, enum better better)
{
	if (fabs(expm1(estimate)) <= delta)
		return VERDICT_SAME;
	return (estimate > 0) == (better == BETTER_HIGHER) ? VERDICT_IMPROVEMENT
							   : VERDICT_REGRESSION;
}

/* All rounds are alike, so one says all, and nothing is tested. */
static void decide_exactly(const struct verdict_rule *rule, struct verdict_cell *cell, size_t nr)
{
	cell->estimate = cell->low = cell->high = nr ? cell->log_ratio[0] : NAN;
	cell->detects = nr ? 0 : NAN;
	cell->p = cell->estimate == 0;
	cell->verdict = nr ? verdict_exact(cell->estimate, rule->ask.delta, cell->better)
			   : VERDICT_INCONCLUSIVE;
}

static void decide_cell(const struct verdict_rule *rule, struct verdict_cell *cell, size_t nr)
{
	struct hodges_lehmann hl = hodges_lehmann(cell->log_ratio, nr, rule->level);
	double sd;

	cell->estimate = hl.estimate;
	cell->low = hl.low;
	cell->high = hl.high;
	cell->verdict = nr ? verdict_of(rule, cell) : VERDICT_INCONCLUSIVE;
	sd = verdict_deviation(cell->log_ratio, nr, hl.high - hl.low, rule->bound);
	cell->as_calibrated = cell->usual > sd;
	verdict_sensitivity(rule, cell, nr, cell->as_calibrated ? cell->usual : sd);
	cell->hopeless = cell->verdict == VERDICT_INCONCLUSIVE && is_hopeless(rule, cell, nr, sd);
}

void verdict_decide(const struct verdict_rule *rule, struct verdict_cell *cells, size_t nr_cells,
		    size_t nr)
{
	double *p = xcalloc(nr_cells, sizeof(*p));

	for (size_t i = 0; i < nr_cells; i++)
		p[i] = cells[i].failure || rule->ask.exact ? 1 : cell_p(rule, &cells[i], nr);
	holm_adjust(p, nr_cells);
	for (size_t i = 0; i < nr_cells; i++) {
		cells[i].p = p[i];
		if (cells[i].failure)
			cells[i].verdict = VERDICT_INVALID;
		else if (rule->ask.exact)
			decide_exactly(rule, &cells[i], nr);
		else
			decide_cell(rule, &cells[i], nr);
	}
	free(p);
}

bool verdict_stop(const struct verdict_rule *rule, const struct verdict_cell *cells,
		  size_t nr_cells, size_t nr)
{
	int look = sequential_look(&rule->looks, nr);
	bool open = false;

	if (nr >= rule->ask.max_rounds || (rule->ask.exact && nr))
		return true;
	for (size_t i = 0; i < nr_cells; i++) {
		if (cells[i].verdict == VERDICT_INVALID)
			return true;
		open |= cells[i].verdict == VERDICT_INCONCLUSIVE && !cells[i].hopeless;
	}
	return !open && look >= 0 && rule->looks.looks[look] == nr;
}

enum verdict verdict_worst(const struct verdict_cell *cells, size_t nr_cells)
{
	enum verdict worst = VERDICT_IMPROVEMENT;

	for (size_t i = 0; i < nr_cells; i++)
		if (cells[i].verdict > worst)
			worst = cells[i].verdict;
	return worst;
}
