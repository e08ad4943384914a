/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap_groups: how a working set is shared out to memory cgroups, the engine's or the kernel's. The first
 * ones are greedy: they have their share of --limit, and want more. The others are within theirs, but a
 * part of their pages is cold: swapped out before the greedy come, and not touched until all is verified.
 * A group belongs to one worker, which goes round its groups, a few accesses in each.
 */
#ifndef PFT_SWAP_GROUPS_H
#define PFT_SWAP_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/run.h"

struct swap_groups {
	unsigned nr, nr_greedy;
	uint64_t pages; /* of each group */
	uint64_t cold; /* of these, the first ones, where it is not greedy */
	uint64_t limit; /* bytes, of each greedy group */
};

/* The parameters of such workloads, to be put into their tables. */
#define SWAP_GROUPS_PARAMS \
	{"greedy", "1", \
	 "groups that want more than their limit, the first ones: a number or all"}, \
	{ \
		"cold", "50", "percent of the others' pages that were swapped out before: 0 to 90" \
	}

/* What the options and parameters of @run come to, for at most @most groups of pages of @page_size bytes.
 * Returns 0, or -EINVAL with the reason in @why. */
int swap_groups_init(struct swap_groups *groups, const struct run *run, size_t page_size,
		     unsigned most, struct why *why);

/* pass(): go round @worker's groups until all that it has planned is done, by @access(worker, group, how
 * often), which returns 0 or -errno with the reason in worker->why. The same is returned. */
int swap_groups_pass(struct worker *worker, const struct swap_groups *groups,
		     int (*access)(struct worker *worker, unsigned group, uint64_t nr));

/* rows(): how many groups are greedy, and pages cold. */
void swap_groups_rows(const struct swap_groups *groups, struct emit *emit);

/* rows(): "<prefix>limit_bytes" of a group. */
void swap_groups_emit_limit(const struct swap_groups *groups, struct emit *emit, const char *prefix,
			    bool greedy);

/* rows(): "<prefix><name>", the mean of @ns over @nr; none if either is 0. */
void swap_groups_emit_mean(struct emit *emit, const char *prefix, const char *name, uint64_t ns,
			   uint64_t nr);

#endif
