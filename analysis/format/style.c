/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/style.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static const struct style *const styles[] = {&style_text, &style_html, &style_markdown};

const struct style *style_find(const char *name)
{
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (!strcmp(name, styles[i]->name))
			return styles[i];
	return NULL;
}

void sheet_cell(struct sheet *sheet, enum mark mark, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	sheet->style->cell(sheet, text, mark);
	sheet->cells++;
	free(text);
}
