/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress: one line that is rewritten while a run goes on, on a terminal only. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/plan.h"

struct progress {
	FILE *out;
	bool shown; /* @out is a terminal */
	unsigned columns; /* of it */
	size_t nr_steps, nr_done;
	uint64_t start_ns;
	double left_s; /* estimate of the steps to come, by plan_estimate_s() */
	double estimated_s; /* the estimate of the steps measured so far, */
	double measured_s; /* and what they took */
	double faults_per_sec; /* of the last step; 0: none yet */
};

/* Begin: @done[] says which steps of the plan are over already (NULL: none). */
void progress_init(struct progress *progress, FILE *out, const struct plan *plan, const bool *done);

/* Seconds still to go: the estimate, corrected by what the steps so far really took. */
double progress_left_s(const struct progress *progress);

/* Show that the step of @cell runs now; @what: "iteration 3", "warm-up". */
void progress_show(struct progress *progress, const struct plan_cell *cell, const char *what);

/* A step is over. */
void progress_step(struct progress *progress, const struct plan_cell *cell, double elapsed_s,
		   double faults_per_sec);

/* Wipe the line, so that something else can be printed. */
void progress_clear(struct progress *progress);

#endif
