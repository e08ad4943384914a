/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * where: where the time of one run goes, or of two that are compared, cell by cell. Columns are
 * chosen as for compare: two runs, or two values of a dimension (two lock designs, two pins) of one.
 */
#ifndef ANALYSIS_WHERE_H
#define ANALYSIS_WHERE_H

#include "analysis/profile.h"
#include "analysis/run_args.h"
#include "analysis/select.h"

struct where_cell {
	const char *label; /* what its column calls the variant; "" for the only one */
	unsigned clients;
	struct profile_source sources[2];
	struct profile profile;
};

struct where {
	enum profile_of of;
	struct findings *findings; /* by run */
	size_t nr_findings;
	struct columns columns; /* 1 or 2 */
	struct where_cell *cells; /* by label, then by clients */
	size_t nr, cap;
};

/*
 * Read the probes' tables of @runs and add up the cells that @selection leaves. Returns 0 with a
 * @where to release, or -errno with the reason in @why. @runs have to stay.
 */
int where_init(struct where *where, enum profile_of of, const struct run_list *runs,
	       const struct selection *selection, const struct bootstrap *boot, struct notes *notes,
	       struct why *why);

/*
 * Whether a probe lost more than 1% of what it was to count in a cell that is shown, or stacks of
 * more than 1% of the waits: such a report would lead astray. Returns 0, or -ERANGE with the first
 * such loss in @why.
 */
int where_check_lost(const struct where *where, struct why *why);

/* Why the probe of this report did not run in a run that is shown, as "RUN: REASON" in memory that
 * the caller frees; NULL if it ran. Then there are no waits, which is not the same as none. */
char *where_unsupported(const struct where *where);

/* The largest client count that all columns have of the label of cell @i, which has to be its first one.
 * NULL if there is none, or if cell @i is not. */
const struct where_cell *where_largest(const struct where *where, size_t i);

/* Whether variants have to be told apart. */
bool where_labelled(const struct where *where);

/* Free what it holds; the runs stay. */
void where_release(struct where *where);

#endif
