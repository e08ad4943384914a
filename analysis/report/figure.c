/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/chart_script.h"
#include "analysis/report/chart_svg.h"
#include "analysis/report/gnuplot.h"
#include "analysis/report/html.h"
#include "common/xalloc.h"

/* Full, hatched or empty, as in the stack. */
static void put_stack_key(FILE *out, unsigned look)
{
	static const char *const fills[] = {"none", "currentColor", "none"};

	fprintf(out,
		"<rect x=\"4\" y=\"1\" width=\"26\" height=\"12\" fill=\"%s\" "
		"stroke=\"currentColor\"/>",
		fills[look % 3]);
	if (look % 3 == 2)
		fputs("<path stroke=\"currentColor\" "
		      "d=\"M4,7L10,13M4,1L16,13M10,1L22,13M16,1L28,13M22,1L30,9M28,1L30,3\"/>",
		      out);
}

static void put_box_key(FILE *out)
{
	fputs("<path d=\"M17,0V14\" stroke=\"currentColor\"/>"
	      "<rect x=\"10\" y=\"3\" width=\"14\" height=\"8\" fill=\"currentColor\" "
	      "fill-opacity=\".25\" stroke=\"currentColor\"/>"
	      "<path d=\"M10,7H24\" stroke=\"currentColor\" stroke-width=\"2\"/>",
	      out);
}

static void put_line_key(FILE *out, const struct chart_series *s)
{
	const struct chart_look *look = chart_look(s->look);

	if (s->shape != CHART_DOTS)
		fprintf(out,
			"<path d=\"M0,7H34\" stroke=\"currentColor\" stroke-width=\"1.6\" "
			"stroke-dasharray=\"%s\"/>",
			look->dash_array);
	if (s->shape != CHART_GUIDE)
		fprintf(out,
			"<path d=\"%s\" transform=\"translate(17,7)\" fill=\"currentColor\" "
			"stroke=\"currentColor\"/>",
			look->path);
}

/* The sign of a series in the legend: as it is drawn. */
static void put_key(FILE *out, const struct chart_series *s)
{
	fprintf(out,
		"<svg class=\"key\" viewBox=\"0 0 34 14\" aria-hidden=\"true\" "
		"style=\"color:var(--s%u)\">",
		s->look ? 1 + (s->look - 1) % CHART_LOOKS : 0);
	if (s->shape == CHART_STACK)
		put_stack_key(out, s->look);
	else if (s->shape == CHART_BOX)
		put_box_key(out);
	else
		put_line_key(out, s);
	fputs("</svg>", out);
}

static void put_legend(FILE *out, const struct chart *chart)
{
	fputs("<ul class=\"legend\">\n", out);
	for (size_t i = 0; i < chart->nr; i++) {
		if (!chart->series[i].nr)
			continue;
		fputs("<li>", out);
		put_key(out, &chart->series[i]);
		html_put(out, "<span>%s</span></li>\n", chart->series[i].name);
	}
	fputs("</ul>\n", out);
}

/* The value of a series at @x, with its interval; or "-". */
static void put_point(struct grid *grid, const struct chart *chart, const struct chart_series *s,
		      const char *x)
{
	char at[32], y[32], low[32], high[32];

	for (size_t i = 0; i < s->nr; i++) {
		const struct chart_point *p = &s->points[i];

		if (strcmp(chart_x(chart, p->x, at, sizeof(at)), x))
			continue;
		if (s->shape == CHART_STACK)
			grid_text(grid, "%s", chart_value(chart, p->high - p->low, y, sizeof(y)));
		else if (isnan(p->low) || isnan(p->high))
			grid_text(grid, "%s", chart_value(chart, p->y, y, sizeof(y)));
		else
			grid_text(grid, "%s [%s, %s]", chart_value(chart, p->y, y, sizeof(y)),
				  chart_value(chart, p->low, low, sizeof(low)),
				  chart_value(chart, p->high, high, sizeof(high)));
		return;
	}
	grid_text(grid, "-");
}

/* Which series stand in the table: not those of which there are as many points as measurements. */
static bool is_tabled(const struct chart_series *s)
{
	return s->nr && s->shape != CHART_DOTS && s->shape != CHART_GUIDE;
}

static void put_rows(struct grid *grid, const struct chart *chart)
{
	size_t nr = chart->nr_ticks ? chart->nr_ticks : chart->nr_marks;
	char buf[32];

	for (size_t i = 0; i < nr; i++) {
		const char *x = chart->nr_ticks ? chart->ticks[i]
						: chart_x(chart, chart->marks[i], buf, sizeof(buf));

		grid_text(grid, "%s", x);
		for (size_t s = 0; s < chart->nr; s++)
			if (is_tabled(&chart->series[s]))
				put_point(grid, chart, &chart->series[s], x);
	}
}

static void put_table(FILE *out, const struct chart *chart, bool open)
{
	char align[2 + CHART_LOOKS + 1] = "r";
	struct grid grid;
	size_t nr = 0;

	for (size_t s = 0; s < chart->nr; s++)
		nr += is_tabled(&chart->series[s]);
	if (!nr || nr > CHART_LOOKS)
		return;
	memset(align + 1, 'r', nr);
	grid_init(&grid, align);
	grid_text(&grid, "%s", chart->x_label);
	for (size_t s = 0; s < chart->nr; s++)
		if (is_tabled(&chart->series[s]))
			grid_text(&grid, "%s", chart->series[s].name);
	put_rows(&grid, chart);
	fprintf(out, "<details%s><summary>Numbers</summary>\n", open ? " open" : "");
	html_grid(out, chart->title, &grid);
	fputs("</details>\n", out);
}

static int put_picture(FILE *out, const struct chart *chart, const char *id, struct why *why)
{
	char *script, *svg, *words = chart_words(chart);
	const struct chart_svg as = {
		.id = id, .title = chart->title, .words = words, .colours = true};
	size_t len;
	FILE *memory = xmemstream(&script, &len);
	int err;

	chart_script(memory, chart, CHART_INLINE);
	fclose(memory);
	err = gnuplot_run(script, &svg, &len, why);
	if (!err) {
		html_put(out,
			 "<div class=\"plot\" role=\"group\" tabindex=\"0\" aria-label=\"%s\">\n",
			 chart->title);
		err = chart_svg_write(out, svg, &as, why);
		fputs("</div>\n", out);
	}
	free(svg);
	free(script);
	free(words);
	return err;
}

int figure_write(FILE *out, const struct chart *chart, const char *id, struct why *why)
{
	int err;

	html_put(out, "<figure id=\"%s\">\n<figcaption><h3>%s</h3>", id, chart->title);
	if (chart->caption)
		html_put(out, "<p>%s</p>", chart->caption);
	fputs("</figcaption>\n", out);
	put_legend(out, chart);
	err = put_picture(out, chart, id, why);
	if (err)
		html_put(out, "<p class=\"undrawn\">Not drawn: %s.</p>\n", why->text);
	put_table(out, chart, err);
	fputs("</figure>\n", out);
	return err;
}
