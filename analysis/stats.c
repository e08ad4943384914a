/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/stats.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* qnorm(0.975): 95% of a normal distribution lie within so many standard deviations. */
#define NORMAL_97_5 1.959963984540054

static const char *const labels[][NR_STATS] = {
	[BETTER_UNKNOWN] = {"Min", "Amean", "Stddev", "CoeffVar", "Max"},
	[BETTER_HIGHER] = {"Min", "Hmean", "HStddev", "HCoeffVar", "Max", "BHmean-50", "BHmean-95",
			   "BHmean-99"},
	[BETTER_LOWER] = {"Min", "Amean", "Stddev", "CoeffVar", "Max", "BAmean-50", "BAmean-95",
			  "BAmean-99"},
};

const char *stat_label(enum statistic stat, enum better better)
{
	return labels[better][stat];
}

static int ascending(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

static int descending(const void *a, const void *b)
{
	return ascending(b, a);
}

double mean_of(const double *values, size_t n, enum better better)
{
	double sum = 0;

	if (!n)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		if (better == BETTER_HIGHER && values[i] <= 0)
			return NAN;
		sum += better == BETTER_HIGHER ? 1 / values[i] : values[i];
	}
	return better == BETTER_HIGHER ? n / sum : sum / n;
}

/* Of rates: the deviation of 1/x, carried over to the scale of x at the mean (population form). */
static double harmonic_stddev(const double *values, size_t n, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += pow(1 / values[i] - 1 / mean, 2);
	return sqrt(sum * pow(mean, 4) / n);
}

static double sample_stddev(const double *values, size_t n, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += pow(values[i] - mean, 2);
	return sqrt(sum / (n - 1));
}

const char *r_number(char *buf, size_t size, double value)
{
	char digits[32];
	int exponent, significant = 7, decimals, fixed_width, e_width;

	if (!isfinite(value)) {
		snprintf(buf, size, "NaN");
		return buf;
	}
	snprintf(digits, sizeof(digits), "%.6e", fabs(value));
	exponent = strtol(strchr(digits, 'e') + 1, NULL, 10);
	while (significant > 1 && digits[significant] == '0')
		significant--;
	decimals = significant - 1 - exponent;
	if (decimals < 0)
		decimals = 0;
	fixed_width = (exponent > 0 ? exponent : 0) + 1 + (decimals ? decimals + 1 : 0);
	e_width = significant + (significant > 1) + (abs(exponent) >= 100 ? 5 : 4);
	if (fixed_width <= e_width)
		snprintf(buf, size, "%.*f", decimals, value);
	else
		snprintf(buf, size, "%.*e", significant - 1, value);
	return buf;
}

/* mmtests has R work out the interval, so the deviation goes there as text with 15 digits, and its
 * answer comes back as R prints it. */
static void set_interval(struct summary *sum)
{
	char text[400];
	double q;

	snprintf(text, sizeof(text), "%.15g", sum->value[STAT_STDDEV]);
	q = NORMAL_97_5 * strtod(text, NULL);
	q = strtod(r_number(text, sizeof(text), q), NULL);
	sum->low = sum->value[STAT_MEAN] - q;
	sum->high = sum->value[STAT_MEAN] + q;
	sum->has_interval = true;
}

static double best_mean(const double *values, size_t n, unsigned percent, enum better better)
{
	size_t k = n * percent / 100;

	return mean_of(values, n && !k ? 1 : k, better);
}

void summary_init(struct summary *sum, double *values, size_t n, enum better better)
{
	bool high = better == BETTER_HIGHER;
	double mean;

	*sum = (struct summary){.n = n, .median = NAN};
	for (size_t i = 0; i < NR_STATS; i++)
		sum->value[i] = NAN;
	if (!n)
		return;
	qsort(values, n, sizeof(*values), high ? descending : ascending);
	sum->value[STAT_MIN] = values[high ? n - 1 : 0];
	sum->value[STAT_MAX] = values[high ? 0 : n - 1];
	sum->median = gsl_stats_median_from_sorted_data(values, 1, n);
	mean = sum->value[STAT_MEAN] = mean_of(values, n, better);
	if (better != BETTER_UNKNOWN) {
		sum->value[STAT_BEST50] = best_mean(values, n, 50, better);
		sum->value[STAT_BEST95] = best_mean(values, n, 95, better);
		sum->value[STAT_BEST99] = best_mean(values, n, 99, better);
	}
	if (n < 2 || isnan(mean))
		return;
	sum->value[STAT_STDDEV] =
		high ? harmonic_stddev(values, n, mean) : sample_stddev(values, n, mean);
	sum->value[STAT_COEFFVAR] = mean != 0 ? sum->value[STAT_STDDEV] * 100 / mean : 0;
	set_interval(sum);
}

/* Whether more of @stat is good news: never of a deviation. */
static bool more_is_better(enum better better, enum statistic stat)
{
	return better != BETTER_LOWER &&
	       !(better == BETTER_HIGHER && (stat == STAT_STDDEV || stat == STAT_COEFFVAR));
}

double change_mmtests(enum better better, enum statistic stat, double x, double b)
{
	if (isnan(x) || x == -1 || b == -1 || x == b)
		return 0;
	if (more_is_better(better, stat)) {
		if (x == 0)
			return 0;
		return b == 0 || isnan(b) ? 100 : x * 100 / b - 100;
	}
	if (x == 0)
		return 100;
	return b == 0 ? -99 : 100 - x * 100 / b;
}

double change_plain(enum better better, enum statistic stat, double x, double b)
{
	if (x == b)
		return 0;
	if (isnan(x) || isnan(b) || b == 0)
		return NAN;
	return more_is_better(better, stat) ? x * 100 / b - 100 : 100 - x * 100 / b;
}

double interval_distance(const struct summary *x, const struct summary *b)
{
	double mx = x->value[STAT_MEAN], mb = b->value[STAT_MEAN];
	double xlow = x->has_interval ? x->low : 0, xhigh = x->has_interval ? x->high : 0;
	double blow = b->has_interval ? b->low : 0, bhigh = b->has_interval ? b->high : 0;
	double covered = mx < mb ? xhigh - mx + mb - blow : mx - xlow + bhigh - mb;

	return covered != 0 ? (mx - mb) / covered : mx - mb;
}
