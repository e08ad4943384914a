/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_memcgs: what the workload engine-memcgs keeps, for its rows. */
#ifndef PFT_WORKLOADS_ENGINE_MEMCGS_H
#define PFT_WORKLOADS_ENGINE_MEMCGS_H

#include "pft/swap_groups.h"
#include "pft/workloads/engine_swap.h"

/* One group. In the measured region only its worker writes here. */
struct group {
	struct memcg *memcg;
	struct mm *mm;
	unsigned long start; /* of its pages */
	bool greedy;
	struct access_stream stream;
	uint64_t accesses, ns; /* of the pass */
	uint64_t cold_ns; /* to read back all that was cold */
	/* When the pass was over. */
	int64_t stats[NR_MEMCG_STATS];
	long usage, zswap_bytes; /* pages, bytes */
} __attribute__((aligned(ARCH_PAIR)));

struct memcgs {
	struct engine_swap swap;
	struct access_pattern hot; /* over the pages of others that are not cold */
	struct swap_groups shape;
	struct group *groups;
};

/* rows(): those of all workloads that swap, each group's, and the sums of the greedy and of the others. */
void engine_memcgs_rows(const struct run *run, struct emit *emit);

#endif
