/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baseline: the runs that a new one is judged by, picked from the history: "history:main~10" are those
 * of the last 10 commits of branch main before the new run's, of the same machine and config, with
 * nothing unlike (analysis/unlike.h) and no guard failed (analysis/gate_guard.h).
 *
 * From five runs on the run is the unit: each is one value, its mean, and the new run's mean is asked
 * to be one more of them. That holds what differs from run to run against the change, which no look
 * into two runs can do. With fewer the newest alone is the baseline.
 */
#ifndef ANALYSIS_HISTORY_BASELINE_H
#define ANALYSIS_HISTORY_BASELINE_H

#include <stdbool.h>

#include "analysis/gate_config.h"
#include "analysis/notes.h"
#include "analysis/run.h"

/* Fewer runs than this do not tell how much runs differ. */
#define BASELINE_RUNS 5

struct baseline {
	struct run run; /* the newest; or one whose samples are means of runs, the oldest first */
	bool by_runs; /* which of both */
	char *text; /* what it is, for people */
};

/* Whether @spec asks for a baseline from the history: it begins with "history:". */
bool baseline_is_history(const char *spec);

/*
 * Pick the baseline of @new among the runs of @results. Runs that are passed over though they are of
 * the machine and config get a note. Returns 0 with a @baseline to release; -ENOENT if there is none;
 * -EINVAL for a @spec that is none; another -errno; with the reason in @why.
 */
int baseline_pick(struct baseline *baseline, const char *results, const char *spec,
		  const struct run *new, const struct gate_config *config, struct notes *notes,
		  struct why *why);

/* Free what the baseline holds. */
void baseline_release(struct baseline *baseline);

#endif
