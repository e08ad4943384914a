/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines: charts of a metric over the client count, a line for each run, or for each variant of one. */
#ifndef ANALYSIS_REPORT_LINES_H
#define ANALYSIS_REPORT_LINES_H

#include "analysis/compare.h"
#include "analysis/report/chart.h"

/* Add the charts of @metric, which is one of @c's: one for each variant where runs are compared, else
 * as many as it takes to hold all variants. What would be ideal for it is a line as well. */
void lines_add(struct charts *charts, const struct comparison *c,
	       const struct report_metric *metric);

/* The number that a client count begins with. */
double lines_clients(const char *clients);

/* The @i-th of the variants that the rows of @metric tell apart, or NULL. */
const char *lines_label(const struct comparison *c, const struct report_metric *metric, size_t i);

/* Whether variants have to be told apart. */
bool lines_labelled(const struct comparison *c);

/* "faults/sec, anon-compact": the label only where there is one. In memory that the caller frees. */
char *lines_title(const char *metric, const char *label);

#endif
