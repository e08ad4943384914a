/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines: a text file line by line, for formats that are made of lines. */
#ifndef ANALYSIS_IMPORT_LINES_H
#define ANALYSIS_IMPORT_LINES_H

#include <stddef.h>

#include "analysis/import/import.h"

struct lines {
	const struct import_file *file;
	unsigned number; /* of the line read last, from 1 */
	char *text; /* it, without what ends it; to be cut up at will */
	size_t size;
};

/* Read the next line. Returns 1, 0 at the end, or -errno with the reason: what holds a NUL is no text. */
int lines_next(struct lines *lines, struct why *why);

/* End a reader with "FILE:LINE: @fmt" about the line read last. Returns -EINVAL. */
int lines_bad(const struct lines *lines, struct why *why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Free the line. */
void lines_release(struct lines *lines);

/* The name of the file without directories and without what follows the first dot, for the caller to
 * free: the case that was measured, where the file is called after it. */
char *lines_case(const struct import_file *file);

#endif
