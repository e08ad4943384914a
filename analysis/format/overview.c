/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/overview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/exact.h"
#include "analysis/format/grid.h"
#include "common/meta.h"
#include "common/xalloc.h"

/* A copy of @text that steers no terminal, for the caller to free: it comes from files. */
static char *harmless(const char *text)
{
	return say_harmless(xstrdup(text));
}

/* Print @before, the fact and @after if the run has that fact. */
static void print_fact(FILE *out, const struct meta *meta, const char *key, const char *before,
		       const char *after)
{
	const char *value = meta_get(meta, key);
	char *text;

	if (!value || !*value || !strncmp(value, "unavailable:", strlen("unavailable:")))
		return;
	text = harmless(value);
	fprintf(out, "%s%s%s", before, text, after);
	free(text);
}

static void print_warnings(FILE *out, const struct meta *meta)
{
	size_t nr = 0;

	for (size_t i = 0; i < meta->nr; i++)
		nr += !strcmp(meta->facts[i].key, "warning");
	if (nr)
		fprintf(out, "  warnings of the run in meta.tsv: %zu\n", nr);
}

void overview_facts(FILE *out, const struct run *run)
{
	char *path = xasprintf("%s/meta.tsv", run->path), *name = harmless(run->name);
	struct meta meta;

	fputs(name, out);
	free(name);
	if (meta_read(&meta, path, NULL)) {
		fputc('\n', out);
		free(path);
		return;
	}
	print_fact(out, &meta, "started", ", ", "");
	print_fact(out, &meta, "measured_by", ", measured by ", "");
	print_fact(out, &meta, "imported", ", imported ", "");
	print_fact(out, &meta, "status", ", ", "");
	print_fact(out, &meta, "failed_steps", ", ", " steps failed");
	fputc('\n', out);
	print_fact(out, &meta, "kernel", "  ", "\n");
	if (meta_get(&meta, "cpus")) { /* not of imported runs */
		print_fact(out, &meta, "machine", "  ", ", ");
		print_fact(out, &meta, "cpu_model", "", ", ");
		print_fact(out, &meta, "cpus", "", "\n");
	}
	if (exact_is_simulated(run)) {
		char *machine = harmless(run->variants[0].dims[DIM_MACHINE]);

		fprintf(out, "  simulated %s\n", machine);
		free(machine);
	}
	print_warnings(out, &meta);
	meta_release(&meta);
	free(path);
}

/* Rates as whole numbers, small ones with four digits that count. */
static int decimals_of(double value)
{
	double size = fabs(value);

	return size >= 1000 || size == 0 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 6;
}

static void percent(struct grid *grid, const char *fmt, double value)
{
	if (isnan(value))
		grid_text(grid, "-");
	else
		grid_text(grid, fmt, value);
}

static bool has_labels(const struct comparison *c)
{
	for (size_t r = 0; r < c->nr_rows; r++)
		if (*c->rows[r].label)
			return true;
	return false;
}

/* 'l' or 'r' for each column, for the caller to free. */
static char *alignment(size_t columns, bool labels)
{
	char *align;
	size_t len;
	FILE *out = xmemstream(&align, &len);

	fputs(labels ? "llr" : "lr", out);
	for (size_t i = 0; i < columns; i++)
		fputs(i ? "rrrr" : "rrr", out);
	fclose(out);
	return align;
}

static void head(struct grid *grid, const struct comparison *c, bool labels)
{
	grid_text(grid, "metric");
	if (labels)
		grid_text(grid, "variant");
	grid_text(grid, "clients");
	for (size_t i = 0; i < c->columns.nr; i++) {
		grid_text(grid, "%s", c->columns.columns[i].name);
		grid_text(grid, "CoV");
		grid_text(grid, "ideal");
		if (i)
			grid_text(grid, "change");
	}
}

static void cells(struct grid *grid, const struct row *row, size_t i, const struct curves *curves)
{
	const struct cell *cell = &row->cells[i];
	double mean = cell->sum.value[STAT_MEAN];
	double ideal = curve_ideal(curves_find(curves, row, i), strtod(row->clients, NULL));

	grid_number(grid, decimals_of(mean), mean);
	percent(grid, "%.1f%%", cell->sum.n > 1 ? cell->sum.value[STAT_COEFFVAR] : NAN);
	percent(grid, "%.0f%%", ideal > 0 ? mean / ideal * 100 : NAN);
	if (i)
		percent(grid, "%+.1f%%", cell->change[STAT_MEAN]);
}

void overview_table(FILE *out, const struct comparison *c, const struct curves *curves)
{
	bool labels = has_labels(c);
	char *align = alignment(c->columns.nr, labels);
	struct grid grid;

	grid_init(&grid, align);
	head(&grid, c, labels);
	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct row *row = &c->rows[r];

		grid_text(&grid, "%s", row->metric->row);
		if (labels)
			grid_text(&grid, "%s", row->label);
		grid_text(&grid, "%s", row->clients);
		for (size_t i = 0; i < c->columns.nr; i++)
			cells(&grid, row, i, curves);
	}
	grid_print(&grid, out, &style_text);
	free(align);
}
