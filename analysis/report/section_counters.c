/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counters say of one fault. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/lines.h"
#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

#define MOST 24 /* charts and one more; the events of the whole system are some hundreds */

/* Whether a chart shows anything but zeros. */
static bool has_numbers(const struct chart *chart)
{
	for (size_t i = 0; i < chart->nr; i++)
		for (size_t k = 0; k < chart->series[i].nr; k++)
			if (chart->series[i].points[k].y != 0)
				return true;
	return false;
}

static void charts(struct charts *charts, const struct page *page)
{
	for (size_t m = 0; m < page->costs.nr && charts->nr <= MOST; m++) {
		size_t before = charts->nr;

		lines_add(charts, &page->cost, &page->costs.metrics[m]);
		while (charts->nr > before && !has_numbers(&charts->charts[charts->nr - 1]))
			charts_drop(charts);
	}
}

/* Why a metric has no number in any run; NULL if it has one. */
static const char *absent(const struct comparison *c, const struct report_metric *metric)
{
	const char *why = NULL;

	for (size_t r = 0; r < c->nr_rows; r++)
		for (size_t i = 0; c->rows[r].metric == metric && i < c->columns.nr; i++) {
			if (c->rows[r].cells[i].sum.n)
				return NULL;
			why = why ? why : c->rows[r].cells[i].absent;
		}
	return why;
}

/* The counters from @first on whose numbers are missing for the reason @why, with commas between them. In
 * memory that the caller frees. */
static char *absent_alike(const struct page *page, size_t first, const char *why)
{
	size_t len;
	char *names;
	FILE *out = xmemstream(&names, &len);

	for (size_t m = first; m < page->costs.nr; m++) {
		const char *other = absent(&page->cost, &page->costs.metrics[m]);

		if (other && !strcmp(other, why))
			fprintf(out, "%s%s", m > first ? ", " : "", page->costs.metrics[m].metric);
	}
	fclose(out);
	return names;
}

/* Whether a counter before @metric has told of the reason. */
static bool is_told(const struct page *page, size_t metric, const char *why)
{
	for (size_t m = 0; m < metric; m++) {
		const char *other = absent(&page->cost, &page->costs.metrics[m]);

		if (other && !strcmp(other, why))
			return true;
	}
	return false;
}

/* Most are missing for the same reason: each is told once. */
static void write_missing(FILE *out, const struct page *page)
{
	struct grid grid;
	size_t nr = 0;

	grid_init(&grid, "ll");
	grid_text(&grid, "counters");
	grid_text(&grid, "why there is no number");
	for (size_t m = 0; m < page->costs.nr; m++) {
		const char *why = absent(&page->cost, &page->costs.metrics[m]);
		char *names;

		if (!why || is_told(page, m, why))
			continue;
		names = absent_alike(page, m, why);
		grid_text(&grid, "%s", names);
		grid_text(&grid, "%s", why);
		free(names);
		nr++;
	}
	if (nr)
		html_grid(out, "Counters without a number", &grid);
	grid_release(&grid);
}

static void put_number(struct grid *grid, double value)
{
	grid_number(grid,
		    isnan(value) || value == 0 ? 0
		    : fabs(value) < 0.001      ? 6
		    : fabs(value) < 10	       ? 4
					       : 1,
		    value);
}

static void put_heads(struct grid *grid, const struct comparison *c, bool labelled)
{
	grid_text(grid, "counter");
	if (labelled)
		grid_text(grid, "variant");
	grid_text(grid, "clients");
	for (size_t i = 0; i < c->columns.nr; i++)
		grid_text(grid, "%s", c->columns.columns[i].name);
}

static void write_all(FILE *out, const struct page *page)
{
	const struct comparison *c = &page->cost;
	bool labelled = lines_labelled(c);
	char *align = xcalloc(c->columns.nr + 4, 1);
	struct grid grid;

	memset(align, 'r', c->columns.nr + (labelled ? 3 : 2));
	memset(align, 'l', labelled ? 2 : 1);
	grid_init(&grid, align);
	put_heads(&grid, c, labelled);
	for (size_t r = 0; r < c->nr_rows; r++) {
		grid_text(&grid, "%s", c->rows[r].metric->metric);
		if (labelled)
			grid_text(&grid, "%s", c->rows[r].label);
		grid_text(&grid, "%s", c->rows[r].clients);
		for (size_t i = 0; i < c->columns.nr; i++)
			put_number(&grid, c->rows[r].cells[i].sum.value[STAT_MEAN]);
	}
	if (c->nr_rows) {
		fputs("<details><summary>All counters as a table</summary>\n", out);
		html_grid(out, "Counters per fault, means", &grid);
		fputs("</details>\n", out);
	}
	grid_release(&grid);
	free(align);
}

static void write(FILE *out, const struct page *page)
{
	write_missing(out, page);
	write_all(out, page);
}

const struct section section_counters = {
	.name = "counters",
	.title = "Counters",
	.summary = "What was counted beside the measured region, for one fault.",
	.charts = charts,
	.write = write,
	.missing =
		"no run has counters per fault: PFT_COUNTERS and PFT_EVENTS in the config ask for "
		"them",
};
