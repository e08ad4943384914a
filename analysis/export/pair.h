/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pair: the rounds of 'faultscale ab', if two runs are its sides, and the verdicts about them. */
#ifndef ANALYSIS_EXPORT_PAIR_H
#define ANALYSIS_EXPORT_PAIR_H

#include "analysis/run.h"
#include "analysis/verdict_rounds.h"

struct pair {
	bool known; /* they are sides a and b of one comparison; the rest only then */
	struct verdict_rule rule;
	struct rounds rounds;
	struct verdict_cell *cells; /* [rounds.nr_cells] */
};

/* Read what @base (side a) holds about itself and @run (side b) and decide. Returns 0 with a @pair to
 * release, whether they are a pair or not; -EINVAL with the reason in @why for broken files or sides
 * the wrong way round. */
int pair_init(struct pair *pair, const struct run *base, const struct run *run, struct why *why);

/* The verdict about @metric of variant @variant of the base at @clients; NULL for none. */
const struct verdict_cell *pair_find(const struct pair *pair, const char *metric,
				     const char *variant, const char *clients);

/* Free what the pair holds. */
void pair_release(struct pair *pair);

#endif
