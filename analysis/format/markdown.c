/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table for mails and pull requests; a significant percentage is bold. */
#include <stdlib.h>
#include <string.h>

#include "analysis/format/style.h"
#include "common/say.h"
#include "common/xalloc.h"

static void nothing(struct sheet *sheet)
{
	(void)sheet;
}

/* @text without the blanks around it and, for a percentage, without its brackets. */
static void trimmed(FILE *out, const char *from_file)
{
	char *text = say_harmless(xstrdup(from_file));
	size_t len = strlen(text), start = strspn(text, " ");
	bool brackets = text[start] == '(';

	start += strspn(text + start, brackets ? " (" : " ");
	while (len > start && (text[len - 1] == ' ' || (brackets && text[len - 1] == ')')))
		len--;
	for (size_t i = start; i < len; i++) {
		if (text[i] == '|')
			fputc('\\', out);
		if (text[i] == '<') /* else it begins HTML */
			fputs("&lt;", out);
		else
			fputc(text[i], out);
	}
	free(text);
}

static void row(struct sheet *sheet)
{
	fputs("|", sheet->out);
}

static void head(struct sheet *sheet, const char *text, unsigned span)
{
	fputc(' ', sheet->out);
	trimmed(sheet->out, text);
	for (unsigned i = 0; i < span; i++)
		fputs(" |", sheet->out);
	sheet->cells += span;
}

static void cell(struct sheet *sheet, const char *text, enum mark mark)
{
	bool bold = mark == MARK_BETTER || mark == MARK_WORSE || mark == MARK_CHANGED;

	fputs(bold ? " **" : " ", sheet->out);
	if (mark != MARK_FILLER)
		trimmed(sheet->out, text);
	fputs(bold ? "** |" : " |", sheet->out);
}

/* Below the header stands a line that says how the columns are aligned: labels left, numbers right. */
static void row_end(struct sheet *sheet, bool is_head)
{
	fputc('\n', sheet->out);
	if (!is_head)
		return;
	fputs("|", sheet->out);
	for (unsigned i = 0; i < sheet->cells; i++)
		fputs(i < 2 ? " --- |" : " ---: |", sheet->out);
	fputc('\n', sheet->out);
}

const struct style style_markdown = {
	.name = "markdown",
	.above = {"", "\n\n"},
	.one_head = true,
	.begin = nothing,
	.row = row,
	.head = head,
	.cell = cell,
	.row_end = row_end,
	.end = nothing,
};
