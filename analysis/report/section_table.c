/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sections, one row each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/section.h"
#include "common/xalloc.h"

const struct section *const sections[] = {
	&section_verdict,   &section_change,   &section_scaling,  &section_time,
	&section_waits,	    &section_counters, &section_workers,  &section_drift,
	&section_placement, &section_numbers,  &section_settings, NULL,
};

const struct section *section_find(const char *name, struct why *why)
{
	char *names = NULL;

	for (size_t i = 0; sections[i]; i++)
		if (sections[i]->charts && !strcmp(sections[i]->name, name))
			return sections[i];
	for (size_t i = 0; sections[i]; i++)
		if (sections[i]->charts)
			names = xappend(names, ", ", sections[i]->name);
	why_not(why, EINVAL, "no such chart, with '%.60s': there are %s", name, names);
	free(names);
	return NULL;
}
