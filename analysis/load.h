/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load: finds out what a result directory is and has it read. */
#ifndef ANALYSIS_LOAD_H
#define ANALYSIS_LOAD_H

#include <stdbool.h>

#include "analysis/notes.h"
#include "analysis/run.h"
#include "common/say.h"

/*
 * Read the run in directory @path: our own if it holds samples.tsv, else mmtests logs. With
 * @absent_is_empty a directory that holds neither becomes a RUN_ABSENT and a note, as mmtests
 * prints a column of zeros for it. Returns 0 with a @run to release, or -errno with the reason in
 * @why.
 */
int run_load(struct run *run, const char *name, const char *path, bool absent_is_empty,
	     struct notes *notes, struct why *why);

#endif
