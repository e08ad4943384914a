/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines: the directory: what is known of each cache line, found by its address.
 *
 * Numbers of lines decide on sets, and which two are a pair. Those of the arena follow its addresses. The
 * program's own variables have numbers in the order of their first use, and each stack is one line: where
 * compiler and loader have put them must not be seen.
 */
#ifndef PFT_SIM_LINES_H
#define PFT_SIM_LINES_H

#include <stdint.h>

#include "common/machine_model.h"

struct line_queue;

/* Cores of the machine, and those beside them for the engine's own threads. */
#define CORES_BESIDE 128
#define CORES_MAX    (MACHINE_CORES_MAX + CORES_BESIDE)
#define CORE_WORDS   (CORES_MAX / 64)

/* Cores, as bits. */
struct core_set {
	uint64_t bits[CORE_WORDS];
};

struct line {
	uint64_t busy_until; /* under way to another core, ps */
	struct line_queue *queue; /* who waits for that, or NULL */
	struct core_set sharers; /* who has a copy, as far as its caches have kept it */
	int32_t owner; /* who has the only one and may write, or -1 */
	uint32_t number; /* but for bits that tell what lies there */
	uint32_t node; /* of its memory */
	uint32_t llc
		[]; /* for each last-level cache: the clock of its set when it came in; 0: never */
};

/* Make room for @llcs last-level caches in each line. Before the first line. */
void lines_init(unsigned llcs);

/* The line around @address. */
struct line *line_of(const volatile void *address);

/* The other line of its pair, or NULL for those that have none. */
struct line *line_buddy(const struct line *line);

#endif
