/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate: what two runs that were recorded apart say about a change. docs/verdict.md has the rule and its
 * reasons. In short, for each metric, variant and client count, on the logs of all iterations:
 *
 * - the larger of Welch's and Mann and Whitney's p, both widened to what the series are worth
 * (analysis/unpaired.h), corrected for all cells (Holm);
 * - the verdicts of analysis/verdict.h from that p, the difference of the means and Welch's interval;
 * - a series that drifts or wanders leaves only such verdicts as hold however the machine moved within
 * twice the ranges of both series (analysis/unpaired.h); else nobody can say whether machine or change
 * made the difference, and it is inconclusive;
 * - a guard that failed makes it invalid.
 *
 * Where a run has several boots the boots of both are judged instead of the iterations.
 *
 * A baseline of runs (analysis/history/baseline.h) is a series of means of runs; then the test is
 * whether the new run's mean could be one more of them, and only the series has to be quiet.
 */
#ifndef ANALYSIS_GATE_H
#define ANALYSIS_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/calibration.h"
#include "analysis/gate_config.h"
#include "analysis/run.h"
#include "analysis/unpaired.h"
#include "analysis/verdict.h"

struct gate_cell {
	char *name; /* "faults/cpu-4", or "faults/cpu-4 VARIANT" */
	char *metric, *clients, *variant;
	double delta; /* a share */
	bool no_baseline; /* only the new run has it: there is no verdict */
	struct unpaired_side base, new; /* of logs */
	struct verdict_cell v;
	char *failure; /* what v.failure points to */
	char *cause; /* of a simulated change, NULL if nobody knows */
	double wander; /* how far the machine may have moved, as part of the interval */
	char *unsafe; /* why that is asked, or nothing can be told; NULL: the machine was quiet */
};

struct gate {
	struct verdict_rule rule;
	struct gate_cell *cells;
	size_t nr, cap;
	bool exact; /* both runs were simulated: analysis/exact.h decides */
	char *unlike; /* what makes the runs no fair comparison, NULL: nothing */
	bool refused; /* for that reason: there are no cells */
	bool no_baseline; /* of the whole run or of a cell */
	bool base_of_runs; /* as the config says */
	bool by_boots; /* a run has several boots: each counts as one value (analysis/boots.h) */
	char *names[2]; /* of the runs */
	struct calibration calibration; /* what noise is usual here: for what could have been seen */
	enum verdict verdict; /* the worst */
};

/*
 * Judge @new by @base (NULL: there is none). With @force unlike machines are compared, and
 * times that an emulator made. Returns 0 with a
 * @gate to release, or -EINVAL with the reason in @why.
 */
int gate_init(struct gate *gate, struct run *base, struct run *new,
	      const struct gate_config *config, bool force, struct why *why);

/* The exit code: of the verdict, with what the caller asked to let pass or to fail on. */
int gate_exit(const struct gate *gate, bool fail_on_inconclusive, bool allow_missing_baseline);

/* Whether any number of simulated runs is another one, for better or worse. */
bool gate_exact_change(const struct gate *gate);

/* What such a code means, in a few words. */
const char *gate_exit_meaning(int code);

/* The verdict of a cell as a sentence, with its reason and advice. Returns @buf. */
const char *gate_sentence(const struct gate *gate, const struct gate_cell *cell, char *buf,
			  size_t size);

/* Free what the gate holds. */
void gate_release(struct gate *gate);

#endif
