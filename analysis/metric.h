/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metric: what is known of the metrics of samples.tsv: which way is better, and how reports call
 * them. */
#ifndef ANALYSIS_METRIC_H
#define ANALYSIS_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/run.h"
#include "common/say.h"

/* Which way is better. It also picks the mean: rates (higher) are averaged harmonically. */
enum better {
	BETTER_UNKNOWN, /* a difference is neither good nor bad */
	BETTER_HIGHER,
	BETTER_LOWER,
};

/* What a metric does with the client count where nothing is in the clients' way. */
enum ideal {
	IDEAL_NONE, /* nobody knows */
	IDEAL_FLAT, /* as with one client: faults/cpu */
	IDEAL_LINEAR, /* N times one client: faults/sec */
};

struct metric {
	const char *name; /* as in samples.tsv */
	const char *aliases[2]; /* other words people use for it */
	enum better better;
	enum ideal ideal;
};

/* Better-or-worse of @name: that of the table, or BETTER_UNKNOWN for a metric that is not in it. */
enum better metric_better(const char *name);

/* How @name scales at best: that of the table, or IDEAL_NONE for a metric that is not in it. */
enum ideal metric_ideal(const char *name);

/* One kind of report: which metrics, and how wide their numbers are. */
struct report {
	struct report_metric {
		char *metric; /* as in samples.tsv */
		char *row; /* what stands before the client count in a row's name */
		enum better better;
	} * metrics;
	size_t nr;
	int width, decimals; /* of a number in the text format */
};

/* The two reports of mmtests: faults/cpu and faults/sec, or (@time) system and elapsed. */
void report_init(struct report *report, bool time);

/*
 * A report of the metrics in @list, separated by commas; blanks in a name stand for '_', aliases
 * are understood, and so are instructions/fault and the like for what the PMU counted. Returns 0, or
 * -EINVAL with the names that the runs do have in @why.
 */
int report_init_metrics(struct report *report, const char *list, struct run *const *runs,
			size_t nr_runs, struct why *why);

/* Free what the report holds. */
void report_release(struct report *report);

#endif
