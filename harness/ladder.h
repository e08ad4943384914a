/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder: the worker counts between a first and a last one, as mmtests spaced them. */
#ifndef HARNESS_LADDER_H
#define HARNESS_LADDER_H

#include <stddef.h>

#include "common/say.h"

struct ladder {
	unsigned *clients; /* in order of execution; mostly, not always, ascending */
	size_t nr, cap;
};

struct ladder_limits {
	unsigned min, max; /* 1..65536 */
	unsigned nr_cpus;
	unsigned cap; /* lowers max; 0 for none */
	unsigned cutoff; /* drops steps above; 0 for none */
};

/*
 * Fill @ladder, each count once. Returns 0, or -EINVAL with the reason in @why if no count is left.
 * As in mmtests a max over eight times the CPUs can bring counts above max with it.
 */
int ladder_init(struct ladder *ladder, const struct ladder_limits *limits, struct why *why);

/* Free what the ladder holds. */
void ladder_release(struct ladder *ladder);

#endif
