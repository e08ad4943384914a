/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A panel is PANEL_ROWS lines of plot, its title above and the client counts below. Each column of
 * the plot is as high as the curve is there; eighth blocks (U+2581 to U+2588) give eight times as
 * many heights as there are lines. The ideal is drawn over it, so that it is seen in the area too.
 */
#include "analysis/format/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

enum {
	PANEL_ROWS = 10,
	AXIS_WIDTH = 7, /* "  520k" and the axis */
	PANEL_MIN = 26, /* columns of a panel that can be read */
	PANEL_MAX = 72,
};
#define PANEL_GAP "  "

struct glyphs {
	const char *levels[9]; /* of a column's last character, from empty to full */
	const char *ideal, *axis, *corner, *tick, *base;
};

static const struct glyphs unicode = {
	{" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"},
	"\u00b7",
	"\u2502",
	"\u2514",
	"\u2534",
	"\u2500",
};
static const struct glyphs ascii = {
	{" ", " ", "_", "_", "_", "=", "=", "#", "#"}, ".", "|", "+", "+", "-",
};

struct panel {
	const struct curve *curve;
	const char *run; /* name of its column; "" where there is but one */
	double top; /* of the scale */
	unsigned width; /* of all, the axis too */
	const struct glyphs *glyphs;
	const char *paint, *bold, *plain; /* escape sequences, or "" */
};

/* "523k": three digits that count. */
static const char *short_number(char *buf, size_t size, double value)
{
	static const char *const units[] = {"", "k", "M", "G", "T"};
	size_t unit = 0;

	for (; unit < 4 && value >= 999.5; unit++)
		value /= 1000;
	snprintf(buf, size, "%.*f%s", value < 9.995 ? 2 : value < 99.95, value, units[unit]);
	return buf;
}

/* Which client count column @x of the plot stands for. */
static double clients_at(const struct panel *p, unsigned x)
{
	const struct curve *curve = p->curve;
	double first = curve->points[0].clients, last = curve->points[curve->nr - 1].clients;

	return first + (last - first) * x / (p->width - AXIS_WIDTH - 1);
}

/* The column of the plot nearest to @clients. */
static unsigned column_of(const struct panel *p, double clients)
{
	const struct curve *curve = p->curve;
	double first = curve->points[0].clients, last = curve->points[curve->nr - 1].clients;

	if (last == first)
		return 0;
	return lround((clients - first) / (last - first) * (p->width - AXIS_WIDTH - 1));
}

/* Variants and runs differ in their ends: what is too long loses its middle, behind the metric. */
static void cut_title(char *title, size_t metric, size_t width)
{
	size_t len = strlen(title), head = metric < width / 2 ? metric + 1 : width / 2;

	if (len <= width)
		return;
	memcpy(title + head, "..", 2);
	memmove(title + head + 2, title + len - (width - head - 2), width - head - 2 + 1);
}

static void draw_title(FILE *out, const struct panel *p)
{
	const char *label = p->curve->label;
	char *title = xasprintf("%s%s%s%s%s", p->curve->metric->row, *label ? " " : "", label,
				*p->run ? ", " : "", p->run);

	cut_title(title, strlen(p->curve->metric->row), p->width);
	for (char *c = title; *c; c++) /* a character has to be one column wide */
		if (*c < ' ' || *c > '~')
			*c = '?';
	fprintf(out, "%s%-*.*s%s", p->bold, (int)p->width, (int)p->width, title, p->plain);
	free(title);
}

/* Whether the ideal is drawn at this place. */
static bool is_ideal(const struct panel *p, unsigned row, unsigned x)
{
	return ceil(curve_ideal(p->curve, clients_at(p, x)) / (p->top / PANEL_ROWS)) == row + 1;
}

/* So much of the area as reaches into @row from below. */
static const char *level_of(const struct panel *p, unsigned row, unsigned x)
{
	double mean = curve_mean(p->curve, clients_at(p, x));
	double eighths = (mean / (p->top / PANEL_ROWS) - row) * 8;
	int level = isnan(eighths) || eighths < 0 ? 0 : eighths > 8 ? 8 : (int)lround(eighths);

	if (!row && !level && mean > 0) /* little is not nothing */
		level = 1;
	return p->glyphs->levels[level];
}

/* Escape sequences only where the ideal begins and ends: a row is sent over slow lines, too. */
static void draw_cells(FILE *out, const struct panel *p, unsigned row)
{
	bool was_ideal = false;

	fputs(p->paint, out);
	for (unsigned x = 0; x < p->width - AXIS_WIDTH; x++) {
		bool ideal = is_ideal(p, row, x);

		if (ideal && !was_ideal)
			fputs(p->bold, out);
		else if (!ideal && was_ideal)
			fprintf(out, "%s%s", p->plain, p->paint);
		fputs(ideal ? p->glyphs->ideal : level_of(p, row, x), out);
		was_ideal = ideal;
	}
	fputs(p->plain, out);
}

static void draw_row(FILE *out, const struct panel *p, unsigned row)
{
	char number[16] = "";

	if (row == PANEL_ROWS - 1)
		short_number(number, sizeof(number), p->top);
	else if (row == PANEL_ROWS / 2 - 1)
		short_number(number, sizeof(number), p->top / 2);
	fprintf(out, "%*s%s", AXIS_WIDTH - 1, number, p->glyphs->axis);
	draw_cells(out, p, row);
}

static bool is_tick(const struct panel *p, unsigned x)
{
	for (size_t i = 0; i < p->curve->nr; i++)
		if (column_of(p, p->curve->points[i].clients) == x)
			return true;
	return false;
}

static void draw_axis(FILE *out, const struct panel *p)
{
	fprintf(out, "%*s%s", AXIS_WIDTH - 1, "0", p->glyphs->corner);
	for (unsigned x = 0; x < p->width - AXIS_WIDTH; x++)
		fputs(is_tick(p, x) ? p->glyphs->tick : p->glyphs->base, out);
}

/* The client counts below their ticks. The last one is always there, others where there is room. */
static void draw_counts(FILE *out, const struct panel *p)
{
	unsigned width = p->width, end = AXIS_WIDTH, last = p->curve->nr - 1;
	char *line = xmalloc(width + 1), text[16];

	memset(line, ' ', width);
	line[width] = '\0';
	for (unsigned k = 0; k <= last; k++) {
		unsigned i = k ? k - 1 : last, at, len; /* the last one first */

		len = snprintf(text, sizeof(text), "%g", p->curve->points[i].clients);
		at = AXIS_WIDTH + column_of(p, p->curve->points[i].clients);
		if (at + len > width)
			at = width - len;
		if (i != last && (at < end || strspn(line + at, " ") < len + 1))
			continue;
		memcpy(line + at, text, len);
		end = i == last ? end : at + len + 1;
	}
	fputs(line, out);
	free(line);
}

/* The panels side by side, line by line. */
static void draw_panels(FILE *out, const struct panel *panels, size_t nr)
{
	enum { TITLE, AXIS = PANEL_ROWS + 1, COUNTS, LINES };

	for (unsigned line = 0; line < LINES; line++)
		for (size_t i = 0; i < nr; i++) {
			const struct panel *p = &panels[i];

			if (line == TITLE)
				draw_title(out, p);
			else if (line == AXIS)
				draw_axis(out, p);
			else if (line == COUNTS)
				draw_counts(out, p);
			else
				draw_row(out, p, PANEL_ROWS - line);
			fprintf(out, "%s", i + 1 < nr ? PANEL_GAP : "\n");
		}
}

/* The highest that is drawn of these curves: the ideal too, up to twice what was measured. */
static double top_of(const struct curve *curves, size_t nr)
{
	double mean = 0, ideal = 0;

	for (size_t k = 0; k < nr; k++)
		for (size_t i = 0; i < curves[k].nr; i++) {
			mean = fmax(mean, curves[k].points[i].mean);
			ideal = fmax(ideal, curve_ideal(&curves[k], curves[k].points[i].clients));
		}
	return fmax(mean, fmin(ideal, 2 * mean));
}

/* How many of @nr panels go into a line, and how wide each of them is. Those of a variant in all
 * @columns stay together. */
static size_t panels_in_line(size_t nr, size_t columns, unsigned chars, unsigned *width)
{
	unsigned gap = strlen(PANEL_GAP);
	size_t fit = (chars + gap) / (PANEL_MIN + gap);

	fit = fit > nr ? nr : fit;
	fit = fit < 1 ? 1 : fit;
	if (fit > columns)
		fit -= fit % columns;
	*width = (chars + gap) / fit - gap;
	*width = *width < PANEL_MIN ? PANEL_MIN : *width > PANEL_MAX ? PANEL_MAX : *width;
	return fit;
}

/* The @nr curves of one metric. */
static void draw_metric(FILE *out, const struct curve *curves, size_t nr,
			const struct comparison *c, const struct terminal *terminal)
{
	static const char *const paints[] = {"\033[34m", "\033[33m", "\033[36m", "\033[35m"};
	struct panel *panels = xcalloc(nr, sizeof(*panels));
	double top = top_of(curves, nr);
	size_t nr_panels = 0, fit;
	unsigned width;

	for (size_t i = 0; top > 0 && i < nr; i++)
		if (curves[i].nr)
			panels[nr_panels++] = (struct panel){
				.curve = &curves[i],
				.run = c->columns.nr > 1 ? c->columns.columns[curves[i].column].name
							 : "",
				.top = top,
				.glyphs = terminal->unicode ? &unicode : &ascii,
				.paint = terminal->color ? paints[curves[i].column % 4] : "",
				.bold = terminal->color ? "\033[1m" : "",
				.plain = terminal->color ? "\033[m" : "",
			};
	fit = panels_in_line(nr_panels, c->columns.nr, terminal->columns, &width);
	for (size_t i = 0; i < nr_panels; i++)
		panels[i].width = width;
	for (size_t i = 0; i < nr_panels; i += fit) {
		fputc('\n', out);
		draw_panels(out, panels + i, nr_panels - i < fit ? nr_panels - i : fit);
	}
	free(panels);
}

void blocks_draw(FILE *out, const struct curves *curves, const struct comparison *c,
		 const struct terminal *terminal)
{
	for (size_t i = 0, nr; i < curves->nr; i += nr) {
		const struct curve *first = &curves->curves[i];

		for (nr = 1; i + nr < curves->nr && first[nr].metric == first->metric;)
			nr++;
		draw_metric(out, first, nr, c, terminal);
	}
}
