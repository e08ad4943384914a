/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure: latencies and bandwidths of this machine by loops of a few milliseconds. Each is repeated, and
 * the best repeat counts: whoever else was on the machine can only have made it slower. Times are in ns.
 */
#ifndef HARNESS_MEASURE_H
#define HARNESS_MEASURE_H

#include <stddef.h>

#include "common/say.h"

/* A dependent load on CPU @cpu from a buffer of @bytes, first touched on CPU @owner, at random and by lines.
 * Returns 0 or -errno. */
int measure_chase(unsigned cpu, unsigned owner, size_t bytes, double *ns, struct why *why);

/* One line from CPU @a to CPU @b: half a round of two threads that wait for each other in it. */
int measure_bounce(unsigned a, unsigned b, double *ns, struct why *why);

/* On CPU @cpu: a locked compare-and-exchange above a plain store, cpu_relax(), and a look at the clock. */
int measure_instructions(unsigned cpu, double *atomic_ns, double *pause_ns, double *clock_ns,
			 struct why *why);

/* Bytes per ns of the CPUs @cpus[@nr] together, each clearing, or copying, buffers far above the caches. */
int measure_clear(const unsigned *cpus, unsigned nr, double *gbs, struct why *why);
int measure_copy(const unsigned *cpus, unsigned nr, double *gbs, struct why *why);

#endif
