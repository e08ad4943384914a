/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * style: how the cells of a table are put on paper. A layout (table, ratio, duration) decides what
 * stands in the cells and how wide they are; a style is text, HTML or markdown. One file per style,
 * one row each in style.c.
 */
#ifndef ANALYSIS_FORMAT_STYLE_H
#define ANALYSIS_FORMAT_STYLE_H

#include <stdbool.h>
#include <stdio.h>

/* What a style may want to know of a cell beside its text. */
enum mark {
	MARK_PLAIN,
	MARK_BETTER, /* a significant percentage, in brackets, for the better */
	MARK_WORSE,
	MARK_CHANGED, /* significant, but nobody knows which way is better */
	MARK_FILLER, /* only there to keep the columns in line */
};

struct style;

struct sheet {
	FILE *out;
	const struct style *style;
	unsigned cells; /* of this row so far */
	const char *align; /* 'l' or 'r' for each column; NULL where nobody says */
	const char *caption; /* what the table is called, or NULL */
};

struct style {
	const char *name; /* what --format says */
	const char *above[2]; /* what a sentence above the table stands between */
	bool one_head; /* run names go into one header line, not two */
	bool fixed_cells; /* a value is always followed by the cell of a percentage, maybe empty */
	bool whole_heads; /* a head is understood without the one before it */
	bool pads; /* fillers at the end of a row are printed */
	void (*begin)(struct sheet *sheet);
	void (*row)(struct sheet *sheet);
	void (*head)(struct sheet *sheet, const char *text, unsigned span);
	void (*cell)(struct sheet *sheet, const char *text, enum mark mark);
	void (*row_end)(struct sheet *sheet, bool is_head);
	void (*end)(struct sheet *sheet);
};

extern const struct style style_text, style_html, style_markdown;

/* The style called @name, or NULL. */
const struct style *style_find(const char *name);

/* Print a formatted cell through the style. */
void sheet_cell(struct sheet *sheet, enum mark mark, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
