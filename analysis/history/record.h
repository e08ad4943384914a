/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: what the history knows of one run, read from the run itself. */
#ifndef ANALYSIS_HISTORY_RECORD_H
#define ANALYSIS_HISTORY_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "common/meta.h"
#include "common/say.h"

/* One metric of one variant at one client count, over all iterations. */
struct record_mean {
	char *variant, *clients, *metric;
	size_t n;
	double log_mean, log_sd; /* of natural logarithms; a single value has a deviation of 0 */
};

struct record {
	char *name; /* below the directory of results */
	char *commit, *branch;
	int64_t committed; /* seconds since 1970: the place in the branch */
	char *started; /* as in meta.tsv */
	char *kernel;
	char *config; /* what was measured, as 16 hex digits: the cells, whatever their order */
	char *config_name; /* the file's, for people */
	struct meta machine; /* its facts, without the kernel */
	struct record_mean *means;
	size_t nr, cap;
};

/* What a run is labelled with. NULL, and a @committed below 0: as the run is labelled already. */
struct record_label {
	const char *commit, *branch;
	int64_t committed;
};

/*
 * Write the label into the meta.tsv of run @name below @results, where `history rebuild` finds it. The
 * branch is main, and the time that when the run was started, unless one of both says something else.
 * Returns 0; -EINVAL for a run that nothing can be said of: not ours, not complete, no commit; another
 * -errno; with the reason in @why.
 */
int record_label(const char *results, const char *name, const struct record_label *label,
		 struct why *why);

/* Read run @name below @results. A run without a label has the commit "" and is @committed below 0.
 * Returns 0 with a @record to release, or -errno with the reason. */
int record_read(struct record *record, const char *results, const char *name, struct why *why);

/* The same of the run in directory @path, without its means. */
int record_describe(struct record *record, const char *path, struct why *why);

/* Free what the record holds. */
void record_release(struct record *record);

/* Seconds since 1970 of "2026-01-31T12:00:00Z", "2026-01-31" or a number of them; -1 for anything else. */
int64_t record_time(const char *text);

/* The same as text, "2026-01-31". Returns @buf. */
const char *record_day(char *buf, size_t size, int64_t time);

#endif
