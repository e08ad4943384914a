/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query: what the history knows of its runs. */
#ifndef ANALYSIS_HISTORY_QUERY_H
#define ANALYSIS_HISTORY_QUERY_H

#include <stddef.h>

#include "analysis/history/db.h"

/* Which runs; NULL and 0 stand for any. */
struct query {
	const char *name, *branch, *config; /* the config's first digits */
	int machine;
};

struct query_run {
	char *name, *commit, *branch, *started, *kernel, *config, *config_name;
	int64_t committed;
	int machine;
};

struct query_runs {
	struct query_run *all;
	size_t nr, cap;
};

/* The runs in the order of their commits' times, then of their own. Returns 0 with @runs to release, or
 * -errno with the reason in @why. */
int query_runs(struct db *db, const struct query *query, struct query_runs *runs, struct why *why);

/* Free them. */
void query_runs_release(struct query_runs *runs);

#endif
