/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/workers.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/run_tables.h"
#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

/* The step under way: it counts once its closing record comes. */
struct reading {
	struct workers *workers;
	struct run *run;
	struct worker_step step;
	char number[24]; /* of the step */
};

static void forget(struct reading *r)
{
	r->step.nr = 0;
}

static struct worker *worker_of(struct worker_step *step, unsigned thread)
{
	if (step->nr && step->workers[step->nr - 1].thread == thread)
		return &step->workers[step->nr - 1];
	for (size_t i = 0; i < step->nr; i++)
		if (step->workers[i].thread == thread)
			return &step->workers[i];
	XGROW(step->workers, step->nr, step->cap);
	step->workers[step->nr] = (struct worker){thread, NAN, NAN};
	return &step->workers[step->nr++];
}

/* Keep the step that has ended, if it went well and told of workers. */
static void close_step(struct reading *r, bool done)
{
	struct workers *w = r->workers;

	if (done && r->step.nr) {
		XGROW(w->steps, w->nr, w->cap);
		w->steps[w->nr++] = r->step;
		r->step = (struct worker_step){0};
	}
	forget(r);
}

static void add_record(struct reading *r, char **fields)
{
	bool wall = !strcmp(fields[SAMPLE_METRIC], "worker_wall_s");
	bool faults = !strcmp(fields[SAMPLE_METRIC], "worker_faults");
	uint64_t clients, iteration, thread;
	struct worker *worker;

	if ((!wall && !faults) || strcmp(fields[SAMPLE_STATUS], "ok") ||
	    number_parse(fields[SAMPLE_THREAD], 0, UINT16_MAX, &thread, NULL) ||
	    number_parse(fields[SAMPLE_CLIENTS], 0, INT32_MAX, &clients, NULL) ||
	    number_parse(fields[SAMPLE_ITERATION], 0, INT32_MAX, &iteration, NULL))
		return;
	r->step.variant = run_variant(r->run, fields[SAMPLE_VARIANT]);
	r->step.clients = clients;
	r->step.iteration = iteration;
	worker = worker_of(&r->step, thread);
	*(wall ? &worker->wall_s : &worker->faults) = strtod(fields[SAMPLE_VALUE], NULL);
}

int workers_read(struct workers *workers, struct run *run, struct why *why)
{
	struct reading r = {.workers = workers, .run = run};
	char *path = xasprintf("%s/samples.tsv", run->path), *fields[NR_SAMPLE_COLUMNS];
	struct tsv_reader reader;
	int got;

	*workers = (struct workers){0};
	got = tsv_reader_init(&reader, path, &samples_schema, why);
	free(path);
	if (got)
		return got;
	while ((got = tsv_reader_next(&reader, fields, why)) > 0) {
		if (strcmp(r.number, fields[SAMPLE_STEP])) {
			forget(&r);
			snprintf(r.number, sizeof(r.number), "%.20s", fields[SAMPLE_STEP]);
		}
		if (!strcmp(fields[SAMPLE_METRIC], "step"))
			close_step(&r, !strcmp(fields[SAMPLE_VALUE], "done"));
		else
			add_record(&r, fields);
	}
	free(r.step.workers);
	tsv_reader_release(&reader);
	if (got)
		workers_release(workers);
	return got;
}

void workers_release(struct workers *workers)
{
	for (size_t i = 0; i < workers->nr; i++)
		free(workers->steps[i].workers);
	free(workers->steps);
	*workers = (struct workers){0};
}

static double rate_of(const struct worker *worker)
{
	return worker->wall_s > 0 ? worker->faults / worker->wall_s : NAN;
}

/* The mean rate of the workers of a step; NaN if one is not known. */
static double mean_rate(const struct worker_step *step)
{
	double sum = 0;

	for (size_t i = 0; i < step->nr; i++)
		sum += rate_of(&step->workers[i]);
	return sum / step->nr;
}

void worker_spread(struct worker_spread *spread, const struct workers *workers, unsigned variant,
		   unsigned clients)
{
	double *ratios = NULL, thread_s = 0;
	size_t cap = 0, steps = 0;

	*spread = (struct worker_spread){.thread_s = NAN};
	for (size_t i = 0; i < workers->nr; i++) {
		const struct worker_step *step = &workers->steps[i];
		double mean = mean_rate(step);

		if (step->variant != variant || step->clients != clients || !(mean > 0))
			continue;
		for (size_t k = 0; k < step->nr; k++) {
			XGROW(ratios, spread->nr, cap);
			ratios[spread->nr++] = 100 * rate_of(&step->workers[k]) / mean;
			thread_s += step->workers[k].wall_s;
		}
		steps++;
	}
	if (spread->nr) {
		gsl_sort(ratios, 1, spread->nr);
		spread->min = ratios[0];
		spread->quarter = gsl_stats_quantile_from_sorted_data(ratios, 1, spread->nr, 0.25);
		spread->median = gsl_stats_quantile_from_sorted_data(ratios, 1, spread->nr, 0.5);
		spread->three_quarters =
			gsl_stats_quantile_from_sorted_data(ratios, 1, spread->nr, 0.75);
		spread->max = ratios[spread->nr - 1];
		spread->thread_s = thread_s / steps;
	}
	free(ratios);
}
