/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/boots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define BOOT "time_boot" /* a number that a step has of the boot that it ran in (docs/format.md) */

/* Numbers of boots, in the order in which they were met. */
struct boots {
	double *ids; /* NaN: of a step that does not say */
	size_t nr, cap;
};

/* The place of the boot @id, added if it is new. */
static size_t place_of(struct boots *b, double id)
{
	for (size_t i = 0; i < b->nr; i++)
		if (b->ids[i] == id || (isnan(b->ids[i]) && isnan(id)))
			return i;
	XGROW(b->ids, b->nr, b->cap);
	b->ids[b->nr] = id;
	return b->nr++;
}

size_t boots_count(const struct run *run)
{
	struct boots b = {0};

	for (size_t i = 0; i < run->nr_series; i++)
		for (size_t k = 0; !strcmp(run->series[i]->metric, BOOT) && k < run->series[i]->nr;
		     k++)
			place_of(&b, run->series[i]->samples[k].value);
	free(b.ids);
	return b.nr;
}

double *boots_logs(const struct run *run, const struct series *series, size_t *nr)
{
	const struct series *of = run_find(run, series->variant, series->clients, BOOT);
	double *sums = xcalloc(series->nr + 1, sizeof(*sums));
	size_t *counts = xcalloc(series->nr + 1, sizeof(*counts));
	struct boots b = {0};

	for (size_t i = 0; i < series->nr; i++) {
		size_t at = place_of(&b, series_value_like(of, &series->samples[i]));

		sums[at] += log(series->samples[i].value);
		counts[at]++;
	}
	for (size_t i = 0; i < b.nr; i++)
		sums[i] /= (double)counts[i];
	*nr = b.nr;
	free(counts);
	free(b.ids);
	return sums;
}
