/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel_swap: what the workload kernel-swap keeps, for its rows. */
#ifndef PFT_WORKLOADS_KERNEL_SWAP_H
#define PFT_WORKLOADS_KERNEL_SWAP_H

#include "pft/access_stream.h"
#include "pft/content.h"
#include "pft/kswap_ballast.h"
#include "pft/kswap_counts.h"
#include "pft/kswap_group.h"
#include "pft/kswap_undo.h"
#include "pft/workload.h"

/* Where the pages go that do not fit. */
enum kernel_swap_backend { BACKEND_ZSWAP, BACKEND_ZRAM, BACKEND_FILE, NR_BACKENDS };

extern const char *const kernel_swap_backends[NR_BACKENDS];

struct kernel_swap {
	enum kernel_swap_backend backend;
	bool verify_all; /* each page at the end, besides those that were read */
	struct content content;
	struct access_pattern pattern; /* over the pages of one worker */
	char *start; /* of the working set */
	uint64_t pages; /* of each worker */

	struct kswap_undo undo;
	struct kswap_hierarchy hierarchy;
	char *group; /* directory */
	unsigned zram; /* its number, with BACKEND_ZRAM */
	struct kswap_ballast ballast;
	struct kswap_gauge gauge;
	char codec[64]; /* as the kernel names what it uses */
	char page_cluster[16]; /* as it is during the run */
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
