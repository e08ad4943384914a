/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format/layout.h"
#include "common/xalloc.h"

static const char *const direction[] = {
	[BETTER_UNKNOWN] = "Neither",
	[BETTER_HIGHER] = "Higher",
	[BETTER_LOWER] = "Lower",
};

/* The averages below the ratios; the D rows are of the distances between the intervals. */
enum average { AVERAGE_MEAN, AVERAGE_MIN, AVERAGE_MAX, AVERAGE_GEOMETRIC };
static const char *const average_labels[] = {"Dmean", "Dmin ", "Dmax ", "Gmean"};

/* An average over the rows of one direction in column @i; NaN if no row has a number. */
static double average(const struct comparison *c, size_t i, enum better better, enum average kind)
{
	double sum = 0, product = 1, min = INFINITY, max = -INFINITY;
	size_t nr = 0;

	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct cell *cell = &c->rows[r].cells[i];
		double d = kind == AVERAGE_GEOMETRIC ? cell->ratio : cell->ratio_distance;

		if (c->rows[r].metric->better != better || isnan(d))
			continue;
		nr++;
		sum += d;
		min = fmin(min, d);
		max = fmax(max, d);
		product *= d == 0 ? 0.00001 : d;
	}
	if (!nr)
		return NAN;
	switch (kind) {
	case AVERAGE_MEAN:
		return sum / nr;
	case AVERAGE_MIN:
		return min;
	case AVERAGE_MAX:
		return max;
	default:
		return pow(product, 1.0 / nr);
	}
}

static void ratio_cells(struct sheet *sheet, const struct comparison *c, const struct cell *cell)
{
	char value[400], percent[400];
	bool absent = isnan(cell->ratio);

	sheet_cell(sheet, MARK_PLAIN, "%s",
		   layout_number(value, sizeof(value), c->report->width, c->report->decimals,
				 cell->ratio, absent));
	sheet_cell(sheet, MARK_PLAIN, " (%s%s)",
		   layout_number(percent, sizeof(percent), 0, 2, layout_rounded(cell->ratio_change),
				 absent),
		   absent ? "" : "%");
	if (isnan(cell->ratio_distance))
		sheet_cell(sheet, MARK_PLAIN, c->zeros ? " (NaNs)" : " (-)");
	else
		sheet_cell(sheet, MARK_PLAIN, " (%+.2fs)", cell->ratio_distance);
}

static void average_row(struct sheet *sheet, const struct comparison *c, enum better better,
			enum average kind, int label_width)
{
	char label[32], text[400];

	snprintf(label, sizeof(label), "%s %s", average_labels[kind], direction[better]);
	sheet->cells = 0;
	sheet->style->row(sheet);
	sheet_cell(sheet, MARK_PLAIN, "%-*s", label_width, label);
	for (size_t i = 0; i < c->columns.nr; i++) {
		double value = average(c, i, better, kind);

		sheet_cell(sheet, MARK_PLAIN, "%s",
			   layout_number(text, sizeof(text), c->report->width, c->report->decimals,
					 value, isnan(value)));
		sheet_cell(sheet, MARK_FILLER, " (0.00%%)");
		sheet_cell(sheet, MARK_FILLER, " (+0.00s)");
	}
	sheet->style->row_end(sheet, false);
}

/* The averages of the rows of which @better is the direction, if there are any. */
static void average_rows(struct sheet *sheet, const struct comparison *c, enum better better,
			 int label_width)
{
	bool any = false;

	for (size_t r = 0; r < c->nr_rows; r++)
		any |= c->rows[r].metric->better == better;
	if (!any)
		return;
	for (enum average kind = AVERAGE_MEAN; kind <= AVERAGE_GEOMETRIC; kind++)
		if (kind == AVERAGE_GEOMETRIC || comparison_has_intervals(c))
			average_row(sheet, c, better, kind, label_width);
}

void layout_ratio(FILE *out, const struct comparison *c, const struct layout *layout)
{
	/* mmtests' HTML has header cells of two columns over rows of one label and three cells a
	 * run. */
	const unsigned labels = layout->style->fixed_cells ? 2 : 1;
	const unsigned span = layout->style->fixed_cells ? 2 : 3;
	const int width = c->report->width + 11;
	struct head_shape head = {0, labels, width, width, span, span};
	struct sheet sheet = {.out = out, .style = layout->style};
	int label_width = 0;

	for (size_t r = 0; r < c->nr_rows; r++) {
		int len = strlen("Ratio ") + strlen(c->rows[r].name);

		label_width = len > label_width ? len : label_width;
	}
	sheet.style->begin(&sheet);
	head.indent = label_width;
	layout_head(&sheet, &c->columns, &head);
	for (size_t r = 0; r < c->nr_rows; r++) {
		char *label = xasprintf("Ratio %s", c->rows[r].name);

		sheet.cells = 0;
		sheet.style->row(&sheet);
		sheet_cell(&sheet, MARK_PLAIN, "%-*s", label_width, label);
		free(label);
		for (size_t i = 0; i < c->columns.nr; i++)
			ratio_cells(&sheet, c, &c->rows[r].cells[i]);
		sheet.style->row_end(&sheet, false);
	}
	average_rows(&sheet, c, BETTER_HIGHER, label_width);
	average_rows(&sheet, c, BETTER_LOWER, label_width);
	average_rows(&sheet, c, BETTER_UNKNOWN, label_width);
	sheet.style->end(&sheet);
}
