/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats: the statistics of mmtests' reports, to the last bit. Sums run over the sorted samples,
 * best first, and powers go through pow(3), because constant samples print percentages out of float
 * noise.
 */
#ifndef ANALYSIS_STATS_H
#define ANALYSIS_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/metric.h"

/* In the order in which the tables print them. */
enum statistic {
	STAT_MIN,
	STAT_MEAN, /* harmonic where higher is better, else arithmetic */
	STAT_STDDEV,
	STAT_COEFFVAR, /* percent of the mean */
	STAT_MAX,
	STAT_BEST50, /* mean of the best half of the samples */
	STAT_BEST95,
	STAT_BEST99,
	NR_STATS,
};

/* The statistics of one series; a number that does not exist is NaN. */
struct summary {
	size_t n;
	double value[NR_STATS];
	double median;
	bool has_interval; /* needs two samples */
	double low, high; /* mean -+ 1.96 standard deviations of a single sample */
};

/* Sort @values[@n] best first (@better), and fill in @sum. */
void summary_init(struct summary *sum, double *values, size_t n, enum better better);

/* What a table calls @stat: "Hmean", "Amean", ... */
const char *stat_label(enum statistic stat, enum better better);

/* Harmonic or arithmetic mean of @values[@n] in the given order; NaN if there is none. */
double mean_of(const double *values, size_t n, enum better better);

/* @value as R prints it by default: 7 significant digits, fixed unless the e-notation is shorter. */
const char *r_number(char *buf, size_t size, double value);

/* mmtests' percentage of @x against the baseline @b, with all its special cases. */
double change_mmtests(enum better better, enum statistic stat, double x, double b);

/* The difference of @x and @b in percent, positive when better; NaN if it does not exist. */
double change_plain(enum better better, enum statistic stat, double x, double b);

/* How far @x and @b are apart, in lengths of the stretch that their intervals cover between them:
 * above 1 the intervals do not touch. A summary without interval has the interval 0..0, as in
 * mmtests. */
double interval_distance(const struct summary *x, const struct summary *b);

#endif
