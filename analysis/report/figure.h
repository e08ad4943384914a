/* SPDX-License-Identifier: GPL-2.0-or-later */
/* figure: a chart as part of a page: what it is called, its legend, the picture, its numbers. */
#ifndef ANALYSIS_REPORT_FIGURE_H
#define ANALYSIS_REPORT_FIGURE_H

#include <stdio.h>

#include "analysis/report/chart.h"
#include "common/say.h"

/* Write @chart with names that begin with @id. Where it cannot be drawn its numbers are shown in its place.
 * Returns 0, or -errno with the reason in @why. */
int figure_write(FILE *out, const struct chart *chart, const char *id, struct why *why);

#endif
