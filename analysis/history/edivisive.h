/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edivisive: where a series changes its distribution, and how often: E-divisive of Matteson and James
 * (A nonparametric approach for multiple change point analysis of multivariate data, J. Am. Stat.
 * Assoc. 109, 2014, section 3), for numbers and with the exponent 1. It asks for no form of the noise,
 * only that without a change the order of the values does not matter.
 *
 * Where neighbours are alike it does matter, and permutations cry wolf. With ->wanders what is permuted
 * are the innovations: v[i] - r v[i - 1], r being the correlation of neighbours within the parts, made
 * larger by its bias and never below 0; of the permuted ones a series is made again (the sieve
 * bootstrap of Buehlmann, Bernoulli 3, 1997).
 */
#ifndef ANALYSIS_HISTORY_EDIVISIVE_H
#define ANALYSIS_HISTORY_EDIVISIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct edivisive {
	double level; /* of the test of each further change: a share of false alarms */
	size_t least; /* values on either side of a change, 2 at least */
	unsigned permutations; /* of each test; the smallest p is 1 / (permutations + 1) */
	bool wanders; /* neighbours may be alike */
	uint64_t seed; /* of the permutations: the same seed, the same answer */
};

/* Find the changes in @v[@n], finite numbers in the order of time: the index of the first value behind
 * each goes to @at, ascending, which has room for @n. Returns their number. */
size_t edivisive_find(const struct edivisive *ask, const double *v, size_t n, size_t *at);

#endif
