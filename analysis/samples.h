/* SPDX-License-Identifier: GPL-2.0-or-later */
/* samples: reads samples.tsv and plan.tsv of our own runs (docs/format.md). */
#ifndef ANALYSIS_SAMPLES_H
#define ANALYSIS_SAMPLES_H

#include "analysis/notes.h"
#include "analysis/run.h"
#include "common/say.h"

/*
 * Read the samples of whole processes (thread "all") in @path. A step without its closing record, a
 * failed step and a torn last line are left out and noted. Returns 0, or -errno with file:line in
 * @why.
 */
int samples_read(struct run *run, const char *path, struct notes *notes, struct why *why);

/* Fill in what the variants of @run are made of from the plan.tsv @path. Returns 0 or -errno. */
int samples_read_plan(struct run *run, const char *path, struct why *why);

#endif
