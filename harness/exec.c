/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/exec.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/activity.h"
#include "harness/child.h"
#include "harness/frequency.h"
#include "harness/step.h"

static int run_cell(struct exec *e, const struct plan_cell *cell, struct child_result *child,
		    struct why *why)
{
	struct step_argv args;
	int err;

	step_argv_init(&args, cell, e->pft, e->nr_cpus);
	err = child_run(args.argv, e->plan->timeout_s, e->stop, child, why);
	step_argv_release(&args);
	return err;
}

int exec_warm_up(struct exec *e, struct why *why)
{
	const struct plan_cell *largest = &e->plan->cells[0];

	for (size_t i = 1; i < e->plan->nr_cells; i++)
		if (e->plan->cells[i].bytes > largest->bytes)
			largest = &e->plan->cells[i];
	for (unsigned i = 0; i < e->plan->warmup; i++) {
		struct child_result child;
		int err;

		progress_show(e->progress, largest, "warm-up");
		err = run_cell(e, largest, &child, why);
		child_result_release(&child);
		if (err == -EINTR)
			return err;
	}
	return 0;
}

static void keep_failure(struct exec *e, size_t step, const char *reason)
{
	XGROW(e->failures, e->nr_failures, e->cap_failures);
	e->failures[e->nr_failures++] = (struct exec_failure){step, xstrdup(reason)};
}

/* The records of a step whose process ended, or never began, in one write. */
static int record(struct exec *e, size_t step, bool started, struct child_result *child,
		  const struct disturbance *d, struct step_outcome *outcome, struct why *why)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	if (started)
		step_write(out, e->plan, step, child, d, outcome);
	else
		step_write_unstarted(out, e->plan, step, outcome);
	fclose(out);
	err = result_append(e->result, text, len, why);
	free(text);
	return err;
}

/* What others did since the look @before, while @child used its share. */
static struct disturbance look_again(struct activity *before, const struct plan_cell *cell,
				     const struct child_result *child)
{
	double frequency = frequency_look("", cell->cpus, cell->clients);
	const struct rusage *u = &child->usage;
	double own_s = (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
		       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
	long nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct disturbance d;
	struct activity after;

	activity_look(&after, "");
	activity_disturbance(&d, before, &after, nr_cpus > 0 ? (unsigned)nr_cpus : 1, own_s);
	activity_release(&after);
	activity_release(before);
	d.frequency = frequency;
	return d;
}

int exec_step(struct exec *e, size_t step, struct why *why)
{
	const struct plan_cell *cell = &e->plan->cells[e->plan->steps[step].cell];
	struct step_outcome outcome = {0};
	struct child_result child;
	struct activity before;
	struct disturbance d;
	char what[32];
	int err;

	snprintf(what, sizeof(what), "iteration %u", e->plan->steps[step].iteration);
	progress_show(e->progress, cell, what);
	activity_look(&before, "");
	err = run_cell(e, cell, &child, &outcome.why);
	d = look_again(&before, cell, &child);
	if (err == -EINTR) {
		*why = outcome.why;
	} else {
		err = record(e, step, !err, &child, &d, &outcome, why);
		if (!err) {
			e->done[step] = true;
			e->nr_done++;
			progress_step(e->progress, cell, child.elapsed_s, outcome.faults_per_sec);
			if (outcome.failed)
				keep_failure(e, step, outcome.why.text);
		}
	}
	child_result_release(&child);
	return err;
}

void exec_checkpoint(int fd)
{
	char byte = 0;

	if (fd && send(fd, &byte, 1, MSG_NOSIGNAL) == 1)
		while (read(fd, &byte, 1) < 0 && errno == EINTR)
			;
}

/* The iteration before which this run stops. */
static unsigned end_of(const struct exec *e)
{
	unsigned first = UINT_MAX;

	for (size_t i = 0; i < e->plan->nr_steps; i++)
		if (!e->done[i] && e->plan->steps[i].iteration < first)
			first = e->plan->steps[i].iteration;
	return e->max_iterations && first < UINT_MAX - e->max_iterations ? first + e->max_iterations
									 : UINT_MAX;
}

int exec_run(struct exec *e, struct why *why)
{
	unsigned end = end_of(e);
	int err;

	exec_checkpoint(e->checkpoint_fd);
	err = exec_warm_up(e, why);
	for (size_t i = 0; !err && i < e->plan->nr_steps; i++) {
		if (e->done[i] || e->plan->steps[i].iteration >= end)
			continue;
		err = exec_step(e, i, why);
		if (!err)
			exec_checkpoint(e->checkpoint_fd);
	}
	progress_clear(e->progress);
	return err;
}

void exec_release(struct exec *e)
{
	for (size_t i = 0; i < e->nr_failures; i++)
		free(e->failures[i].reason);
	free(e->failures);
	e->failures = NULL;
	e->nr_failures = e->cap_failures = 0;
}
