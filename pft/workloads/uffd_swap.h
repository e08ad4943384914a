/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uffd_swap: what the workload uffd-swap keeps, for its rows. */
#ifndef PFT_WORKLOADS_UFFD_SWAP_H
#define PFT_WORKLOADS_UFFD_SWAP_H

#include "pft/access_stream.h"
#include "pft/content.h"
#include "pft/workload.h"
#include "pft/workloads/uffd_pager.h"

/* All counters at one moment. */
struct uffd_swap_counts {
	uint64_t pager[NR_PAGER_EVENTS];
	uint64_t zswap[NR_ZSWAP_STATS];
	uint64_t pool_bytes, stored_bytes; /* taken by the pool; of compressed pages */
};

struct uffd_swap {
	bool verify_all; /* each page at the end, besides those that were accessed */
	unsigned write; /* percent of the accesses that write the page anew */
	struct content content;
	struct access_pattern pattern; /* over the pages of one worker */
	uint64_t pages; /* of each worker */
	unsigned slot; /* the parent's; 0: it has none, nor has the engine been set up */
	struct swap_area area;
	struct pager pager;
	uint32_t *versions; /* of each page; its worker's only */
	double content_ratio; /* what the codec makes of the contents */
	struct uffd_swap_counts before, filled, passed;
};

/* A worker's own, where the parent can read it. */
struct uffd_swap_worker {
	struct access_stream stream;
	struct rng rng; /* which accesses write */
	bool entered;
	uint64_t fill_start, fill_end; /* ns */
};

/* Read all counters. */
void uffd_swap_count(struct uffd_swap *u, struct uffd_swap_counts *counts);

/* rows(): the options, and what was counted from setup() to the last pass. */
void uffd_swap_rows(const struct run *run, struct emit *emit);

#endif
