/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf_script: the text that perf script(1) prints, for runs that perf itself has recorded: its own fields,
 * or those of -F with ip and sym, best with symoff and dso, and with addr, data_src, weight and srcline where
 * there are some.
 */
#ifndef ANALYSIS_PERF_SCRIPT_H
#define ANALYSIS_PERF_SCRIPT_H

#include <stdint.h>
#include <stdio.h>

#include "common/misses.h"

struct perf_script {
	char *event; /* of all samples; NULL without */
	uint64_t samples; /* that were understood */
	uint64_t passed_over; /* lines that look like samples of none */
	uint64_t period; /* the mean; 0 where the text has none */
	double periods; /* sum */
	struct miss_table table; /* their places, and the rows about all */
};

/*
 * Read @in, @name in messages; it is closed. Where threads say by their name that they are in pft's measured
 * region, the samples of others count as outside. Returns 0; -EINVAL, with the line, for samples of two
 * events; -ENODATA if there is none. The caller releases in any case.
 */
int perf_script_read(struct perf_script *script, FILE *in, const char *name, struct why *why);

/* Free what the struct holds. */
void perf_script_release(struct perf_script *script);

#endif
