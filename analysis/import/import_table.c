/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats, one row each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/import/import.h"
#include "common/xalloc.h"

const struct import_format *const import_formats[] = {
	&import_will_it_scale,
	&import_stress_ng,
	&import_pft,
	&import_published,
	NULL,
};

const struct import_format *import_format_find(const char *name, struct why *why)
{
	char *names = NULL;

	for (size_t i = 0; import_formats[i]; i++)
		if (!strcmp(import_formats[i]->name, name))
			return import_formats[i];
	for (size_t i = 0; import_formats[i]; i++)
		names = xappend(names, ", ", import_formats[i]->name);
	why_not(why, EINVAL, "no such kind, with '%.60s': there are %s", name, names);
	free(names);
	return NULL;
}
