/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "analysis/format/layout.h"

#define WIDTH 12

void layout_duration(FILE *out, const struct columns *columns, const struct layout *layout)
{
	static const char *const labels[] = {"User   ", "System ", "Elapsed"};
	const unsigned span = layout->style->fixed_cells ? 2 : 1;
	const struct head_shape head = {
		strlen("Duration Elapsed"), 2, WIDTH, WIDTH, span, span,
	};
	struct sheet sheet = {.out = out, .style = layout->style};

	sheet.style->begin(&sheet);
	layout_head(&sheet, columns, &head);
	for (size_t k = 0; k < 3; k++) {
		sheet.style->row(&sheet);
		sheet_cell(&sheet, MARK_PLAIN, "Duration");
		sheet_cell(&sheet, MARK_PLAIN, " %s", labels[k]);
		for (size_t i = 0; i < columns->nr; i++) {
			const struct durations *d = &columns->columns[i].run->durations;
			const double values[] = {d->user, d->system, d->elapsed};

			sheet_cell(&sheet, MARK_PLAIN, "%*.2f", WIDTH, values[k]);
			if (layout->style->fixed_cells)
				sheet_cell(&sheet, MARK_PLAIN, "%s", "");
		}
		sheet.style->row_end(&sheet, false);
	}
	sheet.style->end(&sheet);
}
