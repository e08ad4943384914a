/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether all workers get their share. */
#include <string.h>

#include "analysis/report/lines.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

#define MOST 24 /* boxes of a run that can be told apart */

static const struct page_run *side_of(const struct page *page, const struct run *run)
{
	for (size_t i = 0; i < page->runs->nr; i++)
		if (page->sides[i].run == run)
			return &page->sides[i];
	return NULL;
}

static bool is_of(const struct page *page, const struct row *row, const char *label)
{
	return row->metric == &page->rates.metrics[0] && !strcmp(row->label, label);
}

static size_t counts_of(const struct page *page, const char *label)
{
	size_t nr = 0;

	for (size_t r = 0; r < page->rate.nr_rows; r++)
		nr += is_of(page, &page->rate.rows[r], label);
	return nr;
}

/* Of every @step-th client count, counted from the last one. */
static void add_boxes(struct chart *chart, const struct page *page, const char *label,
		      size_t column, size_t step)
{
	const struct comparison *c = &page->rate;
	const struct column *of = &c->columns.columns[column];
	double beside = 0.4 * (column - (c->columns.nr - 1) / 2.0);
	struct chart_series *s = chart_add(chart, of->name, CHART_BOX, column + 1);
	size_t left = counts_of(page, label);

	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct series *series = c->rows[r].cells[column].series;
		struct worker_spread spread;

		if (!is_of(page, &c->rows[r], label) || --left % step || !series)
			continue;
		worker_spread(&spread, &side_of(page, of->run)->workers, series->variant,
			      lines_clients(series->clients));
		if (!spread.nr || lines_clients(series->clients) < 2)
			continue;
		*series_point(s, 0, 0) = (struct chart_point){
			.x = chart_tick(chart, c->rows[r].clients) + beside,
			.y = spread.median,
			.low = spread.min,
			.high = spread.max,
			.quarter = spread.quarter,
			.three_quarters = spread.three_quarters,
		};
	}
}

static void charts(struct charts *charts, const struct page *page)
{
	const char *label;

	for (size_t i = 0; (label = lines_label(&page->rate, &page->rates.metrics[0], i)); i++) {
		struct chart *chart =
			charts_add(charts, lines_title("rate of single workers", label));

		size_t step = 1 + counts_of(page, label) / MOST;

		chart->y_label = "of the mean of all";
		chart->percent = true;
		if (step > 1)
			chart->caption = xasprintf("One of %zu client counts is shown.", step);
		/* More than two boxes beside each other cannot be told apart. */
		for (size_t k = 0; k < page->rate.columns.nr && k < 2; k++)
			add_boxes(chart, page, label, k, step);
		if (!chart_has_points(chart))
			charts_drop(charts);
	}
}

const struct section section_workers = {
	.name = "workers",
	.title = "Workers",
	.summary = "Each worker's fault rate as a share of the mean of its step, over all "
		   "iterations: the "
		   "whiskers hold all workers, the box half of them, the line is the median. Long "
		   "whiskers mean that some starve.",
	.charts = charts,
	.missing = "no run tells of single workers",
};
