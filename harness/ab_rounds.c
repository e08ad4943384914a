/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/ab_rounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/durable.h"
#include "common/run_tables.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/ab_order.h"
#include "harness/simulated.h"

/* What one step says. */
struct ab_step {
	bool closed;
	double value; /* NaN: none */
	double steal, foreign; /* percent; NaN: unknown */
	double frequency; /* Hz; NaN: unknown */
	char *failure; /* NULL: it did not fail */
};

static double number_of(char **fields)
{
	return strcmp(fields[SAMPLE_VALUE], "-") ? strtod(fields[SAMPLE_VALUE], NULL) : NAN;
}

static void take_record(struct ab_step *step, const char *metric, char **fields)
{
	const char *name = fields[SAMPLE_METRIC];
	bool all = !strcmp(fields[SAMPLE_THREAD], "all");

	if (!strcmp(name, "step")) {
		step->closed = true;
		if (strcmp(fields[SAMPLE_VALUE], "done")) {
			free(step->failure);
			step->failure = xstrdup(fields[SAMPLE_STATUS]);
		}
	} else if (all && !strcmp(name, metric)) {
		step->value = number_of(fields);
	} else if (all && !strcmp(name, "time_steal")) {
		step->steal = number_of(fields);
	} else if (all && !strcmp(name, "time_foreign")) {
		step->foreign = number_of(fields);
	} else if (all && !strcmp(name, "time_frequency")) {
		step->frequency = number_of(fields);
	}
}

static int read_steps(struct ab_step *steps, const char *metric, const struct plan *plan,
		      const struct result *result, struct why *why)
{
	char *path = result_path(result, "samples.tsv"), *fields[NR_SAMPLE_COLUMNS];
	struct tsv_reader reader;
	uint64_t step;
	int got = tsv_reader_init(&reader, path, &samples_schema, why);

	free(path);
	if (got)
		return got;
	while ((got = tsv_reader_next(&reader, fields, why)) > 0) {
		if (number_parse(fields[SAMPLE_STEP], 0, plan->nr_steps - 1, &step, why)) {
			got = why_within(why, EINVAL, "%s:%u", reader.path, reader.line);
			break;
		}
		take_record(&steps[step], metric, fields);
	}
	tsv_reader_release(&reader);
	return got;
}

/* By iteration and cell: plans of ab run the cells in turn. */
static const struct ab_step *step_at(const struct ab_step *steps, const struct plan *plan,
				     size_t round, size_t cell)
{
	return &steps[round * plan->nr_cells + cell];
}

static bool round_is_whole(struct ab_step *const steps[2], const struct plan *const plans[2],
			   size_t round)
{
	for (size_t cell = 0; cell < plans[0]->nr_cells; cell++)
		for (size_t side = 0; side < 2; side++)
			if (!step_at(steps[side], plans[side], round, cell)->closed)
				return false;
	return true;
}

static int take_pair(struct rounds_pair *pair, const struct ab_step *a, const struct ab_step *b,
		     const char *metric, struct why *why)
{
	pair->a = a->value;
	pair->b = b->value;
	pair->steal = (a->steal + b->steal) / 200;
	pair->foreign = (a->foreign + b->foreign) / 200;
	pair->frequency = (a->frequency + b->frequency) / 2;
	if (a->failure || b->failure)
		pair->failure = xasprintf("side %c %s", a->failure ? 'a' : 'b',
					  a->failure ? a->failure : b->failure);
	else if (isnan(a->value) || isnan(b->value))
		return why_not(why, EINVAL, "side %c has no such metric, with '%s'",
			       isnan(a->value) ? 'a' : 'b', metric);
	return 0;
}

static int take_rounds(struct rounds *rounds, uint64_t seed, const struct plan *const plans[2],
		       struct ab_step *const steps[2], struct why *why)
{
	int err = 0;

	for (size_t round = 0; !err && round < plans[0]->iterations; round++) {
		struct rounds_pair *pairs;

		if (!round_is_whole(steps, plans, round))
			break;
		pairs = rounds_add(rounds);
		for (size_t cell = 0; !err && cell < rounds->nr_cells; cell++) {
			pairs[cell].b_first = ab_b_first(seed, cell, round);
			err = take_pair(&pairs[cell], step_at(steps[0], plans[0], round, cell),
					step_at(steps[1], plans[1], round, cell), rounds->metric,
					why);
		}
	}
	return err;
}

static void add_cells(struct rounds *rounds, const struct plan *a, const struct plan *b)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const char *name_a = a->cells[i].variant, *name_b = b->cells[i].variant;
		char *name = strcmp(name_a, name_b) ? xasprintf("%s | %s", name_a, name_b)
						    : xstrdup(name_a);

		rounds_add_cell(rounds, name, a->cells[i].clients);
		free(name);
	}
}

int ab_rounds_take(struct rounds *rounds, const char *metric, uint64_t seed,
		   const struct plan *const plans[2], const struct result *const results[2],
		   struct why *why)
{
	struct ab_step *steps[2];
	int err = 0;

	rounds_init(rounds, metric);
	add_cells(rounds, plans[0], plans[1]);
	for (size_t side = 0; side < 2; side++) {
		steps[side] = xcalloc(plans[side]->nr_steps + 1, sizeof(*steps[side]));
		for (size_t i = 0; i < plans[side]->nr_steps; i++)
			steps[side][i] = (struct ab_step){
				.value = NAN, .steal = NAN, .foreign = NAN, .frequency = NAN};
		if (!err)
			err = read_steps(steps[side], metric, plans[side], results[side], why);
	}
	if (!err)
		err = take_rounds(rounds, seed, plans, steps, why);
	for (size_t side = 0; side < 2; side++) {
		for (size_t i = 0; i < plans[side]->nr_steps; i++)
			free(steps[side][i].failure);
		free(steps[side]);
	}
	return err;
}

int ab_rounds_write(const struct rounds *rounds, const struct result *result, struct why *why)
{
	char *path = result_path(result, "rounds.tsv"), *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	rounds_print(rounds, out);
	fclose(out);
	err = durable_replace(path, text, len, why);
	free(text);
	free(path);
	return err;
}

int ab_rounds_match(const struct plan *a, const struct plan *b, struct why *why)
{
	if (a->nr_cells != b->nr_cells)
		return why_not(why, EINVAL,
			       "side a has %zu cells and side b %zu: the overrides may change "
			       "what a cell is, not how many there are",
			       a->nr_cells, b->nr_cells);
	if (simulated_is(a) != simulated_is(b))
		return why_not(why, EINVAL,
			       "side %c is simulated and side %c is not: they cannot be compared; "
			       "give both sides PFT_MACHINE, or neither",
			       simulated_is(a) ? 'a' : 'b', simulated_is(a) ? 'b' : 'a');
	for (size_t i = 0; i < a->nr_cells; i++)
		if (a->cells[i].clients != b->cells[i].clients)
			return why_not(why, EINVAL,
				       "cell %zu has %u clients on side a and %u on side b: they "
				       "cannot be compared",
				       i, a->cells[i].clients, b->cells[i].clients);
	return 0;
}
