/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/console.h"

#include <stdbool.h>

#define INDENT "  | "

/* Where the last @lines lines begin. */
static size_t start_of(const char *text, size_t len, unsigned lines)
{
	size_t start = len;

	while (start && text[start - 1] == '\n')
		start--;
	for (; start; start--)
		if (text[start - 1] == '\n' && !--lines)
			break;
	return start;
}

void console_print(FILE *out, const char *text, size_t len, unsigned lines)
{
	bool at_start = true, escape = false;

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	for (size_t i = start_of(text, len, lines); i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (at_start)
			fputs(INDENT, out);
		at_start = c == '\n';
		/* a colour, a cursor: up to the letter that ends it */
		if (c == '\033' || escape)
			escape = c == '\033' || c == '[' || c < 0x40;
		else if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f))
			fputc(c, out);
	}
	if (!at_start)
		fputc('\n', out);
}

/* A byte from 0x80 to 0x9f is a control character of its own to some terminals, and behind 0xc2 to all. */
static bool is_c1(unsigned char before, unsigned char c)
{
	return c >= 0x80 && c < 0xa0 && (before < 0x80 || before == 0xc2);
}

void console_write(FILE *out, const char *text, size_t len)
{
	unsigned char before = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f && !is_c1(before, c)))
			fputc(c, out);
		before = c;
	}
}
