/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON of Google's benchmark library, --benchmark_out_format=json, of which its compare.py, Bencher
 * and github-action-benchmark read name, run_type, repetition_index, real_time, cpu_time and time_unit.
 * A benchmark is a variant at a client count, a repetition an iteration; times are those of one fault.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/export/export.h"
#include "analysis/format/json_value.h"
#include "common/xalloc.h"

static json_t *repetition(const struct export *e, size_t begin, size_t end, size_t i, double wall,
			  double cpu)
{
	const struct export_cell *cell = &e->cells[begin];
	char *name = xasprintf("pft/%s", cell->group);
	json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:i, s:f, s:f, s:s, s:f}", "name",
				 name, "run_name", name, "run_type", "iteration", "repetitions",
				 (json_int_t)cell->series->nr, "repetition_index", (json_int_t)i,
				 "threads", (json_int_t)strtoul(cell->clients, NULL, 10),
				 "iterations", 1, "real_time", 1e9 / wall, "cpu_time", 1e9 / cpu,
				 "time_unit", "ns", "items_per_second", wall);

	for (size_t k = begin; k < end; k++) {
		double value = series_value_like(e->cells[k].series, &cell->series->samples[i]);

		if (isfinite(value))
			json_object_set_new(json, e->cells[k].metric, json_real(value));
	}
	free(name);
	return json;
}

static void add_group(json_t *all, const struct export *e, size_t begin, size_t end)
{
	const struct series *series = e->cells[begin].series, *wall, *cpu;

	if (!series)
		return;
	wall = run_find(e->source, series->variant, series->clients, "faults/sec");
	cpu = run_find(e->source, series->variant, series->clients, "faults/cpu");
	for (size_t i = 0; i < series->nr; i++) {
		double w = series_value_like(wall, &series->samples[i]);
		double c = series_value_like(cpu, &series->samples[i]);

		if (w > 0 && c > 0 && isfinite(w) && isfinite(c))
			json_array_append_new(all, repetition(e, begin, end, i, w, c));
	}
}

static int write_json(FILE *out, const struct export *e, struct why *why)
{
	json_t *all = json_array(), *root;
	int err = 0;

	for (size_t i = 0, end; i < e->nr; i = end) {
		end = export_group_end(e, i);
		add_group(all, e, i, end);
	}
	root = json_pack("{s:{s:s, s:s, s:s}, s:o}", "context", "executable", "faultscale", "run",
			 e->run, "library_build_type", "release", "benchmarks", all);
	if (json_array_size(all))
		json_print(out, root);
	else
		err = why_not(why, EINVAL,
			      "'%s' has no iteration with faults/sec and faults/cpu, "
			      "the times of this format",
			      e->run);
	json_decref(root);
	return err;
}

const struct export_format export_google_benchmark = {
	"google-benchmark", "JSON of Google's benchmark library, for its compare.py", write_json};
