/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootstrap: how sure is the ratio of two runs. Both samples are drawn again and again with
 * replacement; the spread of the ratio over these draws is the interval (Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993). BCa corrects bias and skewness.
 */
#ifndef ANALYSIS_BOOTSTRAP_H
#define ANALYSIS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/metric.h"

struct bootstrap {
	unsigned resamples;
	uint64_t seed;
	double level; /* 0.95 */
	bool percentile; /* plain percentiles instead of BCa */
};

/* What is compared: the mean that the metric wants, or the median. */
enum bootstrap_of {
	BOOTSTRAP_MEAN,
	BOOTSTRAP_MEDIAN,
};

/* A ratio new/base and the interval in which it lies with the asked probability. */
struct ratio_interval {
	double ratio, low, high; /* NaN: not to be had */
};

/*
 * The ratio of @x[@nx] to @b[@nb]. Without two samples in each, or with a base of zero, the
 * interval is NaN. @stream tells apart the rows of a table, so that a row's interval does not
 * depend on which others are shown.
 */
void bootstrap_ratio(struct ratio_interval *out, const struct bootstrap *boot, enum bootstrap_of of,
		     enum better better, const double *x, size_t nx, const double *b, size_t nb,
		     uint64_t stream);

/* Where a number lies with the asked probability. */
struct interval {
	double low, high; /* NaN: not to be had */
};

/*
 * The difference of the means of @x[@nx] and @b[@nb], by plain percentiles. Without two samples in
 * each, or with one that is no number, the interval is NaN.
 */
void bootstrap_difference(struct interval *out, const struct bootstrap *boot, const double *x,
			  size_t nx, const double *b, size_t nb, uint64_t stream);

#endif
