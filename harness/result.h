/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result: the directory of a run while it is written. samples.tsv grows by whole steps only;
 * whatever a kill or a power cut leaves behind them is cut off before the run goes on
 * (docs/format.md).
 */
#ifndef HARNESS_RESULT_H
#define HARNESS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "common/meta.h"
#include "common/say.h"
#include "common/topology.h"
#include "harness/plan.h"

struct result {
	char *dir; /* RESULTS/NAME */
	int dir_fd; /* holds the lock against a second run */
	int samples_fd; /* samples.tsv, for appending */
};

/* Whether RESULTS/NAME can be made: 0; -EINVAL for a bad name; -EEXIST if there is such a run. */
int result_check_new(const char *results, const char *name, struct why *why);

/* @file of the run, in memory that the caller frees. */
char *result_path(const struct result *result, const char *file);

/* Make the directory RESULTS/NAME and lock it; whoever calls this writes plan.tsv last. Returns 0; -EEXIST if
 * there is such a run; another -errno with the reason. */
int result_make(struct result *result, const char *results, const char *name, struct why *why);

/*
 * Make RESULTS/NAME with meta.tsv, an empty samples.tsv and, last, plan.tsv, and lock it. Returns
 * 0; -EEXIST if there is such a run; another -errno. On an error nothing is left of it but RESULTS.
 */
int result_create(struct result *result, const char *results, const char *name,
		  const struct plan *plan, const struct meta *meta, struct why *why);

/* Write topology.xml, the machine of the run, which may be a simulated one. Returns 0, or -EIO with the
 * reason. */
int result_keep_topology(const struct result *result, const struct topology *topology,
			 struct why *why);

/* Lock RESULTS/NAME and open it. Returns 0; -ENOENT if it lacks; -EBUSY if it is being run; -EINVAL
 * if it stopped before its first step. */
int result_open(struct result *result, const char *results, const char *name, struct why *why);

/* What samples.tsv holds of a plan. */
struct result_progress {
	bool *done; /* [nr_steps] closed steps, failed ones too */
	size_t nr_done, nr_failed;
	off_t dropped; /* bytes of an unfinished step that were cut off */
};

/*
 * Find the steps that are done and cut off whatever follows the last of them. Returns 0, or -errno:
 * -EINVAL if the samples are not of this plan. The caller frees progress->done.
 */
int result_recover(struct result *result, const struct plan *plan, struct result_progress *progress,
		   struct why *why);

/*
 * Take the failed steps out of samples.tsv and @progress, which result_recover() made, so that they
 * can be run again. Returns 0, or -errno with the reason.
 */
int result_drop_failed(struct result *result, const struct plan *plan,
		       struct result_progress *progress, struct why *why);

/* Write the four fields that begin each record of the plan's @step. */
void result_write_step(FILE *out, const struct plan *plan, size_t step);

/* Append the records of one step. Returns 0, or -errno with the reason; then nothing was appended. */
int result_append(struct result *result, const char *text, size_t len, struct why *why);

/* Put the records of steps that ran side by side into the order of their numbers; nothing can be appended
 * behind it. Returns 0, or -errno with the reason. */
int result_order(struct result *result, struct why *why);

/* Unlock the run and free what the struct holds. */
void result_release(struct result *result);

#endif
