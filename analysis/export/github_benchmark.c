/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The array that github-action-benchmark reads with 'tool: customBiggerIsBetter'. It knows one direction
 * for all, so metrics of which less is better stay out. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/export/export.h"
#include "analysis/format/json_value.h"
#include "common/xalloc.h"

static void add_entry(json_t *all, const struct export_cell *cell)
{
	double mean = cell->sum->value[STAT_MEAN], spread = cell->sum->value[STAT_COEFFVAR];
	char *name = xasprintf("pft/%s %s", cell->group, cell->metric), text[200];
	json_t *entry =
		json_pack("{s:s, s:s, s:f}", "name", name, "unit", cell->metric, "value", mean);

	if (isfinite(spread)) {
		snprintf(text, sizeof(text), "\u00b1 %.2f%%", spread);
		json_object_set_new(entry, "range", json_string(text));
	}
	json_object_set_new(entry, "extra", json_string(export_figures(cell, text, sizeof(text))));
	json_array_append_new(all, entry);
	free(name);
}

static int write_json(FILE *out, const struct export *e, struct why *why)
{
	json_t *all = json_array();
	int err = 0;

	for (size_t i = 0; i < e->nr; i++)
		if (e->cells[i].better == BETTER_HIGHER &&
		    isfinite(e->cells[i].sum->value[STAT_MEAN]))
			add_entry(all, &e->cells[i]);
	if (json_array_size(all))
		json_print(out, all);
	else
		err = why_not(why, EINVAL, "'%s' has no number of which more is better", e->run);
	json_decref(all);
	return err;
}

const struct export_format export_github_benchmark = {
	"github-action-benchmark", "JSON for github-action-benchmark, customBiggerIsBetter",
	write_json};
