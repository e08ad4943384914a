/* SPDX-License-Identifier: GPL-2.0-or-later */
/* svg: a flame graph, as one file or as part of a page, that needs no script, no font and no network. */
#ifndef ANALYSIS_FORMAT_SVG_H
#define ANALYSIS_FORMAT_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/flame.h"

struct svg_flame {
	const char *title; /* one line */
	const char *before, *after; /* names of the two runs; NULL: one run */
	const struct flame_frame *root;
	const char *id; /* in a page, what names in it begin with; NULL: a file of its own */
	size_t most; /* frames; 0: as many as can be seen */
};

/*
 * Draw the graph: the outermost frames at the bottom, widths by value. Of two runs, widths are by
 * the sum of both, so that what has gone can be seen as well as what is new, red is more time and
 * blue is less. Each frame says its numbers when the pointer is over it. Returns how many frames were
 * left out because they hold less than *@share of all. Errors show in ferror(@out).
 */
size_t svg_flame(FILE *out, const struct svg_flame *flame, double *share);

/* What its widths and colours mean, escaped for HTML and XML. */
void svg_flame_words(FILE *out, const struct svg_flame *flame);

/* The style sheet of those graphs that are part of a page; a file has it in it. */
extern const char svg_flame_style[];

#endif
