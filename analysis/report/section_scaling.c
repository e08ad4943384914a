/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fault rates grow with the number of clients. */
#include "analysis/report/lines.h"
#include "analysis/report/section.h"

static void charts(struct charts *charts, const struct page *page)
{
	for (size_t m = 0; m < page->rates.nr; m++)
		lines_add(charts, &page->rate, &page->rates.metrics[m]);
}

const struct section section_scaling = {
	.name = "scaling",
	.title = "Scaling",
	.summary =
		"Rates by client count: means with their 95% bootstrap intervals. The dashed grey "
		"line "
		"is what would be ideal.",
	.charts = charts,
};
