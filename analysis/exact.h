/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exact: the gate's verdicts about simulated runs. Their numbers have no noise, so nothing is tested: any
 * change beyond the threshold counts, which is 0 unless the config sets one, and the field whose cache line
 * moved more is the reason.
 */
#ifndef ANALYSIS_EXACT_H
#define ANALYSIS_EXACT_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/gate.h"

/* Whether all of @run was simulated. */
bool exact_is_simulated(const struct run *run);

/* Decide about the cells of @gate that both simulated runs have. Returns 0, or -errno with the reason in
 * @why: what the runs say of fields cannot be read. */
int exact_decide(struct gate *gate, struct run *base, struct run *new,
		 const struct gate_config *config, struct why *why);

/* "the same", or "worse by 1.7%: prefetch_steals, 0.21 to 0.434 a fault". Returns @buf. */
const char *exact_sentence(const struct gate_cell *cell, char *buf, size_t size);

#endif
