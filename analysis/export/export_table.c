/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats, one row each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/export/export.h"
#include "common/xalloc.h"

const struct export_format *const export_formats[] = {
	&export_google_benchmark,
	&export_benchstat,
	&export_bencher,
	&export_github_benchmark,
	&export_tsv,
	&export_junit,
	&export_github_annotations,
	&export_github_summary,
	NULL,
};

const struct export_format *export_format_find(const char *name, struct why *why)
{
	char *names = NULL;

	for (size_t i = 0; export_formats[i]; i++)
		if (!strcmp(export_formats[i]->name, name))
			return export_formats[i];
	for (size_t i = 0; export_formats[i]; i++)
		names = xappend(names, ", ", export_formats[i]->name);
	why_not(why, EINVAL, "no such format, with '%.60s': there are %s", name, names);
	free(names);
	return NULL;
}
