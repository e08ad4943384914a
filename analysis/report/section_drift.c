/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every measurement in the order of time: a machine that changed meanwhile shows. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/section.h"
#include "analysis/unpaired.h"
#include "common/xalloc.h"

#define NAMED 6 /* cells */

/* One measurement. */
struct moment {
	double at; /* seconds since the first one; or the number of the iteration */
	double percent; /* off the median of its cell */
	bool unsteady; /* of a cell that drifts or wanders */
};

struct moments {
	struct moment *all;
	size_t nr, cap;
	bool timed;
	char *unsteady; /* names of such cells */
	size_t nr_unsteady, nr_cells;
};

static bool is_unsteady(const struct series *series)
{
	double *logs = xcalloc(series->nr, sizeof(*logs));
	struct unpaired_side side;
	bool unsteady;

	for (size_t i = 0; i < series->nr; i++)
		logs[i] = log(series->samples[i].value);
	unpaired_side_init(&side, logs, series->nr);
	unsteady = unpaired_drifts(&side) || unpaired_wanders(&side);
	free(logs);
	return unsteady;
}

static double median_of(const struct series *series)
{
	double *values = xcalloc(series->nr, sizeof(*values)), median;

	for (size_t i = 0; i < series->nr; i++)
		values[i] = series->samples[i].value;
	median = gsl_stats_median(values, 1, series->nr);
	free(values);
	return median;
}

static void name_unsteady(struct moments *m, const char *label, const char *clients)
{
	char *cell = page_cell_name(label, clients), *longer;

	if (m->nr_unsteady++ < NAMED) {
		longer = m->unsteady ? xasprintf("%s; %s", m->unsteady, cell) : xstrdup(cell);
		free(m->unsteady);
		m->unsteady = longer;
	}
	free(cell);
}

static void add_cell(struct moments *m, const struct run *run, const struct row *row,
		     const struct series *series)
{
	const struct series *times =
		run_find(run, series->variant, series->clients, "time_started");
	double median = series->nr ? median_of(series) : 0;
	bool unsteady;

	if (!(median > 0))
		return;
	unsteady = is_unsteady(series);
	m->nr_cells++;
	if (unsteady)
		name_unsteady(m, row->label, row->clients);
	m->timed &= !!times;
	for (size_t i = 0; i < series->nr; i++) {
		double at = times ? series_value_like(times, &series->samples[i])
				  : series->samples[i].number;

		XGROW(m->all, m->nr, m->cap);
		m->all[m->nr++] = (struct moment){at, 100 * (series->samples[i].value / median - 1),
						  unsteady};
	}
}

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The medians of neighbours in time. */
static void add_trend(struct chart *chart, const struct moments *m)
{
	struct chart_series *s = chart_add(chart, "running median", CHART_GUIDE, 0);
	size_t window = m->nr / 12 > 5 ? m->nr / 12 : 5;
	double *values = xcalloc(window, sizeof(*values));

	for (size_t i = 0; i + window <= m->nr; i += (window + 1) / 2) {
		for (size_t k = 0; k < window; k++)
			values[k] = m->all[i + k].percent;
		series_point(s, m->all[i + window / 2].at, gsl_stats_median(values, 1, window));
	}
	free(values);
}

static void add_points(struct chart *chart, const struct moments *m, bool unsteady)
{
	struct chart_series *s =
		unsteady ? chart_add(chart, "one measurement, of a cell that drifts or wanders",
				     CHART_DOTS, 2)
			 : chart_add(chart, "one measurement", CHART_DOTS, 1);

	for (size_t i = 0; i < m->nr; i++)
		if (m->all[i].unsteady == unsteady && isfinite(m->all[i].at))
			series_point(s, m->all[i].at, m->all[i].percent);
}

static char *caption(const struct moments *m)
{
	char *more, *text;

	if (!m->nr_unsteady)
		return xasprintf("None of %zu cells drifts or wanders.", m->nr_cells);
	more = m->nr_unsteady > NAMED ? xasprintf(" and %zu more", m->nr_unsteady - NAMED)
				      : xstrdup("");
	text = xasprintf("%zu of %zu cells drift or wander: %s%s. Such runs should be compared by "
			 "'faultscale ab', not recorded apart.",
			 m->nr_unsteady, m->nr_cells, m->unsteady, more);
	free(more);
	return text;
}

/* Count the time from the first measurement on, in a unit that fits. Returns its name. */
static const char *set_clock(struct moments *m)
{
	double first = m->all[0].at, scale = 1;

	if (!m->timed)
		return "iteration";
	if (m->all[m->nr - 1].at - first > 180)
		scale = m->all[m->nr - 1].at - first > 3 * 3600 ? 3600 : 60;
	for (size_t i = 0; i < m->nr; i++)
		m->all[i].at = (m->all[i].at - first) / scale;
	return scale == 1    ? "seconds since the first measurement"
	       : scale == 60 ? "minutes since the first measurement"
			     : "hours since the first measurement";
}

static void add_chart(struct charts *charts, const struct page *page, size_t column)
{
	const struct comparison *c = &page->rate;
	const struct report_metric *metric = &page->rates.metrics[0];
	const struct column *of = &c->columns.columns[column];
	struct moments m = {.timed = true};
	struct chart *chart;

	for (size_t r = 0; r < c->nr_rows; r++)
		if (c->rows[r].metric == metric && c->rows[r].cells[column].series)
			add_cell(&m, of->run, &c->rows[r], c->rows[r].cells[column].series);
	if (m.nr)
		qsort(m.all, m.nr, sizeof(*m.all), by_time);
	/* Means that were imported are all of one moment: no time passes in which they could drift. */
	if (m.nr && m.all[0].at < m.all[m.nr - 1].at) {
		chart = charts_add(charts, xasprintf("%s of %s over time", metric->row, of->name));
		chart->x_label = set_clock(&m);
		chart->y_label = "off the cell's median";
		chart->percent = chart->sign = true;
		chart->caption = caption(&m);
		add_points(chart, &m, false);
		add_points(chart, &m, true);
		add_trend(chart, &m);
	}
	free(m.all);
	free(m.unsteady);
}

static void charts(struct charts *charts, const struct page *page)
{
	for (size_t i = 0; i < page->rate.columns.nr; i++)
		add_chart(charts, page, i);
}

const struct section section_drift = {
	.name = "drift",
	.title = "Noise and drift",
	.summary = "Every measurement, by how much it is off the median of its cell. Without drift "
		   "the "
		   "points are level; steps and slopes are the machine's, not the change's.",
	.charts = charts,
};
