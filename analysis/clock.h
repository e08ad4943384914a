/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock: what the times in a run are. Where an emulator translated the machine's code (faultscale guest
 * without KVM) they say nothing; where it counted instructions (--icount) they are numbers of instructions.
 */
#ifndef ANALYSIS_CLOCK_H
#define ANALYSIS_CLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/run.h"

/* The clock of the run in directory @path, after its meta.tsv. */
enum run_clock clock_read(const char *path);

/* Whether @metric is a time, a rate or a count of cycles: what needs a clock. */
bool clock_is_asked(const char *metric);

/* One sentence about those of the @nr runs whose times mean nothing, and those whose times are instructions,
 * in memory that the caller frees; NULL: all have real ones. */
char *clock_text(struct run *const *runs, size_t nr);

#endif
