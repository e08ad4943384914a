/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/layout.h"

#include <math.h>
#include <stdlib.h>

/* One line of the header: line 0 or 1 of the names, or (-1) whole names. */
static void head_line(struct sheet *sheet, const struct columns *columns,
		      const struct head_shape *shape, int line)
{
	char text[1024];

	sheet->cells = 0;
	sheet->style->row(sheet);
	snprintf(text, sizeof(text), "%*s", shape->indent, "");
	sheet->style->head(sheet, text, shape->labels);
	for (size_t i = 0; i < columns->nr; i++) {
		const struct column *c = &columns->columns[i];

		snprintf(text, sizeof(text), "%*s", i ? shape->width : shape->base_width,
			 line < 0 ? c->name : c->head[line]);
		sheet->style->head(sheet, text, i ? shape->span : shape->base_span);
	}
	sheet->style->row_end(sheet, true);
}

void layout_head(struct sheet *sheet, const struct columns *columns, const struct head_shape *shape)
{
	if (sheet->style->one_head) {
		head_line(sheet, columns, shape, -1);
		return;
	}
	head_line(sheet, columns, shape, 0);
	head_line(sheet, columns, shape, 1);
}

const char *layout_number(char *buf, size_t size, int width, int decimals, double value,
			  bool absent)
{
	if (absent)
		snprintf(buf, size, "%*s", width, "-");
	else if (isnan(value))
		snprintf(buf, size, "%*s", width, "NaN");
	else
		snprintf(buf, size, "%*.*f", width, decimals, value);
	return buf;
}

double layout_rounded(double percent)
{
	char text[40];

	snprintf(text, sizeof(text), "%.15g", percent);
	return strtod(text, NULL);
}
