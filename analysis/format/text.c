/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of compare-mmtests.pl: cells carry their own blanks and stand side by side. */
#include "analysis/format/style.h"

#include <stdlib.h>

#include "common/say.h"
#include "common/xalloc.h"

static void nothing(struct sheet *sheet)
{
	(void)sheet;
}

static void head(struct sheet *sheet, const char *text, unsigned span)
{
	char *harmless = say_harmless(xstrdup(text));

	(void)span;
	fputs(harmless, sheet->out);
	free(harmless);
}

/* A significant percentage stands between stars instead of brackets. */
static void cell(struct sheet *sheet, const char *text, enum mark mark)
{
	char *harmless = say_harmless(xstrdup(text));

	for (const char *p = harmless; *p; p++) {
		char c = *p;

		if (mark == MARK_FILLER)
			c = ' ';
		else if (mark != MARK_PLAIN && (c == '(' || c == ')'))
			c = '*';
		fputc(c, sheet->out);
	}
	free(harmless);
}

static void row_end(struct sheet *sheet, bool is_head)
{
	(void)is_head;
	fputc('\n', sheet->out);
}

const struct style style_text = {
	.name = "text",
	.above = {"", "\n"},
	.pads = true,
	.begin = nothing,
	.row = nothing,
	.head = head,
	.cell = cell,
	.row_end = row_end,
	.end = nothing,
};
