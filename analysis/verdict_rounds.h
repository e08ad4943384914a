/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict_rounds: verdicts about the cells of rounds. */
#ifndef ANALYSIS_VERDICT_ROUNDS_H
#define ANALYSIS_VERDICT_ROUNDS_H

#include "analysis/verdict.h"
#include "common/rounds.h"

/* Decide about every cell of @rounds, in their order; a failed pair, and one that is not two numbers
 * above 0, fails its cell. For verdict_rounds_free(), while @rounds is there. */
struct verdict_cell *verdict_rounds(const struct verdict_rule *rule, const struct rounds *rounds,
				    enum better better);

/* Free the cells. */
void verdict_rounds_free(struct verdict_cell *cells, const struct rounds *rounds);

#endif
