/* SPDX-License-Identifier: GPL-2.0-or-later */
/* svg: a flame graph in one file that needs no script, no font and no network. */
#ifndef ANALYSIS_FORMAT_SVG_H
#define ANALYSIS_FORMAT_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/flame.h"

struct svg_flame {
	const char *title; /* one line */
	const char *before, *after; /* names of the two runs; NULL: one run */
	const struct flame_frame *root;
};

/*
 * Draw the graph: the outermost frames at the bottom, widths by value. Of two runs, widths are by
 * the sum of both, so that what has gone can be seen as well as what is new, red is more time and
 * blue is less. Each frame says its numbers when the pointer is over it. Errors show in
 * ferror(@out).
 */
void svg_flame(FILE *out, const struct svg_flame *flame);

#endif
