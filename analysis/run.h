/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run: the samples of one run, wherever they were read from. Every number is kept as it was
 * measured; statistics come later. A series is what makes one row of a table: one metric of one
 * variant at one client count.
 */
#ifndef ANALYSIS_RUN_H
#define ANALYSIS_RUN_H

#include <stdbool.h>
#include <stddef.h>

struct sample {
	double value;
	unsigned directory; /* rank of the iter-* directory it comes from; 0 in our own runs */
	unsigned number; /* 1.. within directory and client count */
};

struct series {
	unsigned variant; /* index into run->variants */
	size_t position; /* in run->series */
	char *clients; /* as text: mmtests takes it from a file name */
	char *metric;
	struct sample *samples; /* in the order in which they were taken */
	size_t nr, cap;
	size_t nr_absent; /* samples whose status says that there is no value */
	char *absent; /* the first such status; NULL for none */
	double counted; /* least share of the time that an event was counted; 0: all the time */
};

/* What a variant is made of, as plan.tsv names it; also what --by and --only select. */
enum dimension {
	DIM_WORKLOAD,
	DIM_PIN,
	DIM_MEM,
	DIM_PAGESIZE,
	DIM_MODE,
	DIM_LOCK, /* this and the rest: from the options of pft, "-" without */
	DIM_RWSEM_SPIN,
	DIM_WRITERS,
	DIM_NODES,
	DIM_VMA_CLASS,
	DIM_PREFETCH, /* not of pft: of its step */
	DIM_LIMIT,
	DIM_WORKING_SET,
	DIM_CODEC,
	DIM_LRU,
	DIM_LRU_LOCK,
	DIM_MEMCGS,
	DIM_ACCESS,
	DIM_ZSWAP_SHRINKER,
	DIM_MACHINE, /* the model of a simulated one */
	NR_DIMENSIONS,
};
extern const char *const dimension_names[NR_DIMENSIONS];

struct variant {
	char *name; /* "" for the only one of mmtests logs */
	char *dims[NR_DIMENSIONS]; /* NULL when no plan.tsv told */
};

/* mmtests' duration report, in seconds. */
struct durations {
	bool known; /* there is a source for them */
	bool measured; /* and it has the times */
	double user, system, elapsed;
};

enum run_kind {
	RUN_ABSENT, /* nothing there, and the caller wants an empty column for it */
	RUN_MMTESTS, /* logs of mmtests, or written in their form */
	RUN_OWN, /* samples.tsv */
};

/* What its times are (analysis/clock.h). */
enum run_clock {
	RUN_CLOCK_REAL,
	RUN_CLOCK_NONE, /* those of an emulator: they mean nothing */
	RUN_CLOCK_INSTRUCTIONS, /* one nanosecond for each */
};

struct run {
	char *name; /* what heads its column */
	char *path;
	enum run_kind kind;
	enum run_clock clock;
	struct variant *variants;
	size_t nr_variants;
	char **metrics; /* in order of first appearance */
	size_t nr_metrics;
	char **clients; /* in ascending order */
	size_t nr_clients;
	struct series **series; /* in order of first appearance */
	size_t nr_series, cap_series;
	void *index; /* tsearch(3) tree over ->series */
	size_t next; /* the series after the one asked for last, which readers want next */
	struct durations durations;
};

/* Start an empty run; both texts are copied. */
void run_init(struct run *run, const char *name, const char *path, enum run_kind kind);

/* Free what the run holds. */
void run_release(struct run *run);

/* The index of variant @name, added if it is new. */
unsigned run_variant(struct run *run, const char *name);

/* The series with this key, added if it is new. */
struct series *run_series(struct run *run, unsigned variant, const char *clients,
			  const char *metric);

/* The series with this key, or NULL. */
const struct series *run_find(const struct run *run, unsigned variant, const char *clients,
			      const char *metric);

/* Add a sample to the end of a series. */
void series_add(struct series *series, double value, unsigned directory, unsigned number);

/* Copy the values of @series, which the caller frees. */
double *series_values(const struct series *series);

/* Their logarithms, likewise: of what is not above 0, no numbers. */
double *series_logs(const struct series *series);

/* Their arithmetic mean; NaN for none, or without @series. */
double series_mean(const struct series *series);

/* The value of @series in the same iteration as @sample; NaN for none, or without @series. */
double series_value_like(const struct series *series, const struct sample *sample);

/* Order of client counts: by the number they start with (0 if none), then as texts. */
int clients_compare(const char *a, const char *b);

/* Bring ->clients into that order. */
void run_sort_clients(struct run *run);

#endif
