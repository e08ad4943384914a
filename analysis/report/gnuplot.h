/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gnuplot: the program that draws, run as a child. */
#ifndef ANALYSIS_REPORT_GNUPLOT_H
#define ANALYSIS_REPORT_GNUPLOT_H

#include <stddef.h>

#include "common/say.h"

/*
 * Have gnuplot carry out @script and return what it wrote to its standard output, *@text[*@len] with a
 * '\0' behind it, for the caller to free. Returns 0, or -errno with the reason in one line in @why: -ENOENT
 * if there is no gnuplot.
 */
int gnuplot_run(const char *script, char **text, size_t *len, struct why *why);

#endif
