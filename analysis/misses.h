/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * misses: what misses.tsv of a run holds, per variant and client count, and the difference of two runs.
 * Addresses move from build to build: a row stands for a source line where the run knows it, else for an
 * offset in a function of a certain size, and two functions of different sizes are compared as wholes.
 */
#ifndef ANALYSIS_MISSES_H
#define ANALYSIS_MISSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/misses.h"
#include "common/say.h"

/* What a row stands for. */
enum misses_by {
	MISSES_BY_INSTRUCTION,
	MISSES_BY_LINE, /* of the source; of code without: the function */
	MISSES_BY_SYMBOL, /* the function */
	MISSES_BY_DATA, /* what was accessed, by which function */
	MISSES_BY_LOCK, /* lock_name_of() in place of the function */
};

/* One variant at one client count, all iterations together. */
struct miss_group {
	char *variant, *clients, *event;
	uint64_t iterations;
	uint64_t faults, lost, outside, throttled; /* sums */
	uint64_t period; /* events, or ns, from one sample to the next; 0: not told */
	struct miss_table rows;
	uint64_t samples; /* of all rows */
};

struct misses {
	struct miss_group **groups; /* in order of appearance */
	size_t nr, cap;
};

/* Read @path. Returns 0, or -errno with file:line in @why. The caller releases in any case. */
int misses_read(struct misses *misses, const char *path, enum misses_by by, struct why *why);

/* The group of this variant and client count, or NULL. */
struct miss_group *misses_find(const struct misses *misses, const char *variant,
			       const char *clients);

/*
 * Make the rows of two groups comparable: offsets are dropped where a line is known, and where the functions
 * of a name have other sizes in the other group.
 */
void misses_align(struct miss_group *a, struct miss_group *b);

/* What one sample of the group stands for, in events (or ns) per fault; NaN if faults or period are not
 * known. */
double misses_per_fault(const struct miss_group *group);

/* Whether the event is a clock: its counts are ns. */
bool misses_is_clock(const struct miss_group *group);

/* A row of two groups. */
struct miss_change {
	const struct miss *a, *b; /* NULL: not in that group */
	double before, after; /* per fault, or shares if that is not known */
	/* after - before, and half the length of its 95 % interval (counts are Poisson's); NaN where
	 * a side has fewer than MISSES_LEAST samples. */
	double change, plus_minus;
};
#define MISSES_LEAST 30

/*
 * The rows of both, by the size of the change; those without come behind, most samples first. Returns an
 * array of *@nr for free(). @shares: compare shares of all samples rather than counts per fault.
 */
struct miss_change *misses_compare(const struct miss_group *a, const struct miss_group *b,
				   bool shares, size_t *nr);

/* Free what the struct holds. */
void misses_release(struct misses *misses);

#endif
