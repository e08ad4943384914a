/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flame: the stacks of a report as folded lines, and as the tree that a flame graph draws. Values
 * are ns per 1000 faults (ns per iteration where the faults are unknown).
 */
#ifndef ANALYSIS_FLAME_H
#define ANALYSIS_FLAME_H

#include <stddef.h>
#include <stdio.h>

#include "analysis/where.h"

#define FLAME_DEPTH 160 /* frames further in are left out */

struct flame_frame {
	char *name;
	double value[2]; /* with all frames within; of one run only [0] */
	struct flame_frame **children; /* by name */
	size_t nr, cap;
};

/*
 * One line a stack: frames from the outermost inwards, the last one in brackets says why and for
 * which lock, and the value; of two runs, both values. With several cells the first frame names the
 * cell; one that only one of two runs has is left out. This is what flamegraph.pl and difffolded.pl read.
 */
void flame_fold(FILE *out, const struct where *where);

/* The tree of the same, whose root is called "all", or of one cell alone; flame_free() frees it. */
struct flame_frame *flame_new(const struct where *where);
struct flame_frame *flame_new_cell(const struct where_cell *cell);
void flame_free(struct flame_frame *root);

#endif
