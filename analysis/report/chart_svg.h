/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chart_svg: what gnuplot drew, made fit to be part of a page: with a name for those who do not see it,
 * names that are unique in the page, and the page's colours. */
#ifndef ANALYSIS_REPORT_CHART_SVG_H
#define ANALYSIS_REPORT_CHART_SVG_H

#include <stdio.h>

#include "common/say.h"

/* How an SVG is to be called. */
struct chart_svg {
	const char *id; /* what its names begin with */
	const char *title, *words;
	bool colours; /* of the page (enum chart_ink), not those in it */
};

/* Write @svg, which gnuplot wrote, to @out. Returns 0, or -EINVAL if it does not look like gnuplot's. */
int chart_svg_write(FILE *out, const char *svg, const struct chart_svg *as, struct why *why);

#endif
