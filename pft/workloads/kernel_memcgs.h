/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel_memcgs: what the workload kernel-memcgs keeps, for its rows. */
#ifndef PFT_WORKLOADS_KERNEL_MEMCGS_H
#define PFT_WORKLOADS_KERNEL_MEMCGS_H

#include "pft/access_stream.h"
#include "pft/content.h"
#include "pft/kswap_ballast.h"
#include "pft/kswap_counts.h"
#include "pft/kswap_machine.h"
#include "pft/swap_groups.h"
#include "pft/workload.h"

/* One group. In the measured region only its worker writes here. */
struct kernel_group {
	char *path;
	bool greedy;
	struct kswap_gauge gauge;
	struct kswap_ballast ballast; /* of a greedy one */
	struct access_stream stream; /* over its own pages */
	uint64_t accesses, ns; /* of the pass */
	uint64_t cold_ns; /* to read back all that was cold */
	struct kswap_counts empty, passed; /* before it is filled, and when the pass was over */
} __attribute__((aligned(128)));

struct kernel_memcgs {
	struct kswap_machine machine;
	struct content content;
	struct access_pattern pattern, hot; /* over all pages of a group, and over those not cold */
	char *start; /* of the first group's pages; the others follow */
	struct swap_groups shape;
	struct kernel_group *groups;
	struct kswap_gauge gauge; /* of the machine */
	struct kswap_counts before, filled, passed;
	uint64_t fill_ns;
};

/* rows(): the options, what the machine counted, each group's, and the sums of the greedy and of the others;
 * those of a group by the names that engine-memcgs has for them. */
void kernel_memcgs_rows(const struct run *run, struct emit *emit);

#endif
