/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sums: what stands beside the waits of a cell: mmap_lock, fault latency, alignment, cost of watching. */
#ifndef ANALYSIS_SUMS_H
#define ANALYSIS_SUMS_H

#include "analysis/where.h"

/* One side (reader, writer) of mmap_lock in a cell. Rates are per 1000 faults. */
struct mmap_lock_sum {
	bool known; /* the probe ran */
	double acquired, failed;
	double in_fault; /* of the acquired: to serve a page fault */
	double wait_ns, hold_ns; /* means; NaN without an acquisition */
	uint64_t max_wait_ns, max_hold_ns;
};

void mmap_lock_sum(struct mmap_lock_sum *sum, const struct where_cell *cell, size_t side,
		   bool write);

/* The histogram of fault latencies of a cell. Returns the number of faults in it. */
uint64_t latency_sum(uint64_t bins[NR_BINS], const struct where_cell *cell, size_t side);

/* The minor faults of the same iterations, as getrusage(2) counted them for the workers; NaN if unknown. */
double minor_faults_sum(const struct where_cell *cell, size_t side);

/* One cache in all cells of a column: how many objects began where. */
struct alignment_sum {
	const char *cache;
	uint64_t mod64[64], mod128[128], count;
};

/* The caches of column @side, in *@sums[@return] for the caller to free. */
size_t alignment_sums(struct alignment_sum **sums, const struct where *where, size_t side);

/* The mean of a metric of the measured iterations of a cell (not of the explained ones); NaN. */
double measured_mean(const struct where_cell *cell, size_t side, const char *metric);

#endif
