/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/curve.h"
#include "common/xalloc.h"

double lines_clients(const char *clients)
{
	return strtod(clients, NULL);
}

const char *lines_label(const struct comparison *c, const struct report_metric *metric, size_t i)
{
	const char *last = NULL; /* the rows of a variant come one after the other */

	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct row *row = &c->rows[r];

		if (row->metric != metric || (last && !strcmp(row->label, last)))
			continue;
		last = row->label;
		if (!i--)
			return last;
	}
	return NULL;
}

bool lines_labelled(const struct comparison *c)
{
	for (size_t r = 0; r < c->nr_rows; r++)
		if (*c->rows[r].label)
			return true;
	return false;
}

char *lines_title(const char *metric, const char *label)
{
	return xasprintf("%s%s%s", metric, *label ? ", " : "", label);
}

/* The interval of a mean: that of its ratio to the constant 1. */
static void set_interval(struct chart_point *point, const struct comparison *c,
			 const struct report_metric *metric, const struct series *series)
{
	static const double ones[] = {1, 1};
	struct ratio_interval interval;
	double *values;

	if (!c->options.bootstrap || series->nr < 2)
		return;
	values = xcalloc(series->nr, sizeof(*values));
	for (size_t i = 0; i < series->nr; i++)
		values[i] = series->samples[i].value;
	bootstrap_ratio(&interval, c->options.bootstrap, BOOTSTRAP_MEAN, metric->better, values,
			series->nr, ones, 2, 0);
	point->low = interval.low;
	point->high = interval.high;
	free(values);
}

static void add_line(struct chart *chart, const char *name, unsigned look,
		     const struct comparison *c, const struct report_metric *metric,
		     const char *label, size_t column)
{
	struct chart_series *s = chart_add(chart, name, CHART_LINE, look);

	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct row *row = &c->rows[r];
		const struct cell *cell = &row->cells[column];
		double x = lines_clients(row->clients);

		if (row->metric != metric || strcmp(row->label, label) ||
		    !isfinite(cell->sum.value[STAT_MEAN]))
			continue;
		set_interval(series_point(s, x, cell->sum.value[STAT_MEAN]), c, metric,
			     cell->series);
		chart_mark(chart, x);
	}
}

/* As far as the first line goes, from its first point. */
static void add_ideal(struct chart *chart, const struct curve *curve)
{
	bool flat = metric_ideal(curve->metric->metric) == IDEAL_FLAT;
	double last = curve->nr ? curve->points[curve->nr - 1].clients : 0;
	struct chart_series *s;
	char *name;

	if (curve->nr < 2 || isnan(curve_ideal(curve, last)))
		return;
	name = xasprintf("ideal%s%s: %s", chart->nr > 1 ? " from " : "",
			 chart->nr > 1 ? chart->series[0].name : "", flat ? "flat" : "linear");
	s = chart_add(chart, name, CHART_GUIDE, 0);
	free(name);
	series_point(s, curve->points[0].clients, curve->points[0].mean);
	series_point(s, last, curve_ideal(curve, last));
}

/* A ladder of powers wants a logarithmic axis. */
static void choose_axes(struct chart *chart, enum ideal ideal)
{
	double first = chart->nr_marks ? chart->marks[0] : 0, highest = 0;

	chart->log_x =
		chart->nr_marks > 3 && first > 0 && chart->marks[chart->nr_marks - 1] / first >= 16;
	chart->log_y = chart->log_x && ideal == IDEAL_LINEAR;
	chart->from_zero = !chart->log_y;
	for (size_t i = 0; i < chart->nr; i++)
		for (size_t k = 0; k < chart->series[i].nr; k++)
			if (chart->series[i].shape != CHART_GUIDE)
				highest = fmax(highest, chart->series[i].points[k].y);
	if (ideal == IDEAL_LINEAR)
		chart->top = chart->log_y ? 4 * highest : 1.3 * highest;
}

/* The chart of the lines from @first on, of @nr of which it holds @most. */
static struct chart *begin(struct charts *charts, const struct report_metric *metric,
			   const char *label, size_t first, size_t nr, size_t most)
{
	char *title = lines_title(metric->row, label);
	struct chart *chart;

	if (most < nr) {
		char *part = xasprintf("%s, %zu of %zu", title, 1 + first / most,
				       (nr + most - 1) / most);

		free(title);
		title = part;
	}
	chart = charts_add(charts, title);
	chart->y_label = metric->row;
	return chart;
}

/* @label and @column are those of its first line. */
static void end(struct charts *charts, const struct curves *curves,
		const struct report_metric *metric, const char *label, size_t column)
{
	struct chart *chart = &charts->charts[charts->nr - 1];
	const struct row row = {.metric = metric, .label = label};

	add_ideal(chart, curves_find(curves, &row, column));
	choose_axes(chart, metric_ideal(metric->metric));
	if (chart->log_y)
		chart->caption =
			xstrdup("Both axes are logarithmic: parallel to the ideal is as good.");
	if (!chart_has_points(chart))
		charts_drop(charts);
}

/* How many lines a chart holds, if @nr are to stand in as few charts as it takes. */
static size_t per_chart(size_t nr)
{
	size_t charts = (nr + CHART_LOOKS - 1) / CHART_LOOKS;

	return charts ? (nr + charts - 1) / charts : 1;
}

/* All columns of one variant. */
static void add_compared(struct charts *charts, const struct comparison *c,
			 const struct curves *curves, const struct report_metric *metric,
			 const char *label)
{
	size_t most = per_chart(c->columns.nr);

	for (size_t i = 0; i < c->columns.nr; i += most) {
		struct chart *chart = begin(charts, metric, label, i, c->columns.nr, most);

		for (size_t k = i; k < c->columns.nr && k < i + most; k++)
			add_line(chart, c->columns.columns[k].name, k + 1, c, metric, label, k);
		end(charts, curves, metric, label, i);
	}
}

/* All variants of the only column. */
static void add_variants(struct charts *charts, const struct comparison *c,
			 const struct curves *curves, const struct report_metric *metric)
{
	size_t nr = 0, most;
	const char *label;

	while (lines_label(c, metric, nr))
		nr++;
	most = per_chart(nr);
	for (size_t i = 0; i < nr; i += most) {
		struct chart *chart = begin(charts, metric, "", i, nr, most);

		for (size_t k = i; k < i + most && (label = lines_label(c, metric, k)); k++)
			add_line(chart, *label ? label : c->columns.columns[0].name, k + 1, c,
				 metric, label, 0);
		end(charts, curves, metric, lines_label(c, metric, i), 0);
	}
}

void lines_add(struct charts *charts, const struct comparison *c,
	       const struct report_metric *metric)
{
	struct curves curves;
	const char *label;

	curves_init(&curves, c);
	if (c->columns.nr == 1)
		add_variants(charts, c, &curves, metric);
	for (size_t i = 0; c->columns.nr > 1 && (label = lines_label(c, metric, i)); i++)
		add_compared(charts, c, &curves, metric, label);
	curves_release(&curves);
}
