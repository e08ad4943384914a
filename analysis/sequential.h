/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sequential: looking at a growing series again and again with one error rate over all looks.
 *
 * Pocock's bound (Biometrika 64, 1977): every look uses the same, smaller level. Which one follows
 * from the joint distribution of the looks' statistics: under no effect those of n1 < n2 < ... rounds
 * are a random walk looked at n1, n2, ... so the chance that some look crosses is worked out by the
 * recursion of Armitage, McPherson and Rowe (J. R. Stat. Soc. A 132, 1969), here by Gauss-Legendre
 * quadrature, for any distances between the looks. Jennison and Turnbull (Group Sequential Methods,
 * 2000), table 2.1, has the figures for equal distances, with which tests/unit/sequential compares.
 */
#ifndef ANALYSIS_SEQUENTIAL_H
#define ANALYSIS_SEQUENTIAL_H

#include <stddef.h>

#define SEQUENTIAL_MAX_LOOKS 50
#define SEQUENTIAL_KNOTS     33

struct sequential {
	unsigned looks[SEQUENTIAL_MAX_LOOKS]; /* rounds at each look, ascending */
	size_t nr;
	double log_error[SEQUENTIAL_KNOTS]; /* at |z| = 0, 0.2, 0.4, ... */
};

/* The chance that |z| is above @bound at one look at least. */
double sequential_crossing(const unsigned *looks, size_t nr, double bound);

/* Looks at @first, @first + @every, ... and @last rounds; at most SEQUENTIAL_MAX_LOOKS of them, evenly
 * further apart where that would be more. */
void sequential_init(struct sequential *s, unsigned first, unsigned every, unsigned last);

/*
 * What the smallest p-value of all looks so far, @p, is worth: the chance of one at least as small at
 * any of the planned looks. It can be compared with a level at every look (a sequential p-value: Liu,
 * Anderson, J. Am. Stat. Assoc. 103, 2008).
 */
double sequential_p(const struct sequential *s, double p);

/* The level at which each single look may test, so that all together err with @alpha. */
double sequential_level(const struct sequential *s, double alpha);

/* The last planned look at or before @rounds, as an index; -1 before the first. */
int sequential_look(const struct sequential *s, unsigned rounds);

#endif
