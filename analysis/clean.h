/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clean: texts from a run, which may be any bytes, as text that every format can hold. */
#ifndef ANALYSIS_CLEAN_H
#define ANALYSIS_CLEAN_H

#include <stddef.h>

/* @text in UTF-8 with U+FFFD for each control character, byte that is no UTF-8, and character that XML
 * cannot hold, in memory that the caller frees. */
char *clean_text(const char *text);

/* Cut @text, which is UTF-8, to at most @max bytes, between two characters. Returns @text. */
char *clean_cut(char *text, size_t max);

#endif
