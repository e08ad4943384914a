/* SPDX-License-Identifier: GPL-2.0-or-later */
/* workers: what samples.tsv says of single workers, which struct run leaves out. */
#ifndef ANALYSIS_REPORT_WORKERS_H
#define ANALYSIS_REPORT_WORKERS_H

#include <stddef.h>

#include "analysis/run.h"
#include "common/say.h"

/* One worker of one step. */
struct worker {
	unsigned thread;
	double wall_s, faults; /* NaN: not there */
};

/* The workers of one step that was done. */
struct worker_step {
	unsigned variant; /* of the run */
	unsigned clients, iteration;
	struct worker *workers;
	size_t nr, cap;
};

struct workers {
	struct worker_step *steps;
	size_t nr, cap;
};

/* Read the workers of @run, which is of our own. Steps that did not end well are left out. Returns 0, or
 * -errno with file:line in @why. */
int workers_read(struct workers *workers, struct run *run, struct why *why);

/* Free what was read. */
void workers_release(struct workers *workers);

/* How evenly the workers of a cell ran. */
struct worker_spread {
	size_t nr; /* workers of all iterations */
	double min, quarter, median, three_quarters,
		max; /* rate to the mean of the step's, in percent */
	double thread_s; /* time of all workers, mean over the iterations; NaN: not known */
};

/* Add up the steps of @variant at @clients. */
void worker_spread(struct worker_spread *spread, const struct workers *workers, unsigned variant,
		   unsigned clients);

#endif
