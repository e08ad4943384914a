/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/unpaired.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "analysis/drift.h"

/* From here on what is left after widening is a guess; but a short series has to show it. */
#define WANDERS_LAG1 0.3
#define WANDERS_Z    1.28

/* One series in fifty without drift is called drifting, which costs a verdict, not an alarm. */
#define DRIFTS_P 0.02

/* Above, a series would be worth nothing. */
#define MOST_LAG1 0.99

/* A series that is worth less has no deviation to speak of. */
#define LEAST_WORTH 2

/* Correlation of neighbours. The plain estimate is too low by (1 + 3 r) / n (Kendall, Biometrika 41,
 * 1954), which matters as few values are the rule here. */
static double lag1_of(const double *v, size_t n)
{
	double r = gsl_stats_lag1_autocorrelation(v, 1, n);

	return fmin(MOST_LAG1, (r * n + 1) / (n - 3.0));
}

double unpaired_wider(double lag1)
{
	double r = fmin(fmax(lag1, 0), MOST_LAG1);

	return (1 + r) / (1 - r);
}

void unpaired_side_init(struct unpaired_side *side, const double *v, size_t n)
{
	*side = (struct unpaired_side){
		.v = v, .n = n, .mean = NAN, .sd = NAN, .lag1 = NAN, .worth = NAN, .drift_p = NAN};
	if (n) {
		side->mean = gsl_stats_mean(v, 1, n);
		side->range = gsl_stats_max(v, 1, n) - gsl_stats_min(v, 1, n);
	}
	if (n < UNPAIRED_MIN)
		return;
	side->sd = gsl_stats_sd(v, 1, n);
	side->lag1 = side->sd > 0 ? lag1_of(v, n) : 0;
	side->worth = n / unpaired_wider(side->lag1);
	side->drift_p = drift_p(v, n);
}

bool unpaired_wanders(const struct unpaired_side *side)
{
	return side->lag1 > fmax(WANDERS_LAG1, WANDERS_Z / sqrt(side->n));
}

bool unpaired_drifts(const struct unpaired_side *side)
{
	return side->drift_p < DRIFTS_P;
}

static void welch(struct unpaired *test, const struct unpaired_side *a,
		  const struct unpaired_side *b)
{
	double va = a->sd * a->sd / a->worth, vb = b->sd * b->sd / b->worth;

	test->difference = b->mean - a->mean;
	test->se = sqrt(va + vb);
	test->df = a->worth + b->worth - 2;
	if (test->se > 0) {
		test->df = (va + vb) * (va + vb) /
			   (va * va / (a->worth - 1) + vb * vb / (b->worth - 1));
		test->welch_p = 2 * gsl_cdf_tdist_Q(fabs(test->difference) / test->se, test->df);
	} else {
		test->welch_p = test->difference ? 0 : 1;
	}
}

/* How often @value stands in a side. */
static size_t count(const struct unpaired_side *side, double value)
{
	size_t n = 0;

	for (size_t i = 0; i < side->n; i++)
		n += side->v[i] == value;
	return n;
}

/* What the values of @side add to the ties' sum of t^3 - t, each its share of its group. */
static double ties_of(const struct unpaired_side *side, const struct unpaired_side *other)
{
	double sum = 0;

	for (size_t i = 0; i < side->n; i++) {
		double t = count(side, side->v[i]) + count(other, side->v[i]);

		sum += t * t - 1;
	}
	return sum;
}

/* The normal form of U, divided by how much wider Welch's error would be for equal deviations. */
static double mann_whitney_p(const struct unpaired_side *a, const struct unpaired_side *b)
{
	double n = a->n + b->n, product = (double)a->n * b->n, off = -product / 2, var, wider;

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			off += (a->v[i] > b->v[k]) + 0.5 * (a->v[i] == b->v[k]);
	var = product / 12 * (n + 1 - (ties_of(a, b) + ties_of(b, a)) / (n * (n - 1)));
	wider = (1 / a->worth + 1 / b->worth) / (1.0 / a->n + 1.0 / b->n);
	return drift_normal_p(off, 1, sqrt(var * wider));
}

bool unpaired_test(struct unpaired *test, const struct unpaired_side *a,
		   const struct unpaired_side *b)
{
	*test = (struct unpaired){
		.difference = b->mean - a->mean, .se = NAN, .df = NAN, .welch_p = 1, .rank_p = 1};
	if (!(a->worth >= LEAST_WORTH && b->worth >= LEAST_WORTH))
		return false;
	welch(test, a, b);
	test->rank_p = mann_whitney_p(a, b);
	return true;
}

bool unpaired_one_more(struct unpaired *test, const struct unpaired_side *side, double value)
{
	double p = 1;

	*test = (struct unpaired){
		.difference = value - side->mean, .se = NAN, .df = NAN, .welch_p = 1, .rank_p = 1};
	if (!(side->worth >= LEAST_WORTH))
		return false;
	test->se = side->sd * sqrt(1 + 1 / side->worth);
	test->df = side->worth - 1;
	if (test->se > 0)
		p = 2 * gsl_cdf_tdist_Q(fabs(test->difference) / test->se, test->df);
	else if (test->difference)
		p = 0;
	test->welch_p = test->rank_p = p;
	return true;
}

/* The side as if its values were independent. */
static struct unpaired_side independent(const struct unpaired_side *side)
{
	struct unpaired_side copy = *side;

	if (side->n >= UNPAIRED_MIN)
		copy.worth = side->n;
	return copy;
}

/* Ask for a difference beyond @wander. The rank test is left as it is: such a difference keeps the sides'
 * values apart, all of the one above all of the other. */
static void take_off(struct unpaired *test, double wander)
{
	double left = fabs(test->difference) - wander;

	test->wander = wander;
	if (!(left > 0))
		test->welch_p = 1;
	else if (test->se > 0)
		test->welch_p = 2 * gsl_cdf_tdist_Q(left / test->se, test->df);
}

bool unpaired_test_beyond(struct unpaired *test, const struct unpaired_side *a,
			  const struct unpaired_side *b)
{
	const struct unpaired_side x = independent(a), y = independent(b);

	if (!unpaired_test(test, &x, &y))
		return false;
	take_off(test, 2 * (a->range + b->range));
	return true;
}

bool unpaired_one_more_beyond(struct unpaired *test, const struct unpaired_side *side, double value)
{
	const struct unpaired_side x = independent(side);

	if (!unpaired_one_more(test, &x, value))
		return false;
	take_off(test, 2 * side->range);
	return true;
}
