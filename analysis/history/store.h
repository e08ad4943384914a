/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: puts runs into the history. */
#ifndef ANALYSIS_HISTORY_STORE_H
#define ANALYSIS_HISTORY_STORE_H

#include <stddef.h>

#include "analysis/history/db.h"
#include "analysis/history/record.h"
#include "analysis/notes.h"

/* Add a run, or put it in the place of the one of that name. Returns 0, or -errno with the reason in
 * @why; then the history is as it was. */
int store_add(struct db *db, const struct record *record, struct why *why);

/*
 * Make the history again from the runs of @results that have a commit, in one transaction. @nr_runs
 * gets their number; a run that cannot be read gets a note. Returns 0, or -errno with the reason in
 * @why.
 */
int store_rebuild(struct db *db, const char *results, size_t *nr_runs, struct notes *notes,
		  struct why *why);

/* Read run @name as the history knows it, which is there even if the run is not. Returns the number of
 * its machine with a @record to release, -ENOENT if there is none, or another -errno; with the reason
 * in @why. */
int store_read(struct db *db, const char *name, struct record *record, struct why *why);

/*
 * The machine with these facts: its number, 0 if the history knows none, or -errno with the reason. One
 * that was added first stands for all that are alike (analysis/unlike.h).
 */
int store_machine(struct db *db, const struct meta *facts, struct why *why);

#endif
