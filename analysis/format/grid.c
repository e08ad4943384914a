/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/grid.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

void grid_init(struct grid *grid, const char *align)
{
	*grid = (struct grid){.align = align};
}

void grid_text(struct grid *grid, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	XGROW(grid->cells, grid->nr, grid->cap);
	grid->cells[grid->nr++] = text;
}

void grid_number(struct grid *grid, int decimals, double value)
{
	if (isnan(value))
		grid_text(grid, "-");
	else
		grid_text(grid, "%.*f", decimals, value);
}

void grid_time(struct grid *grid, double ns)
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	size_t unit = 0;

	if (isnan(ns)) {
		grid_text(grid, "-");
		return;
	}
	for (; unit < 3 && ns >= 999.5; unit++)
		ns /= 1000;
	grid_text(grid, "%.*f %s", unit && ns < 9.95, ns, units[unit]);
}

/* How many columns of a terminal @text takes: a character, whatever its bytes, is one. */
static size_t columns_of(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += (*text & 0xc0) != 0x80;
	return nr;
}

static int width_of(const struct grid *grid, size_t columns, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < grid->nr; i += columns) {
		size_t len = columns_of(grid->cells[i]);

		width = len > width ? len : width;
	}
	return width;
}

/* One cell with its blanks; the last one has none behind it. */
static void print_cell(struct sheet *sheet, const struct grid *grid, size_t columns, size_t i)
{
	size_t column = i % columns;
	int width = width_of(grid, columns, column) + strlen(grid->cells[i]) -
		    columns_of(grid->cells[i]); /* which is of bytes */
	const char *gap = column ? "  " : "";
	char *text;

	if (grid->align[column] == 'l')
		width = column + 1 < columns ? -width : 0;
	text = xasprintf("%s%*s", gap, width, grid->cells[i]);
	if (i < columns)
		sheet->style->head(sheet, text, 1);
	else
		sheet_cell(sheet, MARK_PLAIN, "%s", text);
	free(text);
}

void grid_print(struct grid *grid, FILE *out, const struct style *style)
{
	struct sheet sheet = {
		.out = out, .style = style, .align = grid->align, .caption = grid->caption};
	size_t columns = strlen(grid->align);

	style->begin(&sheet);
	for (size_t i = 0; i < grid->nr; i++) {
		if (i % columns == 0) {
			sheet.cells = 0;
			style->row(&sheet);
		}
		print_cell(&sheet, grid, columns, i);
		if (i % columns == columns - 1)
			style->row_end(&sheet, i < columns);
	}
	style->end(&sheet);
	grid_release(grid);
}

void grid_release(struct grid *grid)
{
	for (size_t i = 0; i < grid->nr; i++)
		free(grid->cells[i]);
	free(grid->cells);
	*grid = (struct grid){0};
}
