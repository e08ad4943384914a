/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * truth: which lines went from core to core, and the access that made them, by address: with --announce,
 * as perf c2c has it, but of all accesses. What workers do in their measured region counts.
 */
#ifndef PFT_SIM_TRUTH_H
#define PFT_SIM_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/sim/arch_sim.h"

/* What an access at one address did to one line: its own, or, by the prefetcher, the other of its pair. */
struct truth {
	uintptr_t cause; /* the address that was accessed */
	uintptr_t line;
	uint64_t loads, stores; /* accesses; of its own line */
	uint64_t misses; /* that the core's own caches did not have, or not for itself */
	uint64_t local,
		remote; /* of these, from other cores, or taken away from them: here, on other sockets */
	uint64_t invalidations; /* copies that were lost by that */
	uint64_t wait_ps; /* for lines under way to others */
};

/* Note all that follows. Off before. */
void truth_start(void);
bool truth_started(void);

/* The row of @cause and @line, made if there is none. */
struct truth *truth_of(uintptr_t cause, uintptr_t line);

#endif
