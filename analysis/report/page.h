/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page: all that a report tells, read and worked out once. Sections (section.h) only write it.
 */
#ifndef ANALYSIS_REPORT_PAGE_H
#define ANALYSIS_REPORT_PAGE_H

#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/export/export.h"
#include "analysis/export/pair.h"
#include "analysis/gate.h"
#include "analysis/report/workers.h"
#include "analysis/run_args.h"
#include "common/meta.h"

/* What there is of a run beside its samples. */
struct page_run {
	const struct run *run;
	struct meta meta; /* empty if there is none */
	struct workers workers; /* likewise */
};

/* The first run against a later one. */
struct page_verdict {
	struct comparison c; /* of the two */
	struct pair pair;
	struct gate gate; /* of runs that are no pair */
	struct export e; /* verdicts cell by cell */
	char *none; /* why there is no verdict, or NULL */
};

struct page {
	const struct run_list *runs;
	struct compare_options options; /* what is shown, with a bootstrap in it */
	struct report rates, costs; /* faults/sec and faults/cpu; what counters say of a fault */
	struct comparison rate, cost; /* cost has no columns where there are no counters */
	struct page_run *sides; /* [runs->nr] */
	struct page_verdict *verdicts; /* [nr_verdicts]: one less than the runs; none with --by */
	size_t nr_verdicts;
	struct notes *notes; /* of reading: what was left out, and why */
	struct notes care; /* what the runs say against themselves */
};

/* What is asked for. */
struct page_ask {
	struct compare_options options; /* with a bootstrap in it */
	const char *metrics; /* instead of faults/sec and faults/cpu; NULL */
	const struct gate_config *gate; /* how runs that were recorded apart are judged */
	bool force; /* judge even runs of unlike machines */
};

/* Work it out; @runs have to stay. What is missing goes to @notes. Returns 0 with a @page to release, or
 * -errno with the reason in @why. */
int page_init(struct page *page, const struct run_list *runs, const struct page_ask *ask,
	      struct notes *notes, struct why *why);

/* Free what the page holds; the runs stay. */
void page_release(struct page *page);

/* Write all sections. Returns what of it could not be drawn and why, in memory that the caller frees; NULL
 * if all was. Errors of writing show in ferror(@out). */
char *page_write(FILE *out, const struct page *page);

/* "anon-compact, 4 clients"; the variant only where there is one. In memory that the caller frees. */
char *page_cell_name(const char *label, const char *clients);

/* The style sheet, and what a browser is told about the page. */
extern const char page_style[];

#endif
