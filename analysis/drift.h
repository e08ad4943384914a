/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drift: whether a series rises or falls with time, and by how much. */
#ifndef ANALYSIS_DRIFT_H
#define ANALYSIS_DRIFT_H

#include <stddef.h>

/* The two-sided p of a count that is @off its expectation, half a @step taken off for continuity. */
double drift_normal_p(double off, double step, double sd);

/* The p of Kendall's test of a trend in time (Mann, Econometrica 13, 1945). */
double drift_p(const double *v, size_t n);

/* From the first of @v[@n] to the last, by the slope of Theil and Sen: the median of all slopes between
 * two. */
double drift_of(const double *v, size_t n);

#endif
