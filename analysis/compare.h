/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare: the result of a comparison, built once; every output format only prints it. The first
 * column is the baseline and decides the rows.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/bootstrap.h"
#include "analysis/metric.h"
#include "analysis/notes.h"
#include "analysis/select.h"
#include "analysis/stats.h"

/* One row in one column. */
struct cell {
	const struct series *series; /* NULL: this run has no such row */
	struct summary sum;
	double change[NR_STATS]; /* percent against the baseline, positive when better */
	double distance; /* of the two intervals, positive when the baseline is higher */
	bool significant; /* the intervals do not touch */
	double ratio; /* of the means, to the baseline */
	double ratio_change; /* the same in percent, positive when better */
	double ratio_distance; /* of the two intervals, positive when the baseline is lower */
	struct ratio_interval mean_interval, median_interval; /* --stats ci */
	const char *absent; /* why some of its numbers do not exist; NULL if all do */
};

struct row {
	char *name; /* "faults/cpu-4", or "faults/cpu-4 VARIANT" */
	const struct report_metric *metric;
	const char *clients;
	const char *label; /* what tells its variant from others, "" for nothing */
	struct cell *cells; /* [columns.nr] */
};

/* What is asked of a comparison. */
struct compare_options {
	struct selection selection;
	const char *sub_heading; /* regular expression at the start of a row's name, or NULL */
	const struct bootstrap *bootstrap; /* NULL: no intervals of the ratio */
	bool as_mmtests; /* print what mmtests prints for numbers that do not exist, where it does
			  */
	bool ratios; /* the ratio table is wanted, for which other rules hold */
};

struct comparison {
	struct columns columns;
	const struct report *report;
	struct compare_options options;
	struct row *rows;
	size_t nr_rows, cap_rows;
	bool zeros; /* mmtests prints a table here, with 0 for each number that does not exist */
};

/*
 * Compare @runs over the metrics of @report, both of which must outlive the comparison. What is
 * missing goes to @notes. Returns 0, or -EINVAL with the reason in @why.
 */
int comparison_init(struct comparison *c, struct run *const *runs, size_t nr_runs,
		    const struct report *report, const struct compare_options *options,
		    struct notes *notes, struct why *why);

/* Free what the comparison holds. */
void comparison_release(struct comparison *c);

/* Whether the baseline has an interval in any row. */
bool comparison_has_intervals(const struct comparison *c);

#endif
