/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the workers' time goes: user code, the kernel, or not on a CPU at all. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/lines.h"
#include "analysis/report/section.h"

/* Means over the iterations; NaN: not known. */
struct cpu_time {
	double user, system, all; /* seconds of all workers together */
};

static double mean_of_metric(const struct run *run, const struct series *of, const char *metric)
{
	const struct series *series = run_find(run, of->variant, of->clients, metric);
	double sum = 0;

	for (size_t i = 0; series && i < series->nr; i++)
		sum += series->samples[i].value;
	return series && series->nr ? sum / series->nr : NAN;
}

static void read_time(struct cpu_time *t, const struct page *page, const struct run *run,
		      const struct series *series)
{
	double clients = lines_clients(series->clients);
	struct worker_spread spread = {.thread_s = NAN};

	t->user = mean_of_metric(run, series, "user_s");
	t->system = mean_of_metric(run, series, "system_s");
	for (size_t i = 0; i < page->runs->nr; i++)
		if (page->sides[i].run == run)
			worker_spread(&spread, &page->sides[i].workers, series->variant, clients);
	t->all = isnan(spread.thread_s) ? clients * mean_of_metric(run, series, "wall_s")
					: spread.thread_s;
	/* Clocks of the two differ by a tick or so. */
	t->all = fmax(t->all, t->user + t->system);
}

/* One of the parts, on top of those below it. */
static void add_part(struct chart *chart, size_t part, const char *clients, double below,
		     double share)
{
	*series_point(&chart->series[part], 0, 0) = (struct chart_point){
		.x = chart_tick(chart, clients),
		.y = below + share / 2,
		.low = below,
		.high = below + share,
		.quarter = NAN,
		.three_quarters = NAN,
	};
}

static void add_clients(struct chart *chart, const char *clients, const struct cpu_time *t)
{
	double user = 100 * t->user / t->all, system = 100 * t->system / t->all;

	if (!isfinite(user) || !isfinite(system))
		return;
	add_part(chart, 0, clients, 0, user);
	add_part(chart, 1, clients, user, system);
	add_part(chart, 2, clients, user + system, 100 - user - system);
}

static void add_chart(struct charts *charts, const struct page *page, const char *label,
		      size_t column)
{
	const struct comparison *c = &page->rate;
	const struct column *of = &c->columns.columns[column];
	struct chart *chart = charts_add(charts, lines_title(of->name, label));

	chart->y_label = "of thread time";
	chart->percent = chart->from_zero = true;
	chart_add(chart, "user", CHART_STACK, 1);
	chart_add(chart, "system", CHART_STACK, 2);
	chart_add(chart, "off-CPU", CHART_STACK, 3);
	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct series *series = c->rows[r].cells[column].series;
		struct cpu_time t;

		if (c->rows[r].metric != &page->rates.metrics[0] || !series ||
		    strcmp(c->rows[r].label, label))
			continue;
		read_time(&t, page, of->run, series);
		add_clients(chart, c->rows[r].clients, &t);
	}
	if (!chart_has_points(chart))
		charts_drop(charts);
}

static void charts(struct charts *charts, const struct page *page)
{
	const char *label;

	for (size_t i = 0; (label = lines_label(&page->rate, &page->rates.metrics[0], i)); i++)
		for (size_t k = 0; k < page->rate.columns.nr; k++)
			add_chart(charts, page, label, k);
}

const struct section section_time = {
	.name = "time",
	.title = "Time",
	.summary = "Where the workers' time went, by client count: in user code, in the kernel, or "
		   "off-CPU "
		   "(waiting for a lock, for a page, or for a CPU).",
	.charts = charts,
};
