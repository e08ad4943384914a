/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/gate.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/format/json_value.h"
#include "common/say.h"
#include "common/tsv.h"
#include "common/xalloc.h"

static const struct tsv_schema schema = {
	"gate", 1,
	(const char *const[]){"metric", "variant", "clients", "verdict", "change", "low", "high",
			      "p", "detects", "delta", "base_n", "base_worth", "new_n", "new_worth",
			      "reason", NULL}};

static const char *name_of(const struct gate_cell *cell)
{
	return cell->no_baseline && !cell->failure ? "no baseline" : verdict_name(cell->v.verdict);
}

/* A change as large as this would have been found; percent, NaN if that cannot be told. */
static double detects_of(const struct gate_cell *cell)
{
	return -verdict_percent(-cell->v.detects);
}

/* Why a cell has no verdict, "" if it has one. */
static const char *reason_of(const struct gate_cell *cell)
{
	if (cell->failure)
		return cell->failure;
	if (cell->cause)
		return cell->cause;
	return cell->unsafe && cell->v.verdict == VERDICT_INCONCLUSIVE ? cell->unsafe : "";
}

/* Behind the sentence: what it rests on. */
static void say_numbers(FILE *out, const struct gate *gate, const struct gate_cell *cell)
{
	fprintf(out, " (");
	if (!isnan(cell->v.detects))
		fprintf(out, "p %.2g, detects %.1f%%%s, ", cell->v.p, detects_of(cell),
			cell->v.as_calibrated ? " as calibrated" : "");
	if (gate->base_of_runs)
		fprintf(out, "%zu runs worth %.0f, and %zu iterations", cell->base.n,
			cell->base.worth, cell->new.n);
	else
		fprintf(out, "%zu and %zu %s", cell->base.n, cell->new.n,
			gate->by_boots ? "boots" : "iterations");
	if (!gate->base_of_runs && !isnan(cell->base.worth + cell->new.worth))
		fprintf(out, " worth %.0f and %.0f", cell->base.worth, cell->new.worth);
	if (cell->wander > 0 && cell->v.verdict != VERDICT_INCONCLUSIVE)
		fprintf(out, ", wander of %.2g%% allowed for", verdict_percent(cell->wander));
	fputc(')', out);
}

/* What each boot had, a line for each run. */
static void say_boots(FILE *out, const struct gate *gate, const struct gate_cell *cell)
{
	const struct unpaired_side *sides[] = {&cell->base, &cell->new};

	for (size_t i = 0; i < 2; i++) {
		fprintf(out, "  %-18.40s", gate->names[i]);
		for (size_t k = 0; k < sides[i]->n; k++)
			fprintf(out, " %.5g", exp(sides[i]->v[k]));
		fputc('\n', out);
	}
}

void gate_text(FILE *out, const struct gate *gate)
{
	char sentence[600];

	for (size_t i = 0; i < gate->nr; i++) {
		const struct gate_cell *cell = &gate->cells[i];
		size_t len;
		char *text;
		FILE *line = xmemstream(&text, &len);

		fprintf(line, "%-20s %s", cell->name,
			gate_sentence(gate, cell, sentence, sizeof(sentence)));
		if (!cell->failure && !cell->no_baseline && !gate->exact)
			say_numbers(line, gate, cell);
		fclose(line);
		say_line(out, "%s", text);
		free(text);
		if (gate->by_boots && !cell->failure && !cell->no_baseline)
			say_boots(out, gate, cell);
	}
	if (gate->calibration.text)
		say_line(out, "calibration %s", gate->calibration.text);
}

/* The numbers of a cell that schema.columns[4] to [8] call by name. */
static void numbers_of(const struct gate_cell *cell, double numbers[5])
{
	bool none = cell->failure || cell->no_baseline || isnan(cell->v.detects);

	numbers[0] = none ? NAN : verdict_percent(cell->v.estimate);
	numbers[1] = none ? NAN : verdict_percent(cell->v.low);
	numbers[2] = none ? NAN : verdict_percent(cell->v.high);
	numbers[3] = none ? NAN : cell->v.p;
	numbers[4] = none ? NAN : detects_of(cell);
}

static void number_field(FILE *out, double number)
{
	char *text = isfinite(number) ? xasprintf("%.6g", number) : xstrdup("-");

	tsv_write_field(out, text, '\t');
	free(text);
}

void gate_tsv(FILE *out, const struct gate *gate)
{
	tsv_write_head(out, &schema);
	for (size_t i = 0; i < gate->nr; i++) {
		const struct gate_cell *cell = &gate->cells[i];
		double numbers[5];

		numbers_of(cell, numbers);
		tsv_write_field(out, cell->metric, '\t');
		tsv_write_field(out, cell->variant, '\t');
		tsv_write_field(out, cell->clients, '\t');
		tsv_write_field(out, name_of(cell), '\t');
		for (size_t k = 0; k < 5; k++)
			number_field(out, numbers[k]);
		number_field(out, 100 * cell->delta);
		number_field(out, cell->base.n);
		number_field(out, cell->base.worth);
		number_field(out, cell->new.n);
		number_field(out, cell->new.worth);
		tsv_write_field(out, reason_of(cell), '\n');
	}
}

static json_t *json_side(const struct unpaired_side *side)
{
	return json_pack("{s:I, s:o, s:o, s:o}", "n", (json_int_t)side->n, "worth",
			 json_number(side->worth), "lag1", json_number(side->lag1), "drift_p",
			 json_number(side->drift_p));
}

static json_t *json_cell(const struct gate *gate, const struct gate_cell *cell)
{
	json_t *json = json_object();
	char sentence[600];
	double numbers[5];

	numbers_of(cell, numbers);
	json_object_set_new(json, "metric", json_text(cell->metric));
	json_object_set_new(json, "variant", json_text(cell->variant));
	json_object_set_new(json, "clients", json_text(cell->clients));
	json_object_set_new(json, "verdict", json_text(name_of(cell)));
	json_object_set_new(json, "sentence",
			    json_text(gate_sentence(gate, cell, sentence, sizeof(sentence))));
	for (size_t k = 0; k < 5; k++)
		json_object_set_new(json, schema.columns[4 + k], json_number(numbers[k]));
	json_object_set_new(json, "delta", json_number(100 * cell->delta));
	json_object_set_new(json, "base", json_side(&cell->base));
	json_object_set_new(json, "new", json_side(&cell->new));
	json_object_set_new(json, "reason", json_text(reason_of(cell)));
	return json;
}

void gate_json(FILE *out, const struct gate *gate, int code)
{
	json_t *root = json_object(), *cells = json_array();

	json_object_set_new(root, "schema", json_string("faultscale gate 1"));
	json_object_set_new(root, "exit", json_integer(code));
	json_object_set_new(root, "meaning", json_text(gate_exit_meaning(code)));
	json_object_set_new(root, "unit", json_string(gate->by_boots ? "boot" : "iteration"));
	json_object_set_new(root, "unlike", json_text(gate->unlike));
	json_object_set_new(root, "calibration", json_text(gate->calibration.text));
	for (size_t i = 0; i < gate->nr; i++)
		json_array_append_new(cells, json_cell(gate, &gate->cells[i]));
	json_object_set_new(root, "cells", cells);
	json_print(out, root);
	json_decref(root);
}
