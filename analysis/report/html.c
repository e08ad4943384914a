/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/clean.h"
#include "common/say.h"
#include "common/xalloc.h"

#define SHORT 32 /* letters of a table's cell that stay in a line */

void html_text(FILE *out, const char *text)
{
	char *clean = clean_text(text);

	for (const char *p = clean; *p; p++) {
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
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*p, out);
		}
	}
	free(clean);
}

void html_lines(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n\t");
		char *piece = xstrndup(text, len);

		html_text(out, piece);
		free(piece);
		text += len;
		if (*text)
			fputc(*text++, out);
	}
}

void html_put(FILE *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			fputc(*fmt, out);
			continue;
		}
		if (*++fmt != 's')
			BUG("html_put() knows no %%%c", *fmt);
		html_text(out, va_arg(ap, const char *));
	}
	va_end(ap);
}

static void begin(struct sheet *sheet)
{
	fputs("<table>\n", sheet->out);
	if (sheet->caption)
		html_put(sheet->out, "<caption>%s</caption>\n", sheet->caption);
	fputs("<thead>\n", sheet->out);
}

static void row(struct sheet *sheet)
{
	fputs("<tr>", sheet->out);
}

/* The blanks that line up columns of letters are of no use here. */
static void put_cell(struct sheet *sheet, const char *text)
{
	size_t start = strspn(text, " "), len = strlen(text);
	char *trimmed;

	while (len > start && text[len - 1] == ' ')
		len--;
	trimmed = xstrndup(text + start, len - start);
	html_lines(sheet->out, trimmed);
	free(trimmed);
}

/* Of the column that comes next: numbers, and texts that are too short to be broken at a hyphen. */
static const char *class_of(const struct sheet *sheet, const char *text)
{
	if (sheet->align && sheet->align[sheet->cells] == 'r')
		return " class=\"n\"";
	return strlen(text) <= SHORT ? " class=\"w\"" : "";
}

static void head(struct sheet *sheet, const char *text, unsigned span)
{
	fprintf(sheet->out, "<th scope=\"col\"%s>", class_of(sheet, text));
	put_cell(sheet, text);
	fputs("</th>", sheet->out);
	sheet->cells += span;
}

static void cell(struct sheet *sheet, const char *text, enum mark mark)
{
	bool first = !sheet->cells;

	(void)mark;
	fprintf(sheet->out, first ? "<th scope=\"row\"%s>" : "<td%s>", class_of(sheet, text));
	put_cell(sheet, text);
	fputs(first ? "</th>" : "</td>", sheet->out);
}

static void row_end(struct sheet *sheet, bool is_head)
{
	fputs(is_head ? "</tr>\n</thead>\n<tbody>\n" : "</tr>\n", sheet->out);
}

static void end(struct sheet *sheet)
{
	fputs("</tbody>\n</table>\n", sheet->out);
}

const struct style style_page = {
	.name = "page",
	.one_head = true,
	.whole_heads = true,
	.begin = begin,
	.row = row,
	.head = head,
	.cell = cell,
	.row_end = row_end,
	.end = end,
};

void html_grid(FILE *out, const char *caption, struct grid *grid)
{
	html_put(out, "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n",
		 caption);
	grid->caption = caption;
	grid_print(grid, out, &style_page);
	fputs("</div>\n", out);
}
