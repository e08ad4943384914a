/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: carry out a plan, one pft process per step, each step's records on disk before the next
 * begins. */
#ifndef HARNESS_EXEC_H
#define HARNESS_EXEC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/result.h"
#include "harness/stop.h"

/* A step that failed, for the summary. */
struct exec_failure {
	size_t step;
	char *reason;
};

struct exec {
	const struct plan *plan;
	struct result *result;
	const char *pft; /* path of the program */
	unsigned nr_cpus; /* that this process may use */
	struct stop *stop;
	struct progress *progress;
	bool *done; /* [nr_steps] of the plan: what earlier runs did and what exec_run() does */
	size_t nr_done; /* of this run, failed ones too */
	unsigned max_iterations; /* of each cell, by this run; 0: all */
	int checkpoint_fd; /* told after each step (exec_checkpoint()); 0: nobody */
	struct exec_failure *failures;
	size_t nr_failures, cap_failures;
};

/*
 * Run the warm-up and every step that is not done. A step that fails is recorded, and the run goes
 * on. Returns 0 at the end of the plan; -EINTR if somebody asked to stop (the step under way is not
 * recorded); another -errno with the reason in @why if a record could not be written.
 */
int exec_run(struct exec *exec, struct why *why);

/* Tell whoever copies the run away that a step is on disk, and wait until it is copied: a byte out, a byte
 * in, by the socket @fd. Nobody to tell any more is no error. */
void exec_checkpoint(int fd);

/* The parts of exec_run(), with its return values: the warm-up, which is steps of the largest cell for
 * their effect on the machine only; and one step of the plan. */
int exec_warm_up(struct exec *exec, struct why *why);
int exec_step(struct exec *exec, size_t step, struct why *why);

/* Free the failures. */
void exec_release(struct exec *exec);

#endif
