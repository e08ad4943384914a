/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

enum {
	R_ROUND,
	R_VARIANT,
	R_CLIENTS,
	R_METRIC,
	R_FIRST,
	R_A,
	R_B,
	R_STATUS,
	R_STEAL,
	R_FOREIGN,
	R_FREQUENCY,
	NR_R
};

static const char *const columns[] = {
	"round",  "variant", "clients", "metric",  "first",	"a",
	"b",	  "status",  "steal",	"foreign", "frequency", NULL,
};
static const struct tsv_schema rounds_schema = {"rounds", 1, columns};

/* Rounds that were written before frequencies were looked at, and before others were. */
static const struct tsv_schema old_schemas[] = {
	{"rounds", 1,
	 (const char *const[]){"round", "variant", "clients", "metric", "first", "a", "b", "status",
			       "steal", "foreign", NULL}},
	{"rounds", 1,
	 (const char *const[]){"round", "variant", "clients", "metric", "first", "a", "b", "status",
			       NULL}},
};

void rounds_init(struct rounds *r, const char *metric)
{
	*r = (struct rounds){.metric = xstrdup(metric)};
}

void rounds_release(struct rounds *r)
{
	for (size_t i = 0; i < r->nr_cells; i++)
		free(r->cells[i].name);
	for (size_t i = 0; i < r->nr * r->nr_cells; i++)
		free(r->pairs[i].failure);
	free(r->cells);
	free(r->pairs);
	free(r->metric);
	*r = (struct rounds){0};
}

void rounds_add_cell(struct rounds *r, const char *name, unsigned clients)
{
	if (r->nr)
		BUG("a cell comes before the first round");
	r->cells = xreallocarray(r->cells, r->nr_cells + 1, sizeof(*r->cells));
	r->cells[r->nr_cells++] = (struct rounds_cell){xstrdup(name), clients};
}

struct rounds_pair *rounds_at(const struct rounds *r, size_t round, size_t cell)
{
	return &r->pairs[round * r->nr_cells + cell];
}

struct rounds_pair *rounds_add(struct rounds *r)
{
	size_t wanted = (r->nr + 1) * r->nr_cells;

	if (wanted > r->cap) {
		r->cap = 2 * wanted;
		r->pairs = xreallocarray(r->pairs, r->cap, sizeof(*r->pairs));
	}
	for (size_t cell = 0; cell < r->nr_cells; cell++)
		*rounds_at(r, r->nr, cell) =
			(struct rounds_pair){.a = NAN,
					     .b = NAN,
					     .steal = NAN,
					     .foreign = NAN,
					     .frequency = NAN};
	return rounds_at(r, r->nr++, 0);
}

const char *rounds_failure(const struct rounds *r, size_t cell)
{
	for (size_t i = 0; i < r->nr; i++)
		if (rounds_at(r, i, cell)->failure)
			return rounds_at(r, i, cell)->failure;
	return NULL;
}

static void print_value(FILE *out, double value, int digits, char end)
{
	if (isfinite(value))
		fprintf(out, "%.*g%c", digits, value, end);
	else
		fprintf(out, "-%c", end);
}

void rounds_print(const struct rounds *r, FILE *out)
{
	tsv_write_head(out, &rounds_schema);
	for (size_t i = 0; i < r->nr * r->nr_cells; i++) {
		const struct rounds_cell *cell = &r->cells[i % r->nr_cells];
		const struct rounds_pair *pair = &r->pairs[i];

		fprintf(out, "%zu\t", i / r->nr_cells);
		tsv_write_field(out, cell->name, '\t');
		fprintf(out, "%u\t", cell->clients);
		tsv_write_field(out, r->metric, '\t');
		fprintf(out, "%c\t", pair->b_first ? 'b' : 'a');
		print_value(out, pair->a, 17, '\t');
		print_value(out, pair->b, 17, '\t');
		tsv_write_field(out, pair->failure ? pair->failure : "ok", '\t');
		print_value(out, pair->steal, 6, '\t');
		print_value(out, pair->foreign, 6, '\t');
		print_value(out, pair->frequency, 6, '\n');
	}
}

/* A record of the file, before it is known how many cells a round has. */
struct line {
	struct rounds_cell cell;
	uint64_t round;
	struct rounds_pair pair;
};

struct lines {
	struct line *all;
	size_t nr, cap;
};

static int read_value(const struct tsv_reader *r, const char *field, double *value, struct why *why)
{
	char *end;

	*value = NAN;
	if (!strcmp(field, "-"))
		return 0;
	*value = strtod(field, &end);
	if (!*field || *end || !isfinite(*value))
		return why_not(why, EINVAL, "%s:%u: not a number, with '%.40s'", r->path, r->line,
			       field);
	return 0;
}

static int read_line(struct lines *lines, const struct tsv_reader *r, char **fields,
		     const char *metric, struct why *why)
{
	struct line line = {.pair.b_first = !strcmp(fields[R_FIRST], "b")};
	uint64_t clients;
	int err = 0;

	if (number_parse(fields[R_ROUND], 0, INT32_MAX, &line.round, NULL) ||
	    number_parse(fields[R_CLIENTS], 0, INT32_MAX, &clients, NULL))
		return why_not(why, EINVAL, "%s:%u: round or clients is not a whole number",
			       r->path, r->line);
	if (metric && strcmp(fields[R_METRIC], metric))
		return why_not(why, EINVAL, "%s:%u: two metrics, '%.40s' and '%.40s'", r->path,
			       r->line, metric, fields[R_METRIC]);
	err = read_value(r, fields[R_A], &line.pair.a, why);
	if (!err)
		err = read_value(r, fields[R_B], &line.pair.b, why);
	if (!err)
		err = read_value(r, fields[R_STEAL], &line.pair.steal, why);
	if (!err)
		err = read_value(r, fields[R_FOREIGN], &line.pair.foreign, why);
	if (!err)
		err = read_value(r, fields[R_FREQUENCY], &line.pair.frequency, why);
	if (err)
		return err;
	if (strcmp(fields[R_STATUS], "ok"))
		line.pair.failure = xstrdup(fields[R_STATUS]);
	line.cell = (struct rounds_cell){xstrdup(fields[R_VARIANT]), clients};
	XGROW(lines->all, lines->nr, lines->cap);
	lines->all[lines->nr++] = line;
	return 0;
}

/* Move the lines into @rounds: the first round says which cells there are. */
static int take_lines(struct rounds *rounds, struct lines *lines, const char *path, struct why *why)
{
	size_t cells = 0;

	while (cells < lines->nr && !lines->all[cells].round)
		cells++;
	for (size_t i = 0; i < cells; i++)
		rounds_add_cell(rounds, lines->all[i].cell.name, lines->all[i].cell.clients);
	for (size_t i = 0; i < lines->nr; i++) {
		struct line *line = &lines->all[i];
		const struct rounds_cell *cell = cells ? &rounds->cells[i % cells] : NULL;

		if (!cell || line->round != i / cells || line->cell.clients != cell->clients ||
		    strcmp(line->cell.name, cell->name))
			return why_not(why, EINVAL,
				       "%s:%zu: not the cells of the first round, in their order",
				       path, i + 3);
		if (!(i % cells))
			rounds_add(rounds);
		*rounds_at(rounds, i / cells, i % cells) = line->pair;
		line->pair.failure = NULL;
	}
	if (cells && lines->nr % cells)
		return why_not(why, EINVAL, "%s: the last round lacks cells", path);
	return 0;
}

int rounds_read(struct rounds *rounds, const char *path, struct why *why)
{
	struct lines lines = {0};
	struct tsv_reader r;
	char *fields[NR_R], none[] = "-";
	int err, got = tsv_reader_init(&r, path, &rounds_schema, why);

	*rounds = (struct rounds){0};
	fields[R_STEAL] = fields[R_FOREIGN] = fields[R_FREQUENCY] = none;
	for (size_t i = 0; got && i < sizeof(old_schemas) / sizeof(old_schemas[0]); i++)
		if (!tsv_reader_init(&r, path, &old_schemas[i], NULL))
			got = 0;
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		err = read_line(&lines, &r, fields, rounds->metric, why);
		if (err) {
			got = err;
			break;
		}
		if (!rounds->metric)
			rounds_init(rounds, fields[R_METRIC]);
	}
	if (!got)
		got = take_lines(rounds, &lines, path, why);
	for (size_t i = 0; i < lines.nr; i++) {
		free(lines.all[i].cell.name);
		free(lines.all[i].pair.failure);
	}
	free(lines.all);
	tsv_reader_release(&r);
	if (got)
		rounds_release(rounds);
	return got;
}
