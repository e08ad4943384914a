/* SPDX-License-Identifier: GPL-2.0-or-later */
/* axis: where an axis begins and ends, and which numbers stand at it. */
#ifndef ANALYSIS_REPORT_AXIS_H
#define ANALYSIS_REPORT_AXIS_H

#include <stddef.h>

#include "analysis/report/chart.h"

#define AXIS_TICKS 24

struct axis {
	double low, high;
	double ticks[AXIS_TICKS];
	size_t nr;
};

/* The y axis that all of @chart fits on; of guides only as much as its top lets through. */
void axis_y(struct axis *axis, const struct chart *chart);

/* The x axis of a chart without names: as many of its marks as can be read, or round numbers without. */
void axis_x(struct axis *axis, const struct chart *chart);

/* Of @nr names of at most @longest letters every how many can be read. */
size_t axis_names_step(size_t nr, size_t longest);

/* A number at an axis as people write it: 1.5M, 20k, 0.25. Returns @buf. */
const char *axis_number(double value, char *buf, size_t size);

#endif
