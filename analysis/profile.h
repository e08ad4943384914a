/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * profile: where the threads of one cell (a variant at one client count) waited, by symbolised stack,
 * in one run or in two that are compared. Rates are per explained iteration and per fault, so that
 * runs of any length can be compared; a mean is over iterations.
 */
#ifndef ANALYSIS_PROFILE_H
#define ANALYSIS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/bootstrap.h"
#include "analysis/findings.h"

#define NR_BINS 64

/* What is told: time off-CPU, or contention for locks of the kernel. */
enum profile_of {
	PROFILE_OFFCPU,
	PROFILE_CONTENTION,
};

/* One side of an entry; the arrays are by iteration. */
struct wait_tally {
	double *ns, *count;
	double spun_ns, slept_ns; /* of contention: sums */
	uint64_t max_ns, open;
};

/* The waits with one stack; or, with an empty stack, all of one cause, or ("") all at all. */
struct wait_entry {
	char *what; /* "blocked rwsem-read", "mutex" */
	char *lock, *site, *stack;
	struct wait_tally side[2];
	uint64_t bins[2][NR_BINS]; /* of a cause: the histogram */
	double change; /* us per 1000 faults, side 1 - side 0; NaN with one side */
	struct interval interval; /* of the change */
	double weight; /* the size of the change, else of the time: entries are in its order */
};

struct profile_side {
	bool present; /* the cell is there */
	unsigned *iterations; /* the explained ones, in ascending order */
	size_t nr;
	double *faults, *thread_ns; /* of each; NaN where nobody knows */
};

struct profile {
	enum profile_of of;
	unsigned clients;
	size_t nr_sides; /* 1, or 2: before and after */
	struct profile_side sides[2];
	struct wait_entry **stacks, **causes; /* by time, or by change if there are two sides */
	size_t nr_stacks, cap_stacks, nr_causes, cap_causes;
	struct wait_entry *all;
	void *index; /* tsearch(3) tree over the entries */
};

/* One side to be: the cell of @variant, or NULL @findings if it lacks it. */
struct profile_source {
	const struct findings *findings;
	unsigned variant;
};

/* Add up @nr_sides cells of @clients; with two, @boot draws the intervals. */
void profile_init(struct profile *p, enum profile_of of, const struct profile_source *sources,
		  size_t nr_sides, unsigned clients, const struct bootstrap *boot);

/* Free what the profile holds. */
void profile_release(struct profile *p);

/* Means over the iterations of a side. NaN where faults or times are unknown. */
double profile_share(const struct profile *p, const struct wait_entry *e, size_t side); /* 0..1 */
double profile_us(const struct profile *p, const struct wait_entry *e,
		  size_t side); /* per 1000 faults */
double profile_waits(const struct profile *p, const struct wait_entry *e,
		     size_t side); /* likewise */

/* The quantile @q of a histogram in ns, in proportion within its bin; NaN if it is empty. */
double bins_quantile(const uint64_t bins[NR_BINS], double q);

#endif
