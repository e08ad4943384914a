/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trend: where a metric changed along the commits of a branch. A commit is one value, the mean of the
 * logs of its runs; the runs of one series are of one machine and one config. E-divisive finds the
 * changes (analysis/history/edivisive.h) at a level that is shared by all series that are looked at. A
 * change is shown if, besides, both tests of analysis/unpaired.h, widened to what neighbours' likeness
 * leaves of the values, tell its two sides apart and it is larger than delta; else it is only
 * suspected.
 */
#ifndef ANALYSIS_HISTORY_TREND_H
#define ANALYSIS_HISTORY_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/history/db.h"

struct trend_point {
	char *commit, *run; /* the last run of that commit */
	int64_t committed;
	double value; /* mean of logs over all iterations, then over the runs */
	unsigned runs;
};

/* Values on both sides: from the change before, or the start, up to the next one. */
struct trend_change {
	size_t at; /* the first point that is different */
	double change, low, high; /* logs, with the 95 % interval; NaN: too few values for one */
	bool shown;
};

struct trend_series {
	char *metric, *clients, *variant, *config, *kernel; /* kernel "": any */
	int machine;
	struct trend_point *points; /* in the order of the commits' times */
	size_t nr, cap;
	bool testable; /* set by trend_judge(): there are enough points for a change */
	struct trend_change *changes;
	size_t nr_changes;
};

struct trend {
	struct trend_series *all;
	size_t nr, cap;
};

/* Which series; NULL and 0 stand for any. */
struct trend_query {
	const char *branch, *metric, *clients, *variant, *config;
	int machine;
	bool same_kernel; /* runs of two kernels are of two series */
	uint64_t last; /* commits, 0: all */
};

/* Read the series of @query without their changes. Returns 0 with @trend to release, or -errno with the
 * reason. */
int trend_read(struct trend *trend, struct db *db, const struct trend_query *query,
	       struct why *why);

/* Find the changes of all series: @alpha is the share of trends without a change in which any is found,
 * @delta what does not count. */
void trend_judge(struct trend *trend, double alpha, double delta);

/* Find those of one series at @level. Returns them in memory that the caller frees. */
struct trend_change *trend_changes(const double *values, size_t nr, double level, double delta,
				   size_t *nr_changes);

/* Free what the trend holds. */
void trend_release(struct trend *trend);

#endif
