/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * export: one run, or one against its base, for other programs. The result is built once; each format
 * is a file that only writes it, and a row in export_table.c. All its texts are clean (analysis/clean.h):
 * what is special to a format is left for that to escape.
 */
#ifndef ANALYSIS_EXPORT_EXPORT_H
#define ANALYSIS_EXPORT_EXPORT_H

#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/export/pair.h"
#include "analysis/gate.h"

/* One metric of one variant at one client count. */
struct export_cell {
	char *group; /* "anon-compact/clients:4", or "clients:4" for the only variant */
	char *variant; /* "" for the only one */
	char *metric;
	char *title; /* metric and group */
	const char *clients;
	enum better better;
	const struct series *series; /* of the run; NULL: it has no such row */
	const struct summary *sum, *base; /* base: NULL without */
	double change; /* of the means in percent, positive when better; NaN */
	bool judged; /* there is a verdict */
	enum verdict verdict;
	char *says; /* the verdict in a sentence, or why there is no number or no verdict; NULL */
};

struct export
{
	char *run, *base; /* names; base NULL without */
	const struct run *source; /* what was measured */
	struct export_cell *cells; /* those of a group side by side */
	size_t nr;
	size_t tally[NR_VERDICTS]; /* cells by verdict */
	bool judged; /* any */
	enum verdict worst; /* of those judged */
};

/*
 * Take the last column of @c, against the first if there are two. The verdicts are those of @pair if the
 * runs are sides of one comparison, else those of @gate (NULL: there are none). All have to stay.
 */
void export_init(struct export *e, const struct comparison *c, const struct pair *pair,
		 const struct gate *gate);

/* The index behind the group that begins at cell @i. */
size_t export_group_end(const struct export *e, size_t i);

/* "Hmean 501165 of 10, 480112 to 512004", or why there is none. Returns @buf. */
const char *export_figures(const struct export_cell *cell, char *buf, size_t size);

/* The smallest and the largest value of a cell that has one. */
double export_min(const struct export_cell *cell);
double export_max(const struct export_cell *cell);

/* "2 regression, 1 same of 3", or "3 figures, no verdict". Returns @buf. */
const char *export_tally(const struct export *e, char *buf, size_t size);

/* Free what it holds. */
void export_release(struct export *e);

struct export_format {
	const char *name;
	const char *summary; /* for --list */
	/* Returns 0, or -EINVAL with the reason in @why where the format cannot hold any of it.
	 * Errors of writing show in ferror(@out). */
	int (*write)(FILE *out, const struct export *e, struct why *why);
};

extern const struct export_format export_google_benchmark, export_benchstat, export_bencher,
	export_github_benchmark, export_tsv, export_junit, export_github_annotations,
	export_github_summary;

/* All formats, NULL-terminated. */
extern const struct export_format *const export_formats[];

/* The format called @name. Returns NULL with all names in @why if there is none. */
const struct export_format *export_format_find(const char *name, struct why *why);

#endif
