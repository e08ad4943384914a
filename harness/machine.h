/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine: what a run should know about the machine it ran on, read from /proc and /sys. */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include <stdbool.h>

#include "common/meta.h"
#include "common/say.h"

/* Add the facts of the machine below @root ("" for this one). What cannot be read is added as
 * absent. */
void machine_facts(struct meta *meta, const char *root);

/* The memory balloon that hands this guest's free pages back to its host (virtio feature 5, free
 * page reporting), by name, in memory that the caller frees; NULL if there is none. First touches
 * then pay for a fault of the host as well. */
char *machine_page_reporting(const char *root);

/* The lowest limits of the cgroups of this process, all levels: CPUs (0: none) and bytes (0: none). */
struct machine_limits {
	double cpus;
	double bytes;
};
void machine_limits(struct machine_limits *limits, const char *root);

/* 0 if a run with the facts @before goes on on the same machine @now, with the same pft: kernel,
 * CPU model and counts, version; otherwise -EINVAL with what differs in @why. */
int machine_same(const struct meta *before, const struct meta *now, struct why *why);

#endif
