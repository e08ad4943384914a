/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel_swap: what the workload kernel-swap keeps, for its rows. */
#ifndef PFT_WORKLOADS_KERNEL_SWAP_H
#define PFT_WORKLOADS_KERNEL_SWAP_H

#include "pft/access_stream.h"
#include "pft/content.h"
#include "pft/kswap_ballast.h"
#include "pft/kswap_counts.h"
#include "pft/kswap_machine.h"
#include "pft/workload.h"

struct kernel_swap {
	struct kswap_machine machine;
	struct content content;
	struct access_pattern pattern; /* over the pages of one worker */
	char *start; /* of the working set */
	uint64_t pages; /* of each worker */

	char *group; /* directory */
	struct kswap_ballast ballast;
	struct kswap_gauge gauge;
	struct kswap_counts before, filled, passed;
};

/* A worker's own, where the parent can read it. */
struct kernel_swap_worker {
	struct access_stream stream;
	uint64_t fill_start, fill_end; /* ns */
};

/* rows(): the options, and what the kernel counted from setup() to the last pass. */
void kernel_swap_rows(const struct run *run, struct emit *emit);

#endif
