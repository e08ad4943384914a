/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers behind the curves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/html.h"
#include "analysis/report/lines.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

static int decimals_of(double value)
{
	return fabs(value) >= 1000 ? 0 : fabs(value) >= 10 ? 1 : 4;
}

static void put_value(struct grid *grid, double value)
{
	grid_number(grid, decimals_of(value), value);
}

static void put_change(struct grid *grid, const struct cell *cell, size_t column)
{
	const struct ratio_interval *r = &cell->mean_interval;

	if (!column)
		grid_text(grid, "base");
	else if (isnan(r->ratio))
		grid_text(grid, "-");
	else if (isnan(r->low))
		grid_text(grid, "%+.2f%%", 100 * (r->ratio - 1));
	else
		grid_text(grid, "%+.2f%% [%+.2f, %+.2f]", 100 * (r->ratio - 1), 100 * (r->low - 1),
			  100 * (r->high - 1));
}

static void put_cell(struct grid *grid, const struct page *page, const struct row *row,
		     size_t column, bool noted)
{
	const struct cell *cell = &row->cells[column];

	grid_text(grid, "%s", row->clients);
	if (lines_labelled(&page->rate))
		grid_text(grid, "%s", row->label);
	grid_text(grid, "%s", page->rate.columns.columns[column].name);
	grid_text(grid, "%zu", cell->sum.n);
	put_value(grid, cell->sum.value[STAT_MEAN]);
	put_value(grid, cell->sum.median);
	put_value(grid,
		  cell->sum.n ? fmin(cell->sum.value[STAT_MIN], cell->sum.value[STAT_MAX]) : NAN);
	put_value(grid,
		  cell->sum.n ? fmax(cell->sum.value[STAT_MIN], cell->sum.value[STAT_MAX]) : NAN);
	if (isnan(cell->sum.value[STAT_COEFFVAR]))
		grid_text(grid, "-");
	else
		grid_text(grid, "%.1f%%", cell->sum.value[STAT_COEFFVAR]);
	put_change(grid, cell, column);
	if (noted)
		grid_text(grid, "%s", cell->absent ? cell->absent : "");
}

/* Whether a number of @metric is missing, which has to be explained. */
static bool has_notes(const struct page *page, const struct report_metric *metric)
{
	for (size_t r = 0; r < page->rate.nr_rows; r++)
		for (size_t i = 0; page->rate.rows[r].metric == metric && i < page->rate.columns.nr;
		     i++)
			if (page->rate.rows[r].cells[i].absent)
				return true;
	return false;
}

static void write_metric(FILE *out, const struct page *page, const struct report_metric *metric)
{
	const char *mean = stat_label(STAT_MEAN, metric->better);
	const char *const heads[] = {"clients",	  "variant",	  "run", "n",
				     mean,	  "median",	  "min", "max",
				     "deviation", "change [95%]", "note"};
	bool labelled = lines_labelled(&page->rate), noted = has_notes(page, metric);
	const char *align = labelled ? "rllrrrrrrr" : "rlrrrrrrr";
	const char *align_noted = labelled ? "rllrrrrrrrl" : "rlrrrrrrrl";
	size_t nr = sizeof(heads) / sizeof(heads[0]);
	struct grid grid;

	grid_init(&grid, noted ? align_noted : align);
	for (size_t i = 0; i < nr - !noted; i++)
		if (labelled || i != 1)
			grid_text(&grid, "%s", heads[i]);
	for (size_t r = 0; r < page->rate.nr_rows; r++)
		for (size_t i = 0; page->rate.rows[r].metric == metric && i < page->rate.columns.nr;
		     i++)
			put_cell(&grid, page, &page->rate.rows[r], i, noted);
	html_grid(out, metric->row, &grid);
}

/* Published means may be of one metric alone. */
static bool has_rows(const struct page *page, const struct report_metric *metric)
{
	for (size_t r = 0; r < page->rate.nr_rows; r++)
		if (page->rate.rows[r].metric == metric)
			return true;
	return false;
}

static void write(FILE *out, const struct page *page)
{
	for (size_t m = 0; m < page->rates.nr; m++)
		if (has_rows(page, &page->rates.metrics[m]))
			write_metric(out, page, &page->rates.metrics[m]);
}

const struct section section_numbers = {
	.name = "numbers",
	.title = "Numbers",
	.summary = "The same as 'faultscale compare' prints: means (harmonic of rates), and the "
		   "ratio of the "
		   "means to the first run with its 95% interval.",
	.write = write,
};
