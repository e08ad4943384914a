/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/exact.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/misses.h"
#include "common/xalloc.h"

#define COUNTS "sim." /* what the model counted, as pft-sim calls it, */
#define EACH   "/fault" /* per fault */

/* Both runs, and what they say of fields; empty where they say nothing. */
struct sides {
	struct run *base, *new;
	struct misses base_fields, new_fields;
};

bool exact_is_simulated(const struct run *run)
{
	for (size_t v = 0; v < run->nr_variants; v++) {
		const char *machine = run->variants[v].dims[DIM_MACHINE];

		if (!machine || !strcmp(machine, "-"))
			return false;
	}
	return run->nr_variants;
}

/* What @run calls the variant: of a single one the name does not matter, as everywhere in the gate. */
static const char *own_name(const struct run *run, const char *variant)
{
	return run->nr_variants == 1 ? run->variants[0].name : variant;
}

static double value_of(const struct run *run, const char *variant, const char *clients,
		       const char *metric)
{
	variant = own_name(run, variant);
	for (unsigned v = 0; v < run->nr_variants; v++) {
		const struct series *series;

		if (strcmp(run->variants[v].name, variant))
			continue;
		series = run_find(run, v, clients, metric);
		return series && series->nr ? series->samples[0].value : NAN;
	}
	return NAN;
}

/* A field that no line was moved for is in no row. */
static double moved(double per_fault)
{
	return isnan(per_fault) ? 0 : per_fault;
}

/* "transfers of vm_area_struct.vm_refcnt @128 line 2, 3.1 to 4.2 a fault", of the field that changed most;
 * NULL without one. */
static char *field_cause(const struct sides *sides, const struct gate_cell *cell)
{
	struct miss_group *a = misses_find(&sides->base_fields,
					   own_name(sides->base, cell->variant), cell->clients);
	struct miss_group *b =
		misses_find(&sides->new_fields, own_name(sides->new, cell->variant), cell->clients);
	struct miss_change *changes, *worst = NULL;
	double most = 0;
	char *text = NULL;
	size_t nr;

	if (!a || !b)
		return NULL;
	changes = misses_compare(a, b, false, &nr);
	for (size_t i = 0; i < nr; i++) {
		double size = fabs(moved(changes[i].after) - moved(changes[i].before));

		if (size > most) {
			most = size;
			worst = &changes[i];
		}
	}
	if (worst)
		text = xasprintf("%s of %s, %.4g to %.4g a fault", b->event,
				 (worst->b ? worst->b : worst->a)->where.symbol,
				 moved(worst->before), moved(worst->after));
	free(changes);
	return text;
}

/* Accesses that cost next to nothing: named only where no line was moved. */
static bool is_cheap(const char *metric)
{
	static const char *const cheap[] = {"loads", "stores", "atomics", "l1_hits"};

	for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++)
		if (!strncmp(metric + strlen(COUNTS), cheap[i], strlen(cheap[i])))
			return true;
	return false;
}

static bool is_count(const char *metric)
{
	size_t len = strlen(metric), tail = strlen(EACH);

	return !strncmp(metric, COUNTS, strlen(COUNTS)) && len > tail &&
	       !strcmp(metric + len - tail, EACH) && !strstr(metric, "_ns");
}

/* The same of the model's counts over all fields, the cheap ones or the others. */
static char *count_cause(const struct sides *sides, const struct gate_cell *cell, bool cheap)
{
	double most = 0, was = 0, is = 0;
	const char *name = NULL;

	for (size_t m = 0; m < sides->new->nr_metrics; m++) {
		const char *metric = sides->new->metrics[m];
		double a, b;

		if (!is_count(metric) || is_cheap(metric) != cheap)
			continue;
		a = value_of(sides->base, cell->variant, cell->clients, metric);
		b = value_of(sides->new, cell->variant, cell->clients, metric);
		if (fabs(b - a) > most) {
			most = fabs(b - a);
			name = metric;
			was = a;
			is = b;
		}
	}
	if (!name)
		return NULL;
	return xasprintf("%.*s, %.4g to %.4g a fault",
			 (int)(strlen(name) - strlen(COUNTS) - strlen(EACH)), name + strlen(COUNTS),
			 was, is);
}

static void decide(struct gate_cell *cell, const struct sides *sides,
		   const struct gate_config *config)
{
	const struct gate_config rule = {.delta = config->exact_delta, .deltas = config->deltas};
	double base = value_of(sides->base, cell->variant, cell->clients, cell->metric);
	double new = value_of(sides->new, cell->variant, cell->clients, cell->metric);

	cell->delta = gate_config_delta(&rule, cell->metric, cell->clients);
	cell->v.estimate = cell->v.low = cell->v.high = base == new ? 0 : log(new / base);
	cell->v.p = base == new;
	cell->v.detects = 0;
	cell->v.verdict = verdict_exact(cell->v.estimate, cell->delta, cell->v.better);
	if (base == new)
		return;
	cell->cause = field_cause(sides, cell);
	if (!cell->cause)
		cell->cause = count_cause(sides, cell, false);
	if (!cell->cause)
		cell->cause = count_cause(sides, cell, true);
}

/* misses.tsv of @run, if it has one. */
static int read_fields(struct misses *fields, const struct run *run, struct why *why)
{
	char *path = xasprintf("%s/misses.tsv", run->path);
	int err = 0;

	*fields = (struct misses){0};
	if (!access(path, F_OK))
		err = misses_read(fields, path, MISSES_BY_DATA, why);
	free(path);
	return err;
}

int exact_decide(struct gate *gate, struct run *base, struct run *new,
		 const struct gate_config *config, struct why *why)
{
	struct sides sides = {.base = base, .new = new};
	int err = read_fields(&sides.base_fields, base, why);

	if (!err)
		err = read_fields(&sides.new_fields, new, why);
	for (size_t i = 0; !err && i < gate->nr; i++) {
		struct gate_cell *cell = &gate->cells[i];

		gate->no_baseline |= cell->no_baseline;
		cell->v.verdict = cell->failure ? VERDICT_INVALID : VERDICT_SAME;
		if (!cell->failure && !cell->no_baseline)
			decide(cell, &sides, config);
		if (cell->v.verdict > gate->verdict)
			gate->verdict = cell->v.verdict;
	}
	misses_release(&sides.base_fields);
	misses_release(&sides.new_fields);
	return err;
}

const char *exact_sentence(const struct gate_cell *cell, char *buf, size_t size)
{
	double percent = verdict_percent(cell->v.estimate);
	bool better = (percent > 0) == (cell->v.better == BETTER_HIGHER);

	if (cell->v.estimate == 0)
		snprintf(buf, size, "the same");
	else
		snprintf(buf, size, "%s by %.3g%%%s%s", better ? "better" : "worse", fabs(percent),
			 cell->cause ? ": " : "", cell->cause ? cell->cause : "");
	return buf;
}
