/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chart_script: a chart in the words of gnuplot. */
#ifndef ANALYSIS_REPORT_CHART_SCRIPT_H
#define ANALYSIS_REPORT_CHART_SCRIPT_H

#include <stdio.h>

#include "analysis/report/chart.h"

/* What it is drawn for. */
enum chart_target {
	CHART_INLINE, /* SVG for a page, which has title and legend and knows the colours */
	CHART_SVG, /* alone, with title and legend, on white */
	CHART_PNG, /* likewise */
};

/* Colours in the SVG of CHART_INLINE are rgb(0,0,N), N the look of a series or one of these. */
enum chart_ink {
	CHART_INK_GREY = 0x20, /* series without a look */
	CHART_INK_TEXT,
	CHART_INK_AXIS,
	CHART_INK_GRID,
	CHART_INK_BAND,
};

/* Write what gnuplot is to do. Names are quoted so that gnuplot takes them as they are. */
void chart_script(FILE *out, const struct chart *chart, enum chart_target target);

#endif
