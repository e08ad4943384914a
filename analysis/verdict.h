/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict: what rounds of paired measurements say about a change. docs/verdict.md has the rule, its
 * calibration and the reasons. In short, for each cell, on d = log(b / a) of each round:
 *
 * - Wilcoxon's signed-rank p at each look so far; the smallest, corrected for all looks (Pocock), and
 *   then for all cells (Holm), is the p of the verdict;
 * - the Hodges-Lehmann estimate, with the interval at the level of one look: so all the intervals
 *   that are ever shown of a cell hold together with 1 - alpha;
 * - regression, improvement: p < alpha, the interval does not hold 0, the estimate exceeds delta;
 * - same: the interval lies within -delta .. delta;
 * - else inconclusive.
 *
 * Sides whose order is drawn at random in each round are alike under any drift if they are alike at
 * all, which is why the round is the unit and nothing about the noise is assumed.
 */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/metric.h"
#include "analysis/sequential.h"
#include "common/judge.h"

/* What is asked for, and what follows from it. */
struct verdict_rule {
	struct judge_rule ask;
	struct sequential looks;
	double level; /* of one look */
	double bound; /* the same as |z| */
	const char *unit; /* what there could be more of, in sentences; NULL: rounds */
};

/* Check @ask and work out the rest. Returns 0, or -EINVAL with the reason in @why. */
int verdict_rule_init(struct verdict_rule *rule, const struct judge_rule *ask, struct why *why);

struct verdict_cell {
	/* Set by the caller. */
	enum better better; /* of the metric; not BETTER_UNKNOWN */
	const double *log_ratio; /* [nr] log(b / a) of each round; NULL with a failure */
	const char *failure; /* a guard that failed, or NULL */
	double usual; /* deviation of a round of this machine's, from a calibration; 0: not known */

	/* Set by verdict_decide(). Logs, until verdict_percent() makes percents of them. */
	enum verdict verdict;
	double estimate, low, high;
	double p; /* over all looks and cells */
	double detects; /* a change as large as this would have been found in 4 of 5 cases */
	double would_show; /* a smaller change, */
	unsigned more_rounds; /* and how many more rounds would detect that */
	bool as_calibrated; /* these three are by ->usual, which is more than these rounds' own */
	bool hopeless; /* a verdict by the last look is not to be expected */
};

/* The verdict that follows from a cell's estimate, interval and p; where the numbers are not of rounds
 * (analysis/gate.h) the caller works them out. */
enum verdict verdict_of(const struct verdict_rule *rule, const struct verdict_cell *cell);

/* The same where there is no noise: any change of more than @delta counts. */
enum verdict verdict_exact(double estimate, double delta, enum better better);

/* The deviation of one of @v[@n] from the @length of their interval, whose bound is |z|: outliers do not
 * stretch that. Where it is infinite, the plain one; NaN for a single value. */
double verdict_deviation(const double *v, size_t n, double length, double bound);

/* The change that is found in 4 of 5 cases by a test with @bound as |z|, where its estimate has this
 * @error. */
double verdict_detects(double bound, double error);

/* Fill in ->detects, ->would_show and ->more_rounds: what could have been seen in @nr rounds whose
 * deviation is @sd, and what it takes to see more. */
void verdict_sensitivity(const struct verdict_rule *rule, struct verdict_cell *cell, double nr,
			 double sd);

/* Decide about @cells[@nr_cells], each of @nr rounds, of which the first says all where the rule is
 * exact. A number of rounds between two looks is taken as the next one, brought forward. */
void verdict_decide(const struct verdict_rule *rule, struct verdict_cell *cells, size_t nr_cells,
		    size_t nr);

/* Whether to stop after @nr rounds: a look is due, and every cell is decided or hopeless, or it is the
 * last look, or a guard failed. */
bool verdict_stop(const struct verdict_rule *rule, const struct verdict_cell *cells,
		  size_t nr_cells, size_t nr);

/* The verdict of all cells: the worst. */
enum verdict verdict_worst(const struct verdict_cell *cells, size_t nr_cells);

/* "regression", "improvement", "same", "inconclusive", "invalid". */
const char *verdict_name(enum verdict verdict);

/* A log ratio as a change in percent: -4.1 for b = 0.959 a. */
double verdict_percent(double log_ratio);

/* "slower by 4.1% [3.0, 5.2]", "no change beyond ±2%", "cannot tell: noise hides anything below 7%;
 * 90 more rounds would show 3%". Returns @buf. */
const char *verdict_sentence(const struct verdict_rule *rule, const struct verdict_cell *cell,
			     char *buf, size_t size);

#endif
