/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console: what a guest's kernel said, for people. */
#ifndef HARNESS_GUEST_CONSOLE_H
#define HARNESS_GUEST_CONSOLE_H

#include <stddef.h>
#include <stdio.h>

/* Print the last @lines lines of @text, indented; control characters, which could do things to a terminal,
 * are left out. */
void console_print(FILE *out, const char *text, size_t len, unsigned lines);

/* Print what a guest's program wrote, UTF-8, without control characters but newlines and tabs. */
void console_write(FILE *out, const char *text, size_t len);

#endif
