/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ab_rounds: the rounds of two runs side by side, out of their samples, which are the truth. */
#ifndef HARNESS_AB_ROUNDS_H
#define HARNESS_AB_ROUNDS_H

#include <stdint.h>

#include "common/rounds.h"
#include "common/say.h"
#include "harness/plan.h"
#include "harness/result.h"

/*
 * The whole rounds of @metric in runs a and b of @plans, which have the same client counts cell by
 * cell; a round begins where the steps of iteration N of all cells do. Returns 0; -EINVAL with the
 * reason in @why if a step that did not fail lacks the metric; another -errno. The caller releases
 * @rounds, in any case.
 */
int ab_rounds_take(struct rounds *rounds, const char *metric, uint64_t seed,
		   const struct plan *const plans[2], const struct result *const results[2],
		   struct why *why);

/* Write rounds.tsv of the run @result. Returns 0 or -errno with the reason in @why. */
int ab_rounds_write(const struct rounds *rounds, const struct result *result, struct why *why);

/* 0 if the cells of @a and @b are pairs, else -EINVAL with why the first one that is not is none in @why. */
int ab_rounds_match(const struct plan *a, const struct plan *b, struct why *why);

#endif
