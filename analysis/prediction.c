/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/prediction.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stats.h"
#include "common/xalloc.h"

/* A model given by its path is called as its file is. */
static bool is_machine(const char *dim, const char *machine)
{
	const char *slash = dim ? strrchr(dim, '/') : NULL;

	return dim && !strcmp(slash ? slash + 1 : dim, machine);
}

/* Runs without the axis have the prefetchers as the model has them: on. */
static bool is_prefetch(const char *dim, const char *prefetch)
{
	const char *is = dim ? strchr(dim, '=') : NULL;

	if (!strcmp(prefetch, "-"))
		return true;
	return !strcmp(is ? is + 1 : "on", prefetch);
}

static double mean_of_series(const struct series *series, const char *metric)
{
	double *values = series_values(series), mean;

	mean = mean_of(values, series->nr, metric_better(metric));
	free(values);
	return mean;
}

static double value_in(const struct run *run, const char *machine, const char *design,
		       const char *prefetch, const char *clients, const char *metric)
{
	for (unsigned v = 0; v < run->nr_variants; v++) {
		char *const *dims = run->variants[v].dims;
		const struct series *series;

		if (!dims[DIM_LOCK] || strcmp(dims[DIM_LOCK], design) ||
		    !is_machine(dims[DIM_MACHINE], machine) ||
		    !is_prefetch(dims[DIM_PREFETCH], prefetch))
			continue;
		series = run_find(run, v, clients, metric);
		if (series && series->nr)
			return mean_of_series(series, metric);
	}
	return NAN;
}

double prediction_value(struct run *const *runs, size_t nr_runs, const char *machine,
			const char *design, const char *prefetch, unsigned clients,
			const char *metric)
{
	double value = NAN;
	char text[16];

	snprintf(text, sizeof(text), "%u", clients);
	for (size_t i = 0; i < nr_runs && isnan(value); i++)
		value = value_in(runs[i], machine, design, prefetch, text, metric);
	return value;
}

/* The table of @f, which is the last one if there is one: a table's figures stand together. */
static struct prediction *table_of(struct predictions *p, const struct published_figure *f)
{
	if (!p->nr || strcmp(p->tables[p->nr - 1].table, f->table)) {
		XGROW(p->tables, p->nr, p->cap);
		p->tables[p->nr++] = (struct prediction){
			.table = f->table, .machine = f->machine, .source = f->source};
	}
	return &p->tables[p->nr - 1];
}

void predictions_init(struct predictions *p, struct run *const *runs, size_t nr_runs,
		      const struct published *published)
{
	*p = (struct predictions){0};
	for (size_t i = 0; i < published->nr; i++) {
		const struct published_figure *f = &published->figures[i];
		double base = prediction_value(runs, nr_runs, f->machine, f->base, f->prefetch,
					       f->clients, f->metric);
		double value = prediction_value(runs, nr_runs, f->machine, f->design, f->prefetch,
						f->clients, f->metric);
		struct prediction *table;
		double change;

		if (isnan(base) || isnan(value))
			continue;
		change = change_plain(metric_better(f->metric), STAT_MEAN, value, base);
		table = table_of(p, f);
		XGROW(table->rows, table->nr, table->cap);
		table->rows[table->nr++] = (struct prediction_row){f, base, change};
		agreement_add(&table->agreement, f->change, change);
		agreement_add(&p->all, f->change, change);
	}
	for (size_t i = 0; i < p->nr; i++)
		agreement_finish(&p->tables[i].agreement);
	agreement_finish(&p->all);
}

void predictions_release(struct predictions *p)
{
	for (size_t i = 0; i < p->nr; i++) {
		free(p->tables[i].rows);
		agreement_release(&p->tables[i].agreement);
	}
	free(p->tables);
	agreement_release(&p->all);
	*p = (struct predictions){0};
}
