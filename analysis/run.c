/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/run.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/xalloc.h"

const char *const dimension_names[NR_DIMENSIONS] = {
	"workload",   "pin",	 "mem",	  "pagesize",  "mode",	   "lock",
	"rwsem-spin", "writers", "nodes", "vma-class", "prefetch",
	"limit", "working-set", "codec", "lru", "lru-lock", "memcgs", "access", "zswap-shrinker",
	"machine",
};

void run_init(struct run *run, const char *name, const char *path, enum run_kind kind)
{
	*run = (struct run){.name = xstrdup(name), .path = xstrdup(path), .kind = kind};
}

static void keep(void *node)
{
	(void)node; /* ->series owns what the tree points to */
}

void run_release(struct run *run)
{
	tdestroy(run->index, keep);
	for (size_t i = 0; i < run->nr_series; i++) {
		free(run->series[i]->clients);
		free(run->series[i]->metric);
		free(run->series[i]->samples);
		free(run->series[i]->absent);
		free(run->series[i]);
	}
	free(run->series);
	for (size_t i = 0; i < run->nr_variants; i++) {
		free(run->variants[i].name);
		for (size_t d = 0; d < NR_DIMENSIONS; d++)
			free(run->variants[i].dims[d]);
	}
	free(run->variants);
	for (size_t i = 0; i < run->nr_metrics; i++)
		free(run->metrics[i]);
	free(run->metrics);
	for (size_t i = 0; i < run->nr_clients; i++)
		free(run->clients[i]);
	free(run->clients);
	free(run->name);
	free(run->path);
	*run = (struct run){0};
}

unsigned run_variant(struct run *run, const char *name)
{
	for (size_t i = 0; i < run->nr_variants; i++)
		if (!strcmp(run->variants[i].name, name))
			return i;
	run->variants = xreallocarray(run->variants, run->nr_variants + 1, sizeof(*run->variants));
	run->variants[run->nr_variants] = (struct variant){.name = xstrdup(name)};
	return run->nr_variants++;
}

/* Add @name to the @nr texts of @list if it is not there. */
static void intern(char ***list, size_t *nr, const char *name)
{
	for (size_t i = 0; i < *nr; i++)
		if (!strcmp((*list)[i], name))
			return;
	*list = xreallocarray(*list, *nr + 1, sizeof(**list));
	(*list)[(*nr)++] = xstrdup(name);
}

static int series_compare(const void *pa, const void *pb)
{
	const struct series *a = pa, *b = pb;
	int diff = (a->variant > b->variant) - (a->variant < b->variant);

	if (!diff)
		diff = strcmp(a->clients, b->clients);
	return diff ? diff : strcmp(a->metric, b->metric);
}

const struct series *run_find(const struct run *run, unsigned variant, const char *clients,
			      const char *metric)
{
	struct series key = {
		.variant = variant, .clients = (char *)clients, .metric = (char *)metric};
	struct series *const *node = tfind(&key, &run->index, series_compare);

	return node ? *node : NULL;
}

struct series *run_series(struct run *run, unsigned variant, const char *clients,
			  const char *metric)
{
	struct series key = {
		.variant = variant, .clients = (char *)clients, .metric = (char *)metric};
	struct series *const *node, *series;

	/* The metrics of a step come in the same order each time: saves half of a reader's time. */
	if (run->next < run->nr_series && !series_compare(&key, run->series[run->next]))
		return run->series[run->next++];
	node = tfind(&key, &run->index, series_compare);
	if (node) {
		run->next = (*node)->position + 1;
		return *node;
	}
	series = xcalloc(1, sizeof(*series));
	series->variant = variant;
	series->clients = xstrdup(clients);
	series->metric = xstrdup(metric);
	intern(&run->clients, &run->nr_clients, clients);
	intern(&run->metrics, &run->nr_metrics, metric);
	series->position = run->nr_series;
	run->next = run->nr_series + 1;
	XGROW(run->series, run->nr_series, run->cap_series);
	run->series[run->nr_series++] = series;
	if (!tsearch(series, &run->index, series_compare))
		die(EXIT_FAILED, "out of memory");
	return series;
}

void series_add(struct series *series, double value, unsigned directory, unsigned number)
{
	XGROW(series->samples, series->nr, series->cap);
	series->samples[series->nr++] =
		(struct sample){.value = value, .directory = directory, .number = number};
}

double *series_values(const struct series *series)
{
	double *values = xcalloc(series->nr + 1, sizeof(*values));

	for (size_t i = 0; i < series->nr; i++)
		values[i] = series->samples[i].value;
	return values;
}

double *series_logs(const struct series *series)
{
	double *logs = series_values(series);

	for (size_t i = 0; i < series->nr; i++)
		logs[i] = log(logs[i]);
	return logs;
}

double series_mean(const struct series *series)
{
	double sum = 0;

	for (size_t i = 0; series && i < series->nr; i++)
		sum += series->samples[i].value;
	return series && series->nr ? sum / (double)series->nr : NAN;
}

double series_value_like(const struct series *series, const struct sample *sample)
{
	for (size_t i = 0; series && i < series->nr; i++)
		if (series->samples[i].number == sample->number &&
		    series->samples[i].directory == sample->directory)
			return series->samples[i].value;
	return NAN;
}

/* The number that @text starts with, as Perl reads it: neither hexadecimal nor "inf". */
static double leading_number(const char *text)
{
	char digits[32];
	size_t len = strspn(text, "0123456789.");

	if (len >= sizeof(digits))
		len = sizeof(digits) - 1;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return strtod(digits, NULL);
}

int clients_compare(const char *a, const char *b)
{
	double na = leading_number(a), nb = leading_number(b);

	return na != nb ? (na > nb) - (na < nb) : strcmp(a, b);
}

static int clients_compare_at(const void *a, const void *b)
{
	return clients_compare(*(char *const *)a, *(char *const *)b);
}

void run_sort_clients(struct run *run)
{
	if (run->nr_clients)
		qsort(run->clients, run->nr_clients, sizeof(*run->clients), clients_compare_at);
}
