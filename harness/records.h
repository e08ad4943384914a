/* SPDX-License-Identifier: GPL-2.0-or-later */
/* records: samples.tsv read back step by step, as far as the harness itself needs it. */
#ifndef HARNESS_RECORDS_H
#define HARNESS_RECORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "common/say.h"
#include "harness/plan.h"

/* What a step used, as time(1) says it. */
struct usage {
	double user_s, system_s, elapsed_s;
	double max_rss; /* KiB */
	double major_faults, minor_faults;
	double voluntary_switches, involuntary_switches;
};

struct record {
	bool closed; /* it has its last record */
	char *failure; /* why it failed, NULL for a good one */
	char *classic; /* the result line of pft, NULL without */
	double started; /* since 1970 */
	struct usage usage;
};

struct records {
	struct record *steps; /* [nr] by step number */
	size_t nr;
};

/* Read the samples of @plan from @path. Returns 0, or -errno with the reason in @why. */
int records_read(struct records *records, const struct plan *plan, const char *path,
		 struct why *why);

/* One line per cell: what its steps used together. */
void records_print_usage(const struct records *records, const struct plan *plan, FILE *out);

/* Free what the struct holds. */
void records_release(struct records *records);

#endif
