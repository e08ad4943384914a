/* SPDX-License-Identifier: GPL-2.0-or-later */
/* step: one step of a plan as a pft command line, and what came of it as records of samples.tsv. */
#ifndef HARNESS_STEP_H
#define HARNESS_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/say.h"
#include "common/tsv.h"
#include "harness/activity.h"
#include "harness/child.h"
#include "harness/plan.h"

/* The columns of pft's rows, by number. */
enum row_column { ROW_METRIC, ROW_THREAD, ROW_UNIT, ROW_VALUE, ROW_STATUS, NR_ROW_COLUMNS };
extern const struct tsv_schema rows_schema;

/* Among a cell's further options this one, with the word behind it, is not for pft: NAMES=off or NAMES=on of
 * 'faultscale prefetch', or "default". */
#define STEP_PREFETCH "--prefetch"

/* This one makes it a cell of pft-sim, which then gets STEP_PREFETCH too. */
#define STEP_MACHINE "--machine"

/* Whether @cell runs on a simulated machine. */
bool step_is_simulated(const struct plan_cell *cell);

/* The name of that machine in memory that the caller frees; NULL: it is not simulated. */
char *step_machine(const struct plan_cell *cell);

/* A NULL-terminated command line. */
struct step_argv {
	char **argv;
	size_t nr, cap;
};

/*
 * The command line of @cell with the program @pft. A cell without anything special gets the options
 * that mmtests gives, and what a harness needs: the pipe for the rows, and, with more clients than the
 * @nr_cpus there are, the option that keeps pft from clipping them. @nr_cpus 0: not for a harness.
 */
void step_argv_init(struct step_argv *args, const struct plan_cell *cell, const char *pft,
		    unsigned nr_cpus);

/* Free it. */
void step_argv_release(struct step_argv *args);

/* The command line as mmtests would give it as text, for logs, in memory that the caller frees. */
char *step_command(const struct plan_cell *cell, const char *pft);

/* How a step went. */
struct step_outcome {
	bool failed;
	struct why why; /* of a failed one */
	double faults_per_sec; /* of all workers; 0 if pft did not say */
};

/*
 * Write the records of the plan's @step, whose process left @child (its texts are cut up on the
 * way) and during which others did @d, the closing one last. Those of a failed step are what time(1)
 * says of it, and the reason.
 */
void step_write(FILE *out, const struct plan *plan, size_t step, struct child_result *child,
		const struct disturbance *d, struct step_outcome *outcome);

/* The same for a process that could not be started, for the reason in @outcome->why. */
void step_write_unstarted(FILE *out, const struct plan *plan, size_t step,
			  struct step_outcome *outcome);

#endif
