/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.tsv: the plan as the table that docs/format.md specifies. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/durable.h"
#include "common/run_tables.h"
#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/plan.h"

static void write_number(FILE *out, uint64_t number)
{
	fprintf(out, "%" PRIu64 "\t", number);
}

static void write_list(FILE *out, const unsigned *ids, unsigned nr)
{
	char *list = ids ? id_list_format(ids, nr) : NULL;

	tsv_write_field(out, list ? list : "-", '\t');
	free(list);
}

void plan_print(const struct plan *plan, FILE *out)
{
	tsv_write_head(out, &plan_schema);
	for (size_t i = 0; i < plan->nr_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		const struct plan_cell *cell = &plan->cells[step->cell];

		write_number(out, i);
		tsv_write_field(out, cell->variant, '\t');
		tsv_write_field(out, cell->workload, '\t');
		tsv_write_field(out, cell->pin, '\t');
		tsv_write_field(out, cell->mem, '\t');
		tsv_write_field(out, cell->pagesize, '\t');
		tsv_write_field(out, cell->processes ? "processes" : "threads", '\t');
		write_number(out, cell->clients);
		write_number(out, step->iteration);
		write_number(out, cell->bytes);
		write_list(out, cell->cpus, cell->clients);
		write_list(out, cell->nodes, cell->clients);
		tsv_write_field(out, *cell->extra ? cell->extra : "-", '\n');
	}
}

int plan_write(const struct plan *plan, const char *path, struct why *why)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	plan_print(plan, out);
	fclose(out);
	err = durable_replace(path, text, len, why);
	free(text);
	return err;
}

/* The plan being read, and how much room its arrays have. */
struct load {
	struct plan *plan;
	size_t cap_cells, cap_steps;
	struct why *why;
};

static int read_number(struct load *load, char **fields, enum plan_column column, uint64_t max,
		       uint64_t *value)
{
	if (number_parse(fields[column], 0, max, value, load->why))
		return why_within(load->why, EINVAL, "column '%s'", plan_schema.columns[column]);
	return 0;
}

/* A list of @nr numbers into *@ids, NULL for "-". */
static int read_list(struct load *load, char **fields, enum plan_column column, unsigned nr,
		     unsigned **ids)
{
	struct id_list list;

	*ids = NULL;
	if (!strcmp(fields[column], "-"))
		return 0;
	if (id_list_parse(fields[column], &list, load->why))
		return why_within(load->why, EINVAL, "column '%s'", plan_schema.columns[column]);
	if (list.nr != nr) {
		id_list_release(&list);
		return why_not(load->why, EINVAL, "column '%s' is not a list of %u",
			       plan_schema.columns[column], nr);
	}
	*ids = list.ids;
	return 0;
}

/* Names are shown on terminals, and a plan may come from a guest. */
static bool has_controls(const char *text)
{
	while ((unsigned char)*text >= ' ' && *text != 0x7f)
		text++;
	return *text;
}

static int read_cell(struct load *load, char **fields, unsigned clients, struct plan_cell *cell)
{
	bool processes = !strcmp(fields[PLAN_MODE], "processes");
	uint64_t bytes;

	if (!processes && strcmp(fields[PLAN_MODE], "threads"))
		return why_not(load->why, EINVAL, "no such mode, with '%s'", fields[PLAN_MODE]);
	if (has_controls(fields[PLAN_VARIANT]))
		return why_not(load->why, EINVAL, "a control character in column 'variant'");
	if (read_number(load, fields, PLAN_BYTES, UINT64_MAX, &bytes))
		return -EINVAL;
	*cell = (struct plan_cell){
		.variant = xstrdup(fields[PLAN_VARIANT]),
		.workload = xstrdup(fields[PLAN_WORKLOAD]),
		.pin = xstrdup(fields[PLAN_PIN]),
		.mem = xstrdup(fields[PLAN_MEM]),
		.pagesize = xstrdup(fields[PLAN_PAGESIZE]),
		.processes = processes,
		.clients = clients,
		.bytes = bytes,
		.extra = xstrdup(strcmp(fields[PLAN_EXTRA], "-") ? fields[PLAN_EXTRA] : ""),
	};
	if (read_list(load, fields, PLAN_CPUS, clients, &cell->cpus))
		return -EINVAL;
	if (read_list(load, fields, PLAN_NODES, clients, &cell->nodes))
		return -EINVAL;
	if (!cell->cpus != !cell->nodes)
		return why_not(load->why, EINVAL, "columns 'cpus' and 'nodes' do not match");
	return 0;
}

/* The cell of this row, which is a new one at its first row. */
static int find_cell(struct load *load, char **fields, unsigned clients, unsigned *index)
{
	struct plan *plan = load->plan;

	for (size_t i = 0; i < plan->nr_cells; i++) {
		if (plan->cells[i].clients == clients &&
		    !strcmp(plan->cells[i].variant, fields[PLAN_VARIANT])) {
			*index = i;
			return 0;
		}
	}
	XGROW(plan->cells, plan->nr_cells, load->cap_cells);
	*index = plan->nr_cells++;
	plan->cells[*index] = (struct plan_cell){0};
	return read_cell(load, fields, clients, &plan->cells[*index]);
}

static int read_row(struct load *load, char **fields)
{
	struct plan *plan = load->plan;
	uint64_t step, clients, iteration;
	unsigned cell;
	int err;

	if (read_number(load, fields, PLAN_STEP, UINT32_MAX, &step) ||
	    read_number(load, fields, PLAN_CLIENTS, 65536, &clients) ||
	    read_number(load, fields, PLAN_ITERATION, UINT32_MAX - 1, &iteration))
		return -EINVAL;
	if (step != plan->nr_steps)
		return why_not(load->why, EINVAL, "step %zu was expected, with '%s'",
			       plan->nr_steps, fields[PLAN_STEP]);
	if (!clients)
		return why_not(load->why, EINVAL, "a step without workers");
	err = find_cell(load, fields, clients, &cell);
	if (err)
		return err;
	XGROW(plan->steps, plan->nr_steps, load->cap_steps);
	plan->steps[plan->nr_steps++] = (struct plan_step){.cell = cell, .iteration = iteration};
	if (iteration >= plan->iterations)
		plan->iterations = iteration + 1;
	return 0;
}

/* Every iteration of every cell is there, once. */
static int check_steps(const struct plan *plan, struct why *why)
{
	bool *seen;
	int err = 0;

	if (!plan->nr_steps)
		return why_not(why, EINVAL, "a plan without steps");
	if (plan->nr_steps / plan->nr_cells != plan->iterations)
		return why_not(why, EINVAL, "not every cell has %u iterations", plan->iterations);
	seen = xcalloc(plan->nr_steps, sizeof(*seen));
	for (size_t i = 0; !err && i < plan->nr_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		size_t place = (size_t)step->cell * plan->iterations + step->iteration;

		if (seen[place])
			err = why_not(why, EINVAL, "step %zu is there twice", i);
		seen[place] = true;
	}
	free(seen);
	return err;
}

static int read_rows(struct load *load, struct tsv_reader *reader)
{
	char *fields[NR_PLAN_COLUMNS];
	int err;

	while ((err = tsv_reader_next(reader, fields, load->why)) > 0) {
		err = read_row(load, fields);
		if (err)
			return why_within(load->why, EINVAL, "%s:%u", reader->path, reader->line);
	}
	if (err < 0)
		return err;
	if (check_steps(load->plan, load->why))
		return why_within(load->why, EINVAL, "%s", reader->path);
	return 0;
}

int plan_read(struct plan *plan, const char *path, struct why *why)
{
	struct load load = {.plan = plan, .why = why};
	struct tsv_reader reader;
	int err = tsv_reader_init(&reader, path, &plan_schema, why);

	*plan = (struct plan){0};
	if (err)
		return err;
	err = read_rows(&load, &reader);
	tsv_reader_release(&reader);
	if (err)
		plan_release(plan);
	return err;
}
