/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pft/run.h"

double measure_wall_s(const struct measure *m)
{
	return (m->end.ns - m->start.ns) / 1e9;
}

void totals_of(const struct run *run, struct totals *t)
{
	uint64_t first = UINT64_MAX, last = 0, user_us = 0, system_us = 0;

	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		const struct worker *w = &run->workers[i];
		const struct snapshot *start = &w->measure.start, *end = &w->measure.end;

		user_us += end->user_us - start->user_us;
		system_us += end->system_us - start->system_us;
		t->minor_faults += end->minor_faults - start->minor_faults;
		t->major_faults += end->major_faults - start->major_faults;
		t->planned += w->planned;
		t->faults += w->faults;
		first = start->ns < first ? start->ns : first;
		last = end->ns > last ? end->ns : last;
	}
	t->user_s = user_us / 1e6;
	t->system_s = system_us / 1e6;
	t->wall_s = (last - first) / 1e9;
	t->faults_per_cpu = t->faults / ((user_us + system_us) / 1e6);
	t->faults_per_sec = t->faults / t->wall_s;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Gini: sum over the sorted values of (2i - n + 1) x_i, over n times their sum (i from 0). */
void spread_of(double *values, size_t n, struct spread *spread)
{
	double sum = 0, weighted = 0, squares = 0, mean;

	memset(spread, 0, sizeof(*spread));
	if (!n)
		return;
	qsort(values, n, sizeof(*values), compare_doubles);
	for (size_t i = 0; i < n; i++) {
		sum += values[i];
		weighted += (2.0 * i - n + 1) * values[i];
	}
	mean = sum / n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	spread->min = values[0];
	spread->max = values[n - 1];
	if (n > 1 && sum > 0) {
		spread->gini = weighted / (n * sum);
		spread->cov = sqrt(squares / (n - 1)) / mean;
	}
}
