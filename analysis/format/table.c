/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "analysis/format/layout.h"

#define INTERVAL_WIDTH 22 /* " [%8.2f%% %8.2f%%]" */

/* The widths that all rows share. */
struct shape {
	const struct comparison *c;
	const struct layout *layout;
	int label, operation; /* longest of each */
	int width, decimals;
};

static int longest(int a, const char *text)
{
	int len = strlen(text);

	return len > a ? len : a;
}

static struct shape shape_of(const struct comparison *c, const struct layout *layout)
{
	struct shape s = {.c = c,
			  .layout = layout,
			  .width = c->report->width,
			  .decimals = c->report->decimals};

	for (size_t r = 0; r < c->nr_rows; r++) {
		s.operation = longest(s.operation, c->rows[r].name);
		for (size_t k = 0; k < NR_STATS; k++) {
			const char *label = stat_label(k, c->rows[r].metric->better);

			s.label = label ? longest(s.label, label) : s.label;
		}
	}
	return s;
}

static enum mark mark_of(enum better better, const struct cell *cell, double percent)
{
	if (!cell->significant)
		return MARK_PLAIN;
	if (better == BETTER_UNKNOWN)
		return MARK_CHANGED;
	return percent > 0 ? MARK_BETTER : MARK_WORSE;
}

/* A percentage of the width of mmtests' brackets, which stand beside the value. */
static void percent_cell(struct sheet *sheet, const struct shape *s, double percent, enum mark mark)
{
	char text[400];

	if (s->layout->no_compare && !sheet->style->fixed_cells)
		return;
	if (s->layout->no_compare)
		sheet_cell(sheet, MARK_PLAIN, "%s", "");
	else if (isnan(percent) && !s->c->zeros)
		sheet_cell(sheet, MARK_PLAIN, " (%8s)", "-");
	else
		sheet_cell(sheet, mark, " (%s%%)",
			   layout_number(text, sizeof(text), 7, 2, layout_rounded(percent), false));
}

/* The interval of the ratio in percent as the change is: positive when better. Not for the
 * baseline. */
static void interval_cell(struct sheet *sheet, const struct shape *s, size_t column,
			  const struct ratio_interval *interval, enum better better)
{
	double low, high;

	if (!s->c->options.bootstrap || !column)
		return;
	if (!interval || isnan(interval->low)) {
		sheet_cell(sheet, MARK_FILLER, "%*s", INTERVAL_WIDTH, "");
		return;
	}
	low = (interval->low - 1) * 100;
	high = (interval->high - 1) * 100;
	if (better == BETTER_LOWER)
		sheet_cell(sheet, MARK_PLAIN, " [%8.2f%% %8.2f%%]", -high, -low);
	else
		sheet_cell(sheet, MARK_PLAIN, " [%8.2f%% %8.2f%%]", low, high);
}

static void label_cells(struct sheet *sheet, const struct shape *s, const char *label,
			const char *operation)
{
	sheet->cells = 0;
	sheet->style->row(sheet);
	sheet_cell(sheet, MARK_PLAIN, "%-*s", s->label, label);
	sheet_cell(sheet, MARK_PLAIN, " %-*s", s->operation, operation);
}

static void value_cell(struct sheet *sheet, const struct shape *s, double value)
{
	char text[400];

	if (isnan(value) && s->c->zeros)
		value = 0;
	sheet_cell(sheet, MARK_PLAIN, "%s",
		   layout_number(text, sizeof(text), s->width, s->decimals, value, isnan(value)));
}

static void stat_row(struct sheet *sheet, const struct shape *s, const struct row *row,
		     enum statistic stat)
{
	enum better better = row->metric->better;

	label_cells(sheet, s, stat_label(stat, better), row->name);
	for (size_t i = 0; i < s->c->columns.nr; i++) {
		const struct cell *cell = &row->cells[i];
		double percent = cell->change[stat];

		value_cell(sheet, s, cell->sum.value[stat]);
		percent_cell(sheet, s, percent,
			     stat == STAT_MEAN ? mark_of(better, cell, percent) : MARK_PLAIN);
		interval_cell(sheet, s, i, stat == STAT_MEAN ? &cell->mean_interval : NULL, better);
	}
	sheet->style->row_end(sheet, false);
}

static void median_row(struct sheet *sheet, const struct shape *s, const struct row *row)
{
	enum better better = row->metric->better;

	label_cells(sheet, s, "Median", row->name);
	for (size_t i = 0; i < s->c->columns.nr; i++) {
		const struct cell *cell = &row->cells[i];

		value_cell(sheet, s, cell->sum.median);
		percent_cell(
			sheet, s,
			change_plain(better, STAT_MIN, cell->sum.median, row->cells[0].sum.median),
			MARK_PLAIN);
		interval_cell(sheet, s, i, &cell->median_interval, better);
	}
	sheet->style->row_end(sheet, false);
}

/* mmtests keeps the distance where other rows have a percentage, and ends the row with blanks. */
static void significance_row(struct sheet *sheet, const struct shape *s, const struct row *row)
{
	label_cells(sheet, s, "Significant", row->name);
	for (size_t i = 0; i < s->c->columns.nr; i++) {
		const struct cell *cell = &row->cells[i];

		value_cell(sheet, s, isnan(cell->distance) ? NAN : cell->significant);
		percent_cell(sheet, s, cell->distance, MARK_PLAIN);
		interval_cell(sheet, s, i, NULL, BETTER_UNKNOWN);
	}
	if (sheet->style->pads)
		sheet_cell(sheet, MARK_FILLER, "%*s", s->width, "");
	sheet->style->row_end(sheet, false);
}

void layout_table(FILE *out, const struct comparison *c, const struct layout *layout)
{
	struct sheet sheet = {.out = out, .style = layout->style};
	struct shape s = shape_of(c, layout);
	unsigned span = layout->no_compare && !layout->style->fixed_cells ? 1 : 2;
	int width = s.width + (layout->no_compare ? 0 : 11);
	struct head_shape head = {s.label + 1 + s.operation, 2, width, width, span, span};

	if (c->options.bootstrap) {
		head.span++;
		head.width += INTERVAL_WIDTH;
	}
	sheet.style->begin(&sheet);
	layout_head(&sheet, &c->columns, &head);
	for (size_t k = 0; k < NR_STATS; k++) {
		for (size_t r = 0; r < c->nr_rows; r++)
			if (stat_label(k, c->rows[r].metric->better))
				stat_row(&sheet, &s, &c->rows[r], k);
		for (size_t r = 0; c->options.bootstrap && k == STAT_MEAN && r < c->nr_rows; r++)
			median_row(&sheet, &s, &c->rows[r]);
	}
	for (size_t r = 0; layout->significance && r < c->nr_rows; r++)
		significance_row(&sheet, &s, &c->rows[r]);
	sheet.style->end(&sheet);
	if (c->options.bootstrap)
		fprintf(out,
			"%s%g%% %s bootstrap intervals of the ratio to '%s', %u resamples, "
			"seed %llu\n",
			sheet.style == &style_markdown ? "\n" : "",
			c->options.bootstrap->level * 100,
			c->options.bootstrap->percentile ? "percentile" : "BCa",
			c->columns.columns[0].name, c->options.bootstrap->resamples,
			(unsigned long long)c->options.bootstrap->seed);
}
