/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpaired: whether two series that were measured apart differ, by two tests: Welch's of the means
 * (Biometrika 34, 1947) and Mann and Whitney's of the ranks (Ann. Math. Stat. 18, 1947).
 *
 * Both take neighbours for independent, which they are not where a machine wanders. A series whose
 * neighbours correlate with r is worth n (1 - r) / (1 + r) independent values (Bayley, Hammersley,
 * J. R. Stat. Soc. B 8, 1946), and both tests are widened to what the series are worth.
 *
 * Where a series drifts or wanders, no widening is enough, but its range says how far the machine moved:
 * if it goes on in the second run where it was at the end of the first, the means are no further apart
 * than the sum of both ranges, however the values depend on each other. The ..._beyond tests ask for a
 * difference beyond twice that: once for what was seen, once more for the time between the runs, which
 * nobody saw. What is left is tested as of independent values, as the range has what they depend on.
 */
#ifndef ANALYSIS_UNPAIRED_H
#define ANALYSIS_UNPAIRED_H

#include <stdbool.h>
#include <stddef.h>

/* Fewer values than this tell nothing about their neighbours. */
#define UNPAIRED_MIN 5

/* One series in the order in which it was measured, and what it is worth. NaN: too few to tell. */
struct unpaired_side {
	const double *v; /* [n], kept, not copied */
	size_t n;
	double mean, sd;
	double range; /* the largest value less the smallest */
	double lag1; /* correlation of neighbours */
	double worth; /* independent values */
	double drift_p; /* Kendall's p of rising or falling with time */
};

struct unpaired {
	double difference, se; /* of the means, b - a; the error is widened */
	double df; /* degrees of freedom of Welch's t */
	double wander; /* how far the machine may have moved the means apart; 0: widening has it */
	double welch_p, rank_p; /* two-sided, widened */
};

/* How much larger the variance of a mean is where neighbours correlate with @lag1; 1 where they alternate,
 * which makes no series worth more than it is. */
double unpaired_wider(double lag1);

/* Describe @v[@n]. */
void unpaired_side_init(struct unpaired_side *side, const double *v, size_t n);

/* Compare @b with @a. Returns false where one of them is worth too little for a test. */
bool unpaired_test(struct unpaired *test, const struct unpaired_side *a,
		   const struct unpaired_side *b);

/* Whether @value could be one more of the series: the t test of a prediction, in all places of @test.
 * Returns false where the series is worth too little. */
bool unpaired_one_more(struct unpaired *test, const struct unpaired_side *side, double value);

/* The same two where a side drifts or wanders. */
bool unpaired_test_beyond(struct unpaired *test, const struct unpaired_side *a,
			  const struct unpaired_side *b);
bool unpaired_one_more_beyond(struct unpaired *test, const struct unpaired_side *side,
			      double value);

/* Whether neighbours correlate so much that no widening saves a comparison. */
bool unpaired_wanders(const struct unpaired_side *side);

/* Whether the series drifts. */
bool unpaired_drifts(const struct unpaired_side *side);

#endif
