/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bencher Metric Format: benchmarks, their measures, and of each the mean between the smallest and the
 * largest value. Bencher takes names of 1024 characters and measures of 64. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/clean.h"
#include "analysis/export/export.h"
#include "analysis/format/json_value.h"
#include "common/xalloc.h"

enum { MAX_NAME = 1024, MAX_MEASURE = 64 };

static void add_measure(json_t *benchmark, const struct export_cell *cell)
{
	char *name = clean_cut(xstrdup(cell->metric), MAX_MEASURE);
	double mean = cell->sum->value[STAT_MEAN];

	if (isfinite(mean))
		json_object_set_new(benchmark, name,
				    json_pack("{s:f, s:f, s:f}", "value", mean, "lower_value",
					      export_min(cell), "upper_value", export_max(cell)));
	free(name);
}

static int write_json(FILE *out, const struct export *e, struct why *why)
{
	json_t *root = json_object();
	int err = 0;

	for (size_t i = 0, end; i < e->nr; i = end) {
		char *name = clean_cut(xasprintf("pft/%s", e->cells[i].group), MAX_NAME);
		json_t *benchmark = json_object();

		end = export_group_end(e, i);
		for (size_t k = i; k < end; k++)
			add_measure(benchmark, &e->cells[k]);
		if (json_object_size(benchmark))
			json_object_set(root, name, benchmark);
		json_decref(benchmark);
		free(name);
	}
	if (json_object_size(root))
		json_print(out, root);
	else
		err = why_not(why, EINVAL, "'%s' has no number", e->run);
	json_decref(root);
	return err;
}

const struct export_format export_bencher = {"bencher", "Bencher Metric Format (BMF)", write_json};
