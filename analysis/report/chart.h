/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart: what one picture shows, before anything is drawn. Names are texts of a run, which may be any
 * bytes; who draws has to escape them.
 */
#ifndef ANALYSIS_REPORT_CHART_H
#define ANALYSIS_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How a series is drawn. */
enum chart_shape {
	CHART_LINE, /* marks, joined, with their intervals */
	CHART_GUIDE, /* a dashed line without marks: what would be ideal */
	CHART_DOTS, /* marks alone */
	CHART_BOX, /* low, quartiles, high, and a mark at y */
	CHART_STACK, /* from low to high, as wide as a bar */
};

struct chart_point {
	double x, y;
	double low, high; /* NaN: no interval */
	double quarter, three_quarters; /* of a box */
};

struct chart_series {
	char *name; /* in the legend */
	enum chart_shape shape;
	unsigned look; /* colour, mark and dash, 1.. (chart_looks); 0: grey */
	struct chart_point *points;
	size_t nr, cap;
};

struct chart {
	char *title; /* "faults/sec", "faults/sec, anon-compact" */
	char *caption; /* a sentence that helps to read it, or NULL */
	const char *x_label, *y_label; /* kept, not copied */
	char **ticks; /* names of x = 0, 1, ... if the axis is of names; else x is a number */
	size_t nr_ticks;
	double *marks; /* the numbers that are to stand at the axis, ascending */
	size_t nr_marks;
	bool log_x, log_y; /* log_x: to the base of 2 */
	bool from_zero; /* the y axis begins at 0 */
	bool percent; /* y is in percent, */
	bool sign; /* with its sign */
	double band; /* shade -band .. band; NaN: nothing */
	double top; /* no series but a guide goes above this; NaN where all is to be seen */
	struct chart_series *series;
	size_t nr, cap;
};

/* Charts of one kind. */
struct charts {
	struct chart *charts;
	size_t nr, cap;
};

/* Colour, mark and dash of a series, so that each of them alone tells series apart. */
struct chart_look {
	const char *colour; /* #rrggbb for white paper */
	const char *word; /* of the mark: "circle" */
	unsigned mark; /* gnuplot's point type */
	const char *dash; /* gnuplot's dash type; the same as dash array is */
	const char *dash_array;
	const char *path; /* the mark in a box of -5..5, filled */
};
extern const struct chart_look chart_looks[];
#define CHART_LOOKS 8 /* chart_looks[1..]; further ones begin again */

/* The look of @number, 0 for grey. */
const struct chart_look *chart_look(unsigned number);

/* Add an empty chart; @title is the chart's from now on. */
struct chart *charts_add(struct charts *charts, char *title);

/* Take out the last one. */
void charts_drop(struct charts *charts);

/* Free all charts. */
void charts_release(struct charts *charts);

/* Add an empty series; @name is copied. Valid until the next one is added. */
struct chart_series *chart_add(struct chart *chart, const char *name, enum chart_shape shape,
			       unsigned look);

/* Add a point without interval, and return it. */
struct chart_point *series_point(struct chart_series *series, double x, double y);

/* Add the number @x to those that stand at the axis, in their order. */
void chart_mark(struct chart *chart, double x);

/* The position of the name @tick, added behind the others if it is new. */
double chart_tick(struct chart *chart, const char *tick);

/* Whether there is a point in any series that is no guide. */
bool chart_has_points(const struct chart *chart);

/* What it shows in words, for those who do not see it: the ends of each series. In memory that the caller
 * frees. */
char *chart_words(const struct chart *chart);

/* How a number of the chart's y axis is written, its sign with it. Returns @buf. */
const char *chart_value(const struct chart *chart, double y, char *buf, size_t size);

/* The x of a point as text. Returns @buf or a tick. */
const char *chart_x(const struct chart *chart, double x, char *buf, size_t size);

#endif
