/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore: the promises of lock.h under schedules that are chosen by a seed: workers that fault, map, unmap
 * and change in two mms which share their VMA objects. What is promised is what tests/unit has for threads;
 * here every access of arch.h may be the last one before another worker's turn, and a seed repeats it all.
 */
#ifndef PFT_SIM_EXPLORE_H
#define PFT_SIM_EXPLORE_H

#include <stdint.h>

#include "common/say.h"
#include "pft/locks/design.h"

/* Run the workers under @design once, by @seed, with that many preemptions. Returns 0, or -EPROTO with the
 * broken promise in @why; a broken invariant of the engine, or a worker that sleeps for ever, is a BUG. Once
 * a process. */
int explore_locks(const struct lock_design *design, uint64_t seed, unsigned preemptions,
		  struct why *why);

#endif
