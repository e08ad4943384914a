/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of our own form, a line per cell (docs/format.md); "-" is what does not exist. */
#include <math.h>

#include "analysis/export/export.h"
#include "common/tsv.h"

static const struct tsv_schema schema = {
	"export", 1,
	(const char *const[]){"variant", "clients", "metric", "better", "n", "mean", "min", "max",
			      "base_n", "base_mean", "change_percent", "verdict", "says", NULL}};

static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.15g\t", value);
	else
		fputs("-\t", out);
}

static void put_cell(FILE *out, const struct export_cell *cell)
{
	static const char *const better[] = {"-", "higher", "lower"};

	tsv_write_field(out, cell->variant, '\t');
	tsv_write_field(out, cell->clients, '\t');
	tsv_write_field(out, cell->metric, '\t');
	fprintf(out, "%s\t%zu\t", better[cell->better], cell->sum->n);
	put_number(out, cell->sum->value[STAT_MEAN]);
	put_number(out, export_min(cell));
	put_number(out, export_max(cell));
	if (cell->base)
		fprintf(out, "%zu\t", cell->base->n);
	else
		fputs("-\t", out);
	put_number(out, cell->base ? cell->base->value[STAT_MEAN] : NAN);
	put_number(out, cell->change);
	fprintf(out, "%s\t", cell->judged ? verdict_name(cell->verdict) : "-");
	tsv_write_field(out, cell->says ? cell->says : "-", '\n');
}

static int write_tsv(FILE *out, const struct export *e, struct why *why)
{
	(void)why;
	tsv_write_head(out, &schema);
	for (size_t i = 0; i < e->nr; i++)
		put_cell(out, &e->cells[i]);
	return 0;
}

const struct export_format export_tsv = {"tsv", "a table, a line per cell", write_tsv};
