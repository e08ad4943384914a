/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "analysis/format/data.h"
#include "analysis/format/json_value.h"

#define FORMAT_NAME "faultscale compare 1"

static json_t *pair(double low, double high, bool exists)
{
	return exists && isfinite(low) && isfinite(high)
		       ? json_pack("[o, o]", json_number(low), json_number(high))
		       : json_null();
}

static json_t *statistics(const struct summary *sum, const double *change, enum better better)
{
	json_t *all = json_object();

	for (size_t k = 0; k < NR_STATS; k++)
		if (stat_label(k, better))
			json_object_set_new(all, stat_label(k, better),
					    json_number(change ? change[k] : sum->value[k]));
	return all;
}

static json_t *cell_json(const struct comparison *c, const struct row *row, size_t i)
{
	const struct cell *cell = &row->cells[i];
	const struct summary *sum = &cell->sum, *base = &row->cells[0].sum;
	bool tested = i && sum->has_interval && base->has_interval;
	json_t *json = json_object();

	json_object_set_new(json, "run", json_text(c->columns.columns[i].name));
	json_object_set_new(json, "n", json_integer(sum->n));
	json_object_set_new(json, "value", statistics(sum, NULL, row->metric->better));
	json_object_set_new(json, "median", json_number(sum->median));
	json_object_set_new(json, "interval", pair(sum->low, sum->high, sum->has_interval));
	json_object_set_new(json, "change_percent",
			    statistics(sum, cell->change, row->metric->better));
	json_object_set_new(json, "significant",
			    tested ? json_boolean(cell->significant) : json_null());
	json_object_set_new(json, "ratio", json_number(cell->ratio));
	if (c->options.bootstrap) {
		const struct ratio_interval *mean = &cell->mean_interval;
		const struct ratio_interval *median = &cell->median_interval;

		json_object_set_new(json, "ratio_interval", pair(mean->low, mean->high, true));
		json_object_set_new(json, "median_ratio", json_number(median->ratio));
		json_object_set_new(json, "median_ratio_interval",
				    pair(median->low, median->high, true));
	}
	json_object_set_new(json, "absent", json_text(cell->absent));
	return json;
}

static json_t *row_json(const struct comparison *c, const struct row *row)
{
	static const char *const better[] = {NULL, "higher", "lower"};
	json_t *json = json_object(), *cells = json_array();

	for (size_t i = 0; i < c->columns.nr; i++)
		json_array_append_new(cells, cell_json(c, row, i));
	json_object_set_new(json, "metric", json_text(row->metric->metric));
	json_object_set_new(json, "variant", *row->label ? json_text(row->label) : json_null());
	json_object_set_new(json, "clients", json_text(row->clients));
	json_object_set_new(json, "better", json_text(better[row->metric->better]));
	json_object_set_new(json, "cells", cells);
	return json;
}

static json_t *bootstrap_json(const struct bootstrap *boot)
{
	return json_pack("{s:s, s:f, s:I, s:I}", "method", boot->percentile ? "percentile" : "BCa",
			 "level", boot->level, "resamples", (json_int_t)boot->resamples, "seed",
			 (json_int_t)boot->seed);
}

static json_t *run_json(const struct column *column)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", json_text(column->name));
	json_object_set_new(json, "path", json_text(column->run->path));
	return json;
}

void json_comparison(FILE *out, const struct comparison *c)
{
	json_t *root = json_object(), *runs = json_array(), *rows = json_array();

	for (size_t i = 0; i < c->columns.nr; i++)
		json_array_append_new(runs, run_json(&c->columns.columns[i]));
	for (size_t r = 0; r < c->nr_rows; r++)
		json_array_append_new(rows, row_json(c, &c->rows[r]));
	json_object_set_new(root, "format", json_string(FORMAT_NAME));
	json_object_set_new(root, "runs", runs);
	if (c->options.bootstrap)
		json_object_set_new(root, "bootstrap", bootstrap_json(c->options.bootstrap));
	json_object_set_new(root, "rows", rows);
	json_print(out, root);
	json_decref(root);
}

void json_durations(FILE *out, const struct columns *columns)
{
	json_t *root = json_object(), *runs = json_array();

	for (size_t i = 0; i < columns->nr; i++) {
		const struct durations *d = &columns->columns[i].run->durations;
		json_t *run = run_json(&columns->columns[i]);

		json_object_set_new(run, "user_s", json_number(d->measured ? d->user : NAN));
		json_object_set_new(run, "system_s", json_number(d->measured ? d->system : NAN));
		json_object_set_new(run, "elapsed_s", json_number(d->measured ? d->elapsed : NAN));
		json_array_append_new(runs, run);
	}
	json_object_set_new(root, "format", json_string(FORMAT_NAME));
	json_object_set_new(root, "runs", runs);
	json_print(out, root);
	json_decref(root);
}
