/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* Colours of at least 4.5:1 on white; that of dark pages is in page_style.c. */
const struct chart_look chart_looks[] = {
	{"#707070", "no mark", 0, "'_'", "6 4", ""},
	{"#1a5fb4", "circle", 7, "1", "", "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z"},
	{"#b2480a", "triangle", 9, "'-'", "4 3", "M0,-4.6L4.4,3.2L-4.4,3.2z"},
	{"#1b7340", "square", 5, "'-.'", "6 3 1 3", "M-3.6,-3.6h7.2v7.2h-7.2z"},
	{"#7b3fa0", "diamond", 13, "'_.'", "8 3 2 3", "M0,-4.8L4.8,0L0,4.8L-4.8,0z"},
	{"#a3244c", "inverted triangle", 11, "'-..'", "6 3 1 3 1 3", "M0,4.6L4.4,-3.2L-4.4,-3.2z"},
	{"#00707c", "pentagon", 15, "'__'", "10 4", "M0,-4.6L4.4,-1.4L2.7,3.7L-2.7,3.7L-4.4,-1.4z"},
	{"#6d6200", "cross", 2, "'. '", "1 4", "M-4,-4l8,8M4,-4l-8,8"},
	{"#6b5444", "plus", 1, "'--.'", "4 2 4 2 1 2", "M-4.5,0h9M0,-4.5v9"},
};

const struct chart_look *chart_look(unsigned number)
{
	return &chart_looks[number ? 1 + (number - 1) % CHART_LOOKS : 0];
}

struct chart *charts_add(struct charts *charts, char *title)
{
	XGROW(charts->charts, charts->nr, charts->cap);
	charts->charts[charts->nr] =
		(struct chart){.title = title, .x_label = "clients", .band = NAN, .top = NAN};
	return &charts->charts[charts->nr++];
}

static void chart_release(struct chart *chart)
{
	for (size_t i = 0; i < chart->nr; i++) {
		free(chart->series[i].name);
		free(chart->series[i].points);
	}
	for (size_t i = 0; i < chart->nr_ticks; i++)
		free(chart->ticks[i]);
	free(chart->ticks);
	free(chart->marks);
	free(chart->series);
	free(chart->title);
	free(chart->caption);
}

void charts_drop(struct charts *charts)
{
	chart_release(&charts->charts[--charts->nr]);
}

void charts_release(struct charts *charts)
{
	for (size_t i = 0; i < charts->nr; i++)
		chart_release(&charts->charts[i]);
	free(charts->charts);
	*charts = (struct charts){0};
}

struct chart_series *chart_add(struct chart *chart, const char *name, enum chart_shape shape,
			       unsigned look)
{
	XGROW(chart->series, chart->nr, chart->cap);
	chart->series[chart->nr] =
		(struct chart_series){.name = xstrdup(name), .shape = shape, .look = look};
	return &chart->series[chart->nr++];
}

struct chart_point *series_point(struct chart_series *series, double x, double y)
{
	XGROW(series->points, series->nr, series->cap);
	series->points[series->nr] = (struct chart_point){x, y, NAN, NAN, NAN, NAN};
	return &series->points[series->nr++];
}

void chart_mark(struct chart *chart, double x)
{
	size_t at = 0;

	while (at < chart->nr_marks && chart->marks[at] < x)
		at++;
	if (at < chart->nr_marks && chart->marks[at] == x)
		return;
	chart->marks = xreallocarray(chart->marks, chart->nr_marks + 1, sizeof(*chart->marks));
	memmove(&chart->marks[at + 1], &chart->marks[at],
		(chart->nr_marks - at) * sizeof(*chart->marks));
	chart->marks[at] = x;
	chart->nr_marks++;
}

double chart_tick(struct chart *chart, const char *tick)
{
	for (size_t i = 0; i < chart->nr_ticks; i++)
		if (!strcmp(chart->ticks[i], tick))
			return i;
	chart->ticks = xreallocarray(chart->ticks, chart->nr_ticks + 1, sizeof(*chart->ticks));
	chart->ticks[chart->nr_ticks] = xstrdup(tick);
	return chart->nr_ticks++;
}

bool chart_has_points(const struct chart *chart)
{
	for (size_t i = 0; i < chart->nr; i++)
		if (chart->series[i].nr && chart->series[i].shape != CHART_GUIDE)
			return true;
	return false;
}

const char *chart_value(const struct chart *chart, double y, char *buf, size_t size)
{
	const char *unit = chart->percent ? "%" : "";

	if (isnan(y))
		snprintf(buf, size, "-");
	else if (chart->percent)
		snprintf(buf, size, chart->sign ? "%+.1f%s" : "%.1f%s", y, unit);
	else if (fabs(y) >= 1000)
		snprintf(buf, size, "%.0f", y);
	else
		snprintf(buf, size, "%.4g", y);
	return buf;
}

const char *chart_x(const struct chart *chart, double x, char *buf, size_t size)
{
	size_t tick = x > 0 ? x + 0.5 : 0; /* series may stand beside each other */

	if (tick < chart->nr_ticks)
		return chart->ticks[tick];
	snprintf(buf, size, "%.4g", x);
	return buf;
}

static void put_ends(FILE *out, const struct chart *chart, const struct chart_series *s)
{
	const struct chart_point *first = &s->points[0], *last = &s->points[s->nr - 1];
	char x[32], y[32];

	fprintf(out, "%s: %s at %s", s->name, chart_value(chart, first->y, y, sizeof(y)),
		chart_x(chart, first->x, x, sizeof(x)));
	if (s->nr > 1)
		fprintf(out, ", %s at %s", chart_value(chart, last->y, y, sizeof(y)),
			chart_x(chart, last->x, x, sizeof(x)));
	fputs(". ", out);
}

/* Of many points nobody wants to hear the first. */
static void put_range(FILE *out, const struct chart *chart, const struct chart_series *s)
{
	double low = INFINITY, high = -INFINITY;
	char a[32], b[32];

	for (size_t i = 0; i < s->nr; i++) {
		low = fmin(low, s->points[i].y);
		high = fmax(high, s->points[i].y);
	}
	fprintf(out, "%s: %zu points from %s to %s. ", s->name, s->nr,
		chart_value(chart, low, a, sizeof(a)), chart_value(chart, high, b, sizeof(b)));
}

char *chart_words(const struct chart *chart)
{
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	fprintf(out, "%s by %s. ", chart->y_label, chart->x_label);
	for (size_t i = 0; i < chart->nr; i++) {
		const struct chart_series *s = &chart->series[i];

		if (!s->nr)
			fprintf(out, "%s: nothing. ", s->name);
		else if (s->shape == CHART_DOTS)
			put_range(out, chart, s);
		else
			put_ends(out, chart, s);
	}
	fclose(out);
	return text;
}
