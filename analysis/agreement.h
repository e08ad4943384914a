/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agreement: how well predicted changes agree with published ones. */
#ifndef ANALYSIS_AGREEMENT_H
#define ANALYSIS_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Percent. A change below it has no direction: the single-thread figures are all below. */
#define AGREEMENT_FLAT 1.0

struct agreement {
	double *published, *predicted; /* percent */
	size_t nr, cap;
	size_t right; /* signs */
	double mean_error; /* of the absolute differences, in percentage points; NaN without any */
	double worst_error;
	double rho; /* Spearman's rank correlation; NaN for fewer than 3 pairs, or where all are equal */
};

/* Whether both have the same sign, or neither has a direction. */
bool agreement_sign(double published, double predicted);

/* Add a pair. */
void agreement_add(struct agreement *a, double published, double predicted);

/* Work out the figures of the pairs so far. */
void agreement_finish(struct agreement *a);

/* Free what it holds. */
void agreement_release(struct agreement *a);

#endif
