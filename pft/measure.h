/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure: what one worker measures around its pass, and the figures that follow for all of them. */
#ifndef PFT_MEASURE_H
#define PFT_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The clocks and counters of the calling thread at one moment. */
struct snapshot {
	uint64_t ns; /* CLOCK_MONOTONIC */
	uint64_t user_us, system_us; /* CPU time, RUSAGE_THREAD */
	uint64_t minor_faults, major_faults;
	uint64_t voluntary_switches, involuntary_switches;
	unsigned cpu, node; /* getcpu() */
};

/* Take one before the measured region: the time is read last. */
void snapshot_start(struct snapshot *s);

/* Take one behind the measured region: the time is read first. */
void snapshot_end(struct snapshot *s);

/* A worker's measured region, and what became of its pages. */
struct measure {
	struct snapshot start, end;
	int tid; /* of the thread that was measured */
	int64_t migrations; /* between CPUs from being ready to the end; -1: the scheduler does not
			       tell */
	unsigned
		pages_sampled; /* pages whose node was asked for; 0: none, and unsampled says why */
	unsigned pages_local; /* of these on the node of the worker's CPU */
	unsigned pages_astray; /* of these on a node that --mem does not allow */
	const char *unsampled;
};

struct run;

/* The figures of all workers together. */
struct totals {
	double user_s, system_s; /* sums */
	double wall_s; /* latest end - earliest start */
	uint64_t minor_faults, major_faults, planned, faults; /* sums */
	double faults_per_cpu; /* faults / (user_s + system_s); inf or nan without CPU time */
	double faults_per_sec; /* faults / wall_s */
};

/* Add up what the workers of @run measured. */
void totals_of(const struct run *run, struct totals *totals);

/* A worker's own wall time in seconds. */
double measure_wall_s(const struct measure *m);

/* How unequal @n values >= 0 are; @values is sorted in place. gini: 0 all equal, towards 1 all in
 * one; cov: standard deviation over mean. Both 0 when there is nothing to compare. */
struct spread {
	double min, max, gini, cov;
};
void spread_of(double *values, size_t n, struct spread *spread);

#endif
