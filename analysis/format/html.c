/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML table of compare-mmtests.pl, which colours significant percentages. */
#include "analysis/format/style.h"

#include <stdlib.h>

#include "common/say.h"
#include "common/xalloc.h"

static void escaped(FILE *out, const char *text)
{
	char *harmless = say_harmless(xstrdup(text));

	for (const char *p = harmless; *p; p++) {
		switch (*p) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			fputc(*p, out);
		}
	}
	free(harmless);
}

static void begin(struct sheet *sheet)
{
	fputs("<table class=\"resultsTable\">\n", sheet->out);
}

static void row(struct sheet *sheet)
{
	fputs("<tr>", sheet->out);
}

static void head(struct sheet *sheet, const char *text, unsigned span)
{
	fprintf(sheet->out, "<th colspan=\"%u\" >", span);
	escaped(sheet->out, text);
	fputs("</th>", sheet->out);
}

static void cell(struct sheet *sheet, const char *text, enum mark mark)
{
	static const char *const colours[] = {
		[MARK_BETTER] = "#A0FFA0",
		[MARK_WORSE] = "#FFA0A0",
		[MARK_CHANGED] = "#FFFFA0",
		[MARK_FILLER] = NULL,
	};

	if (colours[mark])
		fprintf(sheet->out, "<td bgcolor=\"%s\">", colours[mark]);
	else
		fputs("<td >", sheet->out);
	escaped(sheet->out, text);
	fputs("</td>", sheet->out);
}

static void row_end(struct sheet *sheet, bool is_head)
{
	(void)is_head;
	fputs("</tr>\n", sheet->out);
}

static void end(struct sheet *sheet)
{
	fputs("</table>\n", sheet->out);
}

const struct style style_html = {
	.name = "html",
	.above = {"<p>", "</p>\n"},
	.fixed_cells = true,
	.begin = begin,
	.row = row,
	.head = head,
	.cell = cell,
	.row_end = row_end,
	.end = end,
};
