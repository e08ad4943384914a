/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_value: what all JSON of ours has in common: values, and how it is printed. */
#ifndef ANALYSIS_FORMAT_JSON_VALUE_H
#define ANALYSIS_FORMAT_JSON_VALUE_H

#include <jansson.h>
#include <stdio.h>

/* A number; JSON has no NaN: what does not exist is null. */
json_t *json_number(double value);

/* A text, null for NULL. Names come from directories, which need not be UTF-8: then it is cleaned
 * (analysis/clean.h). */
json_t *json_text(const char *text);

/* Print @root, a value a line, numbers with the 15 digits that every double has. */
void json_print(FILE *out, const json_t *root);

#endif
