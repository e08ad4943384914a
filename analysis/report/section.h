/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * section: one kind of thing that a report tells. A kind is a file with one exported const struct, and a
 * row in section_table.c; its order there is that of the page.
 */
#ifndef ANALYSIS_REPORT_SECTION_H
#define ANALYSIS_REPORT_SECTION_H

#include <stdio.h>

#include "analysis/report/chart.h"
#include "analysis/report/page.h"

struct section {
	const char *name; /* of its anchor, and of its chart for 'faultscale plot' */
	const char *title;
	const char *summary; /* what it shows, in a sentence for page and --list */
	/* Add its charts, in their order; none where the runs have nothing for them. NULL: it has none. */
	void (*charts)(struct charts *charts, const struct page *page);
	/* Write what stands below the charts, or NULL. Writes nothing where there is nothing. */
	void (*write)(FILE *out, const struct page *page);
	/* What has to be done for it to have something, told in one place where it has nothing; NULL: it is
	 * not spoken of. */
	const char *missing;
};

extern const struct section section_verdict, section_change, section_scaling, section_time,
	section_drift, section_workers, section_counters, section_waits, section_placement,
	section_numbers, section_settings;

/* All sections in the order of the page, NULL-terminated. */
extern const struct section *const sections[];

/* The section called @name that has charts. Returns NULL with all such names in @why if there is none. */
const struct section *section_find(const char *name, struct why *why);

#endif
