/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters: all sources that a run was asked for, planned once and worked by every worker. */
#ifndef PFT_COUNTERS_COUNTERS_H
#define PFT_COUNTERS_COUNTERS_H

#include <stddef.h>

#include "common/say.h"
#include "pft/emit.h"

struct counter_plan;
struct counter_value;
struct counting_set;
struct measure;
struct run;

/* What --counters and --events say; NULL: not given. */
struct counter_settings {
	const char *list; /* names of sources, "none", "default" or "all" */
	const char *events; /* of source hardware: names, "none" or "default" */
};

/* The sources of a run, in the order of the table. */
struct counters {
	struct counter_plan *plans;
	size_t nr;
	size_t nr_worker_values, nr_run_values;
};

/* Understand @settings and find out what will be counted. Returns 0, or -EINVAL with the reason in
 * @why. The caller releases @counters in any case. */
int counters_init(struct counters *counters, const struct counter_settings *settings,
		  struct why *why);

/* Free what it holds. */
void counters_release(struct counters *counters);

/*
 * One thread's work on them. @measure is the worker's, and @values are its [nr_worker_values]; or
 * @measure is NULL, for the main thread and the sources of the run. Between prepare and finish all is
 * called by that thread. prepare rehearses a start and a stop, so that neither faults when it counts.
 */
struct counting_set *counters_prepare(const struct counters *counters,
				      const struct measure *measure, struct counter_value *values);
void counters_start(struct counting_set *set);
void counters_stop(struct counting_set *set);

/* Read all values, close everything, free @set; NULL is nothing to do. */
void counters_finish(struct counting_set *set);

/* The rows: each metric of each worker, of all together, and of all per fault. */
void counters_emit(struct emit *emit, const struct run *run);

#endif
