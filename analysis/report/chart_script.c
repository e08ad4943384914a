/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/chart_script.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/clean.h"
#include "analysis/report/axis.h"

#define MANY 40 /* points of which not each can be told from its neighbours */

/* A script under way. */
struct script {
	FILE *out;
	const struct chart *chart;
	enum chart_target target;
};

/* In single quotes only the quote is special to gnuplot; in the name of a tick % is as well. Terminals
 * are told noenhanced, so that { } ^ _ @ & mean themselves. */
static void put_quoted(FILE *out, const char *text, const char *doubled)
{
	char *clean = clean_text(text);

	fputc('\'', out);
	for (const char *p = clean; *p; p++) {
		if (strchr(doubled, *p))
			fputc(*p, out);
		fputc(*p, out);
	}
	fputc('\'', out);
	free(clean);
}

static void put_ink(const struct script *s, enum chart_ink ink)
{
	static const char *const inks[] = {
		[CHART_INK_GREY] = "#707070", [CHART_INK_TEXT] = "#303030",
		[CHART_INK_AXIS] = "#808080", [CHART_INK_GRID] = "#e2e2e2",
		[CHART_INK_BAND] = "#707070",
	};

	if (s->target == CHART_INLINE)
		fprintf(s->out, "rgb '#0000%02x'", ink);
	else
		fprintf(s->out, "rgb '%s'", inks[ink]);
}

static void put_colour(const struct script *s, unsigned look)
{
	if (!look)
		put_ink(s, CHART_INK_GREY);
	else if (s->target == CHART_INLINE)
		fprintf(s->out, "rgb '#0000%02x'", 1 + (look - 1) % CHART_LOOKS);
	else
		fprintf(s->out, "rgb '%s'", chart_look(look)->colour);
}

static void put_terminal(const struct script *s)
{
	switch (s->target) {
	case CHART_INLINE:
		fputs("set terminal svg size 520,290 noenhanced font 'sans-serif,13'\n", s->out);
		break;
	case CHART_SVG:
		fputs("set terminal svg size 900,520 noenhanced font 'sans-serif,14' "
		      "background '#ffffff'\n",
		      s->out);
		break;
	case CHART_PNG:
		fputs("set terminal pngcairo size 1350,780 noenhanced fontscale 1.4 linewidth 1.4 "
		      "pointscale 1.4 background '#ffffff'\n",
		      s->out);
		break;
	}
	fputs("set encoding utf8\n", s->out);
}

/* In a page title and legend are part of the page, where they can be read on a telephone. */
static void put_frame(const struct script *s)
{
	if (s->target == CHART_INLINE) {
		fputs("set key off\nset lmargin 8\nset rmargin 2\nset tmargin 0.7\n", s->out);
	} else {
		fputs("set key tmargin left Left reverse horizontal\nset title ", s->out);
		put_quoted(s->out, s->chart->title, "'");
		fputs("\nset ylabel ", s->out);
		put_quoted(s->out, s->chart->y_label, "'");
		fputc('\n', s->out);
	}
	fputs("set xlabel ", s->out);
	put_quoted(s->out, s->chart->x_label, "'");
	fputs(" offset 0,0.4 textcolor ", s->out);
	put_ink(s, CHART_INK_TEXT);
	fputs("\nset border 3 lc ", s->out);
	put_ink(s, CHART_INK_AXIS);
	fputs(" lw 1\nset tics nomirror out scale 0.5 textcolor ", s->out);
	put_ink(s, CHART_INK_TEXT);
	fputs("\nset grid ytics lt 1 lw 1 lc ", s->out);
	put_ink(s, CHART_INK_GRID);
	fputc('\n', s->out);
}

static void put_names(const struct script *s)
{
	const struct chart *chart = s->chart;
	size_t longest = 1, step;

	for (size_t i = 0; i < chart->nr_ticks; i++)
		longest = strlen(chart->ticks[i]) > longest ? strlen(chart->ticks[i]) : longest;
	step = axis_names_step(chart->nr_ticks, longest);
	fprintf(s->out, "set xrange [-0.6:%g]\nset xtics (", chart->nr_ticks - 0.4);
	for (size_t i = 0; i < chart->nr_ticks; i += step) {
		fputs(i ? ", " : "", s->out);
		put_quoted(s->out, chart->ticks[i], "'%");
		fprintf(s->out, " %zu", i);
	}
	fputs(")\n", s->out);
}

static void put_numbers(const struct script *s)
{
	struct axis axis;

	axis_x(&axis, s->chart);
	fprintf(s->out, "%sset xrange [%.10g:%.10g]\nset xtics (",
		s->chart->log_x ? "set logscale x 2\n" : "", axis.low, axis.high);
	for (size_t i = 0; i < axis.nr; i++)
		fprintf(s->out, "%s'%g' %.10g", i ? ", " : "", axis.ticks[i], axis.ticks[i]);
	fputs(")\n", s->out);
}

static void put_y_axis(const struct script *s)
{
	struct axis axis;
	char number[32];

	axis_y(&axis, s->chart);
	fprintf(s->out, "%sset yrange [%.10g:%.10g]\nset ytics (",
		s->chart->log_y ? "set logscale y 10\n" : "", axis.low, axis.high);
	for (size_t i = 0; i < axis.nr; i++) {
		axis_number(axis.ticks[i], number, sizeof(number));
		fprintf(s->out, "%s'%s%s%s' %.10g", i ? ", " : "",
			s->chart->sign && axis.ticks[i] > 0 ? "+" : "", number,
			s->chart->percent ? "%%" : "", axis.ticks[i]);
	}
	fputs(")\n", s->out);
	if (!isnan(s->chart->band)) {
		fprintf(s->out,
			"set object rectangle from graph 0, first %g to graph 1, first %g behind "
			"fc ",
			-s->chart->band, s->chart->band);
		put_ink(s, CHART_INK_BAND);
		fputs(" fs transparent solid 0.15 noborder\n", s->out);
	}
	if (s->chart->sign) {
		fputs("set arrow from graph 0, first 0 to graph 1, first 0 nohead lc ", s->out);
		put_ink(s, CHART_INK_AXIS);
		fputs(" lw 1\n", s->out);
	}
}

static void put_number(FILE *out, double value, char end)
{
	if (isfinite(value))
		fprintf(out, "%.10g%c", value, end);
	else
		fprintf(out, "NaN%c", end);
}

/* A block of numbers: x, y, low, high and the quartiles. */
static void put_data(const struct script *s)
{
	for (size_t i = 0; i < s->chart->nr; i++) {
		const struct chart_series *series = &s->chart->series[i];

		fprintf(s->out, "$d%zu << EOD\n", i);
		for (size_t k = 0; k < series->nr; k++) {
			const struct chart_point *p = &series->points[k];

			put_number(s->out, p->x, ' ');
			put_number(s->out, p->y, ' ');
			put_number(s->out, p->low, ' ');
			put_number(s->out, p->high, ' ');
			put_number(s->out, p->quarter, ' ');
			put_number(s->out, p->three_quarters, '\n');
		}
		fputs("EOD\n", s->out);
	}
}

static bool has_intervals(const struct chart_series *series)
{
	for (size_t i = 0; i < series->nr; i++)
		if (isfinite(series->points[i].low) && isfinite(series->points[i].high))
			return true;
	return false;
}

/* The lines of a legend that are none: gnuplot would name them after the data. */
static void put_title(const struct script *s, const char *name)
{
	fputs(" title ", s->out);
	put_quoted(s->out, name, "'");
}

static void put_line(const struct script *s, size_t i)
{
	const struct chart_series *series = &s->chart->series[i];
	const struct chart_look *look = chart_look(series->look);

	if (has_intervals(series)) {
		fprintf(s->out, "$d%zu using 1:3:(0):($4-$3) with vectors nohead lw 1.3 lc ", i);
		put_colour(s, series->look);
		fputs(" notitle, ", s->out);
	}
	fprintf(s->out, "$d%zu using 1:2 with linespoints pt %u pi %zu ps 0.8 lw 1.8 dt %s lc ", i,
		look->mark, 1 + series->nr / MANY * 4, look->dash);
	put_colour(s, series->look);
	put_title(s, series->name);
}

/* Whiskers over all, a box over the middle half, a line at the median. */
static void put_box(const struct script *s, size_t i)
{
	const struct chart_series *series = &s->chart->series[i];

	fprintf(s->out, "$d%zu using 1:5:3:4:6 with candlesticks lw 1.2 lc ", i);
	put_colour(s, series->look);
	fputs(" fs transparent solid 0.25 border", s->out);
	put_title(s, series->name);
	fprintf(s->out, ", $d%zu using ($1-0.18):2:(0.36):(0) with vectors nohead lw 2.4 lc ", i);
	put_colour(s, series->look);
	fputs(" notitle", s->out);
}

/* Full, hatched and empty, so that they can be told apart on grey paper. Of many bars the borders would be
 * all that can be seen. */
static void put_stack(const struct script *s, size_t i)
{
	static const char *const few[] = {"empty border", "solid 1 border", "pattern 4 border"};
	static const char *const many[] = {"transparent solid 0.2 noborder", "solid 1 noborder",
					   "pattern 4 noborder"};
	const struct chart_series *series = &s->chart->series[i];
	double half = series->nr > MANY ? 0.5 : 0.36;

	fprintf(s->out, "$d%zu using 1:2:($1-%g):($1+%g):3:4 with boxxyerror lc ", i, half, half);
	put_colour(s, series->look);
	fprintf(s->out, " fs %s", (series->nr > MANY ? many : few)[series->look % 3]);
	put_title(s, series->name);
}

static void put_series(const struct script *s, size_t i)
{
	const struct chart_series *series = &s->chart->series[i];

	switch (series->shape) {
	case CHART_LINE:
		put_line(s, i);
		break;
	case CHART_GUIDE:
		fprintf(s->out, "$d%zu using 1:2 with lines lw 1.8 dt %s lc ", i,
			chart_look(0)->dash);
		put_colour(s, series->look);
		put_title(s, series->name);
		break;
	case CHART_DOTS:
		fprintf(s->out, "$d%zu using 1:2 with points pt %u ps 0.5 lc ", i,
			chart_look(series->look)->mark);
		put_colour(s, series->look);
		put_title(s, series->name);
		break;
	case CHART_BOX:
		put_box(s, i);
		break;
	case CHART_STACK:
		put_stack(s, i);
		break;
	}
}

void chart_script(FILE *out, const struct chart *chart, enum chart_target target)
{
	const struct script s = {out, chart, target};
	bool first = true;

	put_terminal(&s);
	put_frame(&s);
	if (chart->nr_ticks)
		put_names(&s);
	else
		put_numbers(&s);
	put_y_axis(&s);
	fputs("set boxwidth 0.36\n", out);
	put_data(&s);
	fputs("plot ", out);
	for (size_t i = 0; i < chart->nr; i++) {
		if (!chart->series[i].nr)
			continue;
		fputs(first ? "" : ", \\\n\t", out);
		put_series(&s, i);
		first = false;
	}
	fputc('\n', out);
}
