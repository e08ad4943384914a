/* SPDX-License-Identifier: GPL-2.0-or-later */
/* layout: what the tables of compare hold, for any style. */
#ifndef ANALYSIS_FORMAT_LAYOUT_H
#define ANALYSIS_FORMAT_LAYOUT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/format/style.h"

struct layout {
	const struct style *style;
	bool no_compare; /* values only, no percentages */
	bool significance; /* more rows that say which differences are significant */
};

/* mmtests' default table: statistic by statistic over all rows. */
void layout_table(FILE *out, const struct comparison *c, const struct layout *layout);

/* mmtests' ratio table: the means as ratios to the baseline, and their averages. */
void layout_ratio(FILE *out, const struct comparison *c, const struct layout *layout);

/* mmtests' duration table. */
void layout_duration(FILE *out, const struct columns *columns, const struct layout *layout);

/* How the header fits to the rows below it. */
struct head_shape {
	int indent; /* blanks over the labels */
	unsigned labels; /* cells of the labels */
	int base_width, width; /* names are right-aligned over the baseline, over the others */
	unsigned base_span, span; /* cells there */
};

/* Print the runs' names above their columns. */
void layout_head(struct sheet *sheet, const struct columns *columns,
		 const struct head_shape *shape);

/* "%.*f" of @value padded to @width; mmtests' "NaN", and "-" for what does not exist. */
const char *layout_number(char *buf, size_t size, int width, int decimals, double value,
			  bool absent);

/* A percentage went through text with 15 digits in mmtests before it was printed. */
double layout_rounded(double percent);

#endif
