/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary: what a run says of itself when it is over. */
#ifndef HARNESS_SUMMARY_H
#define HARNESS_SUMMARY_H

#include <stddef.h>
#include <stdio.h>

#include "harness/exec.h"

/* A line per failed step of @exec, the first ten of them, each beginning with "@who: ". */
void summary_failures(FILE *out, const char *who, const struct exec *exec);

/* The command that goes on with a run, in memory that the caller frees. */
char *summary_resume(const char *name, const char *results);

/* What to type next, with so many good and failed steps in all. */
void summary_next(FILE *out, const char *name, const char *results, size_t nr_good,
		  size_t nr_failed);

/* How a run ended that had @before steps done when it began, and @nr_failed failed ones in all. */
void summary_end(FILE *out, const struct exec *exec, size_t before, size_t nr_failed,
		 double seconds);

#endif
