/* SPDX-License-Identifier: GPL-2.0-or-later */
/* curve: the means of one metric over the client counts, in one column of a comparison, and what they
 * would be if nothing were in the clients' way. */
#ifndef ANALYSIS_CURVE_H
#define ANALYSIS_CURVE_H

#include <stddef.h>

#include "analysis/compare.h"

struct curve {
	const struct report_metric *metric;
	const char *label; /* of the variant, "" for the only one */
	size_t column; /* of the comparison */
	struct curve_point {
		double clients;
		double mean;
	} * points; /* in ascending order of clients; only where there is a mean */
	size_t nr;
};

struct curves {
	struct curve *curves; /* by metric, then by label, then by column */
	size_t nr, cap;
};

/* Take the curves out of @c, which must outlive them. A curve can be without points. */
void curves_init(struct curves *curves, const struct comparison *c);

/* Free what the curves hold. */
void curves_release(struct curves *curves);

/* The curve that @row of @column is on. */
const struct curve *curves_find(const struct curves *curves, const struct row *row, size_t column);

/* What would be ideal with @clients, from the least client count measured; NaN if nobody knows. */
double curve_ideal(const struct curve *curve, double clients);

/* The mean with @clients, between two points in a straight line; NaN outside of the curve. */
double curve_mean(const struct curve *curve, double clients);

#endif
