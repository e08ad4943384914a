/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_swap: what the workloads have in common whose pages go through the engine's swap: zswap and the
 * device as the options ask for them, contents, the order of accesses, and rows of all that is counted.
 *
 * The limit of a group is for frames, as in cgroup v1 and as --limit says, unless charge=all: then its
 * compressed bytes are in it too.
 */
#ifndef PFT_WORKLOADS_ENGINE_SWAP_H
#define PFT_WORKLOADS_ENGINE_SWAP_H

#include "pft/access_stream.h"
#include "pft/content.h"
#include "pft/mm/mm_groups.h"
#include "pft/workloads/engine.h"

#define ENGINE_SWAP_SEED 1 /* the same pages in the same order each time, as kernel-swap has them */

/* The parameters that they have besides those of the engine, to be put into their tables. */
#define ENGINE_SWAP_PARAMS \
	{"page-cluster", "0", "pages read at once, as a power of two: 0 to 6"}, \
		{"verify", "all", "pages verified: all (once more, at the end) or accessed"}, \
		{"charge", "frames", \
		 "what a group's limit is for: frames, or all (and compressed bytes)"}, \
		{"memory", "all", \
		 "what --pool-max is a share of: all the machine has, or a size"}, \
	{ \
		"io", "auto", "writes to the device: auto, uring or pwrite" \
	}

/* All counters of swap at one moment. */
struct swap_counts {
	uint64_t zswap[NR_ZSWAP_STATS];
	uint64_t device[NR_SWAP_DEVICE_EVENTS];
	uint64_t pool_pages; /* of compressed pages */
	uint64_t zswapped, zswap_bytes; /* pages that are compressed, and what they became */
	uint64_t ns;
};

/* First member of what the workloads keep in run->private. */
struct engine_swap {
	struct engine engine;
	bool verify_all;
	unsigned page_cluster;
	uint64_t memory; /* bytes that --pool-max is a share of */
	struct content content;
	struct access_pattern pattern;
	double ratio; /* of the contents, with the codec */
	struct swap_counts before, filled, passed;
};

/* Make contents, the pattern over @span pages of one stream, and an address space of the engine with frames
 * for @resident pages, whose group has the limit @max bytes (0: none). Returns 0, or -errno with the reason
 * in @why; engine_swap_release() in any case. */
int engine_swap_init(struct run *run, struct engine_swap *swap, uint64_t span, uint64_t resident,
		     uint64_t max, struct why *why);

/* After the mms that the workload made itself. */
void engine_swap_release(struct run *run, struct engine_swap *swap);

/* Between the phases: setup() ends; all is filled; passed(). */
void engine_swap_before(struct engine_swap *swap);
void engine_swap_filled(struct engine_swap *swap);
void engine_swap_passed(struct engine_swap *swap);

/*
 * Write, or read and verify, the page @index, which is at @address of @mm. 0, or -errno with the reason
 * in @why. Any worker; the page goes by way of the worker's stack, as reclaim may take the frame at any
 * time.
 */
int engine_swap_write(const struct engine_swap *swap, struct mm *mm, unsigned long address,
		      uint64_t index, struct why *why);
int engine_swap_read(const struct engine_swap *swap, struct mm *mm, unsigned long address,
		     uint64_t index, struct why *why);

/* rows(): the options, and what was counted in both phases. @fill_s: how long the filling took. */
void engine_swap_rows(const struct run *run, struct emit *emit, double fill_s);

#endif
