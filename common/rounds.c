/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rounds.h"

#include <math.h>
#include <stdlib.h>

#include "common/tsv.h"
#include "common/xalloc.h"

static const char *const columns[] = {
	"round", "variant", "clients", "metric", "first", "a", "b", "status", NULL,
};
static const struct tsv_schema rounds_schema = {"rounds", 1, columns};

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
		*rounds_at(r, r->nr, cell) = (struct rounds_pair){.a = NAN, .b = NAN};
	return rounds_at(r, r->nr++, 0);
}

const char *rounds_failure(const struct rounds *r, size_t cell)
{
	for (size_t i = 0; i < r->nr; i++)
		if (rounds_at(r, i, cell)->failure)
			return rounds_at(r, i, cell)->failure;
	return NULL;
}

static void print_value(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.17g\t", value);
	else
		fputs("-\t", out);
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
		print_value(out, pair->a);
		print_value(out, pair->b);
		tsv_write_field(out, pair->failure ? pair->failure : "ok", '\n');
	}
}
