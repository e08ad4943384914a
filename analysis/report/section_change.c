/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changed from the first run to the others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/lines.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

/* What the verdict of 'faultscale ab' is about, if the runs are its sides; else NULL. */
static const struct verdict_cell *judged(const struct page *page, const struct row *row,
					 size_t column)
{
	const struct series *base = row->cells[0].series;

	if (column - 1 >= page->nr_verdicts || !base || !page->verdicts[column - 1].pair.known)
		return NULL;
	return pair_find(&page->verdicts[column - 1].pair, row->metric->metric,
			 page->runs->runs[0]->variants[base->variant].name, row->clients);
}

/* Into @point, as the verdict has it, or by bootstrap. */
static void set_change(struct chart_point *point, const struct page *page, const struct row *row,
		       size_t column)
{
	const struct verdict_cell *verdict = judged(page, row, column);
	const struct ratio_interval *ratio = &row->cells[column].mean_interval;

	if (verdict && !verdict->failure) {
		point->y = verdict_percent(verdict->estimate);
		point->low = verdict_percent(verdict->low);
		point->high = verdict_percent(verdict->high);
	} else {
		point->y = 100 * (ratio->ratio - 1);
		point->low = 100 * (ratio->low - 1);
		point->high = 100 * (ratio->high - 1);
	}
}

static void add_run(struct chart *chart, const struct page *page,
		    const struct report_metric *metric, const char *label, size_t column)
{
	const struct comparison *c = &page->rate;
	double beside = 0.5 * ((column - 0.5) / (c->columns.nr - 1) - 0.5);
	struct chart_series *s =
		chart_add(chart, c->columns.columns[column].name, CHART_LINE, column + 1);

	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct row *row = &c->rows[r];
		struct chart_point point = {.quarter = NAN, .three_quarters = NAN};

		if (row->metric != metric || strcmp(row->label, label))
			continue;
		point.x = chart_tick(chart, row->clients) + (c->columns.nr > 2 ? beside : 0);
		set_change(&point, page, row, column);
		if (isfinite(point.y))
			*series_point(s, 0, 0) = point;
	}
}

/* Changes up to this do not count. */
static double delta_of(const struct page *page)
{
	const struct page_verdict *v = page->nr_verdicts ? &page->verdicts[0] : NULL;

	if (!v || v->none || (v->pair.known ? v->pair.rule.ask.exact : v->gate.exact))
		return NAN;
	return 100 * (v->pair.known ? v->pair.rule.ask.delta : v->gate.rule.ask.delta);
}

static void add_chart(struct charts *charts, const struct page *page,
		      const struct report_metric *metric, const char *label)
{
	static const char *const ways[] = {"", ": up is better", ": down is better"};
	char *name = xasprintf("change of %s", metric->row);
	struct chart *chart = charts_add(charts, lines_title(name, label));

	chart->y_label = "change";
	chart->percent = chart->sign = true;
	chart->band = delta_of(page);
	chart->caption =
		xasprintf("To '%s'%s.%s", page->rate.columns.columns[0].name, ways[metric->better],
			  isnan(chart->band) ? "" : " Changes within the grey band do not count.");
	for (size_t i = 1; i < page->rate.columns.nr; i++)
		add_run(chart, page, metric, label, i);
	free(name);
	if (!chart_has_points(chart))
		charts_drop(charts);
}

static void charts(struct charts *charts, const struct page *page)
{
	const char *label;

	for (size_t m = 0; page->rate.columns.nr > 1 && m < page->rates.nr; m++)
		for (size_t i = 0; (label = lines_label(&page->rate, &page->rates.metrics[m], i));
		     i++)
			add_chart(charts, page, &page->rates.metrics[m], label);
}

const struct section section_change = {
	.name = "change",
	.title = "What changed",
	.summary = "The change of each rate against the first run (or variant), with its 95% "
		   "interval: that of the verdict where the runs are sides of 'faultscale ab', "
		   "else of the ratio of the means, by bootstrap. An interval that holds 0 shows "
		   "no change.",
	.charts = charts,
};
