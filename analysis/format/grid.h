/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grid: a small table whose columns are as wide as what stands in them. */
#ifndef ANALYSIS_FORMAT_GRID_H
#define ANALYSIS_FORMAT_GRID_H

#include <stddef.h>
#include <stdio.h>

#include "analysis/format/style.h"

struct grid {
	const char *align; /* 'l' or 'r' for each column */
	const char *caption; /* for styles that show one, or NULL; kept */
	char **cells; /* row by row, the first row is the header */
	size_t nr, cap;
};

/* Start a table with these columns; @align is kept. */
void grid_init(struct grid *grid, const char *align);

/* Add the next cell, or a number with @decimals ("-" for NaN). */
void grid_text(struct grid *grid, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void grid_number(struct grid *grid, int decimals, double value);

/* The same for a time in ns, which is printed as people read it ("16 us"). */
void grid_time(struct grid *grid, double ns);

/* Print it through @style, and free what the grid holds. */
void grid_print(struct grid *grid, FILE *out, const struct style *style);

/* Free what the grid holds. */
void grid_release(struct grid *grid);

#endif
