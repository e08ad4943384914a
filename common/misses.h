/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * misses: misses.tsv (docs/format.md): what sampling a run, or importing what perf sampled, has found:
 * instructions, and how often each was met.
 */
#ifndef COMMON_MISSES_H
#define COMMON_MISSES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/tsv.h"

/* The columns of misses.tsv, by number. */
enum misses_column {
	MISSES_STEP,
	MISSES_VARIANT,
	MISSES_CLIENTS,
	MISSES_ITERATION,
	MISSES_EVENT,
	MISSES_SIDE,
	MISSES_SYMBOL,
	MISSES_OFFSET,
	MISSES_LINE,
	MISSES_DATA,
	MISSES_FILE,
	MISSES_COUNT,
	MISSES_WEIGHT,
	MISSES_LOADS,
	MISSES_STORES,
	MISSES_HITM_LOCAL,
	MISSES_HITM_REMOTE,
	MISSES_STATUS,
	NR_MISSES_COLUMNS,
};
extern const struct tsv_schema misses_schema;

/* The side of rows that are about the iteration: their symbol says what is counted. */
#define MISSES_ALL	 "all"
#define MISSES_FAULTS	 "faults" /* page faults that were made */
#define MISSES_PERIOD	 "period" /* events, or ns of CPU time, from one sample to the next */
#define MISSES_LOST	 "lost" /* records that there was no room for */
#define MISSES_OUTSIDE	 "outside" /* samples that were not of the measured region */
#define MISSES_THROTTLED "throttled" /* times that the kernel took a rest from sampling */

/* Where a sample was taken: texts, "-" for what is not known. */
struct miss_where {
	const char *side; /* kernel or user */
	const char *symbol; /* the function */
	const char *offset; /* in it, and its size: +0x1c/0x80 */
	const char *line; /* FILE:LINE of the source */
	const char *data; /* what was accessed: STRUCT.FIELD @OFFSET line N, ... */
	const char *file; /* NAME[BUILDID]:OFFSET in the file; the module's name, or vmlinux */
};

struct miss_counts {
	uint64_t count; /* samples */
	uint64_t weight; /* sum, in units of the processor */
	uint64_t loads, stores; /* of these samples, where the processor tells */
	uint64_t hitm_local, hitm_remote;
};

struct miss {
	struct miss_where where; /* texts of its own */
	struct miss_counts counts;
	const char *status; /* kept, not copied */
};

/* All of one iteration; zero before the first call. */
struct miss_table {
	struct miss **misses; /* [nr] in order of appearance */
	size_t nr, cap;
	void *index; /* tsearch(3) tree */
};

/* What the records of an iteration begin with; texts as in samples.tsv. */
struct miss_key {
	const char *step, *variant, *clients, *iteration, *event;
};

/* Add to what was met at @where. @status is of its first time. */
void miss_table_add(struct miss_table *table, const struct miss_where *where,
		    const struct miss_counts *counts, const char *status);

/* Add a row about the iteration, of side MISSES_ALL. */
void miss_table_add_total(struct miss_table *table, const char *what, uint64_t count);

/* The row of that place, or NULL. */
const struct miss *miss_table_find(const struct miss_table *table, const struct miss_where *where);

/* Bring ->misses in order: rows about the iteration, then most samples first. */
void miss_table_sort(struct miss_table *table);

/* Order of places: by symbol, offset, data and the rest, as strcmp(3). */
int miss_where_compare(const struct miss_where *a, const struct miss_where *b);

/* Write the records, most samples first, behind the rows about the iteration. */
void miss_table_write(FILE *out, const struct miss_key *key, struct miss_table *table);

/* Free what the table holds. */
void miss_table_release(struct miss_table *table);

/* The counts of a record that tsv_reader_next() gave. Returns 0, or -EINVAL with file:line in @why. */
int miss_counts_parse(struct miss_counts *counts, char *const *fields,
		      const struct tsv_reader *reader, struct why *why);

#endif
