/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html: text of a run as part of a page. Texts go through here and nowhere else, so none becomes markup. */
#ifndef ANALYSIS_REPORT_HTML_H
#define ANALYSIS_REPORT_HTML_H

#include <stdio.h>

#include "analysis/format/grid.h"
#include "analysis/format/style.h"

/* Write @text, which may be any bytes, escaped for an element's content or a quoted attribute, of HTML or
 * of XML. */
void html_text(FILE *out, const char *text);

/* The same of a text of several lines, whose ends and tabs stay: for elements that show them. */
void html_lines(FILE *out, const char *text);

/* Write the markup @fmt with html_text() of an argument for each %s; it knows no other conversion. */
void html_put(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A table with scopes for its headers: the first row, and the first cell of each other row. */
extern const struct style style_page;

/* Print @grid as a table called @caption that can be scrolled sideways, and free what it holds. */
void html_grid(FILE *out, const char *caption, struct grid *grid);

#endif
