/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signed_rank: Wilcoxon's signed-rank test of paired differences, and the estimate and interval of
 * Hodges and Lehmann that belong to it (Hollander, Wolfe: Nonparametric Statistical Methods, ch. 3).
 *
 * A difference of zero keeps its rank but counts for neither side (Pratt, JASA 54, 1959): leaving
 * zeros out before ranking can make weaker evidence look stronger. Equal sizes share the mean of
 * their ranks. Up to SIGNED_RANK_EXACT differences the distribution is that of all 2^n choices of
 * signs for the ranks that there are, ties and all; beyond, the normal one with the variance of those
 * ranks and half a rank of continuity correction.
 */
#ifndef ANALYSIS_SIGNED_RANK_H
#define ANALYSIS_SIGNED_RANK_H

#include <stddef.h>

#define SIGNED_RANK_EXACT 50

/* The two-sided p-value of @values[@n] being symmetric around 0; 1 where there is nothing to tell. */
double signed_rank_p(const double *values, size_t n);

struct hodges_lehmann {
	double estimate; /* median of the means of all pairs, each value with itself too; NaN for none */
	double low, high; /* the interval; infinite where so few values cannot bound it */
};

/* Estimate the centre of @values[@n] with an interval that misses it in at most @level of cases: the
 * shifts that signed_rank_p() would not reject at @level, by the distribution without ties. */
struct hodges_lehmann hodges_lehmann(const double *values, size_t n, double level);

#endif
