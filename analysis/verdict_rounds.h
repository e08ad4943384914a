/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict_rounds: verdicts about the cells of rounds. */
#ifndef ANALYSIS_VERDICT_ROUNDS_H
#define ANALYSIS_VERDICT_ROUNDS_H

#include <stdbool.h>

#include "analysis/calibration.h"
#include "analysis/verdict.h"
#include "common/rounds.h"

/* The logs of both sides of @cell's rounds, in the order in which they were measured: [2 * rounds->nr], for
 * the caller to free. What is not above 0 has none. */
double *verdict_rounds_in_time(const struct rounds *rounds, size_t cell);

/* Whether others took more of the CPU time of a round than the guards allow. */
bool verdict_rounds_disturbed(const struct judge_rule *ask, const struct rounds_pair *pair);

/* Decide about every cell of @rounds, in their order; a failed pair, one that is not two numbers above
 * 0, and what others did in the rounds of a cell together, beyond the guards' limits, fail the cell.
 * For verdict_rounds_free(), while @rounds is there. @calibration (NULL: none) says what noise is usual. */
struct verdict_cell *verdict_rounds(const struct verdict_rule *rule, const struct rounds *rounds,
				    enum better better, const struct calibration *calibration);

/* Free the cells. */
void verdict_rounds_free(struct verdict_cell *cells, const struct rounds *rounds);

#endif
