/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/gate_guard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/exact.h"
#include "common/meta.h"
#include "common/xalloc.h"

/* Keep the first complaint. */
static void complain(char **text, char *complaint)
{
	if (*text)
		free(complaint);
	else
		*text = complaint;
}

/* Threads of one process may use more than a whole CPU, which a limit of 100% allows. */
char *guard_shares(const char *where, double steal, double foreign, double max_steal,
		   double max_foreign)
{
	if (steal > max_steal)
		return xasprintf(
			"steal in %s: the host took %.3g%% of its CPU time, more than %g%%", where,
			100 * steal, 100 * max_steal);
	if (foreign > max_foreign && max_foreign < 1)
		return xasprintf(
			"foreign CPU time in %s: other processes used %.3g%% of a CPU, more "
			"than %g%%",
			where, 100 * foreign, 100 * max_foreign);
	return NULL;
}

static void check_shares(char **text, const char *where, double steal, double foreign,
			 const struct gate_config *config)
{
	char *share =
		guard_shares(where, steal, foreign, config->max_steal, config->max_foreign);

	if (share)
		complain(text, xasprintf("%s; GATE_MAX_STEAL and GATE_MAX_FOREIGN allow more",
					 share));
	free(share);
}

/* The warnings of harness/noise.c that are about a share of CPU time. */
static void check_warning(char **text, const char *warning, const struct run *run,
			  const struct gate_config *config)
{
	const char *uses = strstr(warning, ") uses "); /* the process's name may hold a ')' */
	double steal = NAN, foreign = NAN;
	char *where = xasprintf("'%s'", run->name);

	if (sscanf(warning, "the host took %lf%% of this guest's CPU time", &steal) != 1 && uses &&
	    !strncmp(warning, "process ", 8))
		sscanf(uses, ") uses %lf%% of a CPU", &foreign);
	check_shares(text, where, steal / 100, foreign / 100, config);
	free(where);
}

char *guard_run(const struct run *run, const struct gate_config *config)
{
	char *path = xasprintf("%s/meta.tsv", run->path), *text = NULL;
	struct meta meta = {0};
	bool ended = false;

	if (run->kind == RUN_OWN)
		meta_read(&meta, path, NULL);
	for (size_t i = 0; i < meta.nr; i++) {
		const struct meta_fact *fact = &meta.facts[i];

		if (!strcmp(fact->key, "warning") && !exact_is_simulated(run))
			check_warning(&text, fact->value, run, config);
		if (!strcmp(fact->key, "failed_steps") && strcmp(fact->value, "0"))
			complain(&text,
				 xasprintf("failed steps in '%s': %s", run->name, fact->value));
		if (!strcmp(fact->key, "status"))
			ended = !strcmp(fact->value, "complete");
	}
	meta_release(&meta);
	free(path);
	if (run->kind == RUN_OWN && !ended)
		complain(&text, xasprintf("run '%s' is not complete: 'faultscale run --resume' "
					  "goes on with it",
					  run->name));
	return text;
}

/* The samples of @metric beside those of @series, or NULL. */
static const struct series *beside(const struct run *run, const struct series *series,
				   const char *metric)
{
	return run_find(run, series->variant, series->clients, metric);
}

static bool is_workload(const struct variant *variant, const char *begins)
{
	const char *workload = variant->dims[DIM_WORKLOAD];

	return workload && !strncmp(workload, begins, strlen(begins));
}

/* How far the sums of @x and @y (NULL: nothing) are from @planned, at worst in one step. */
static double furthest_off(const struct series *planned, const struct series *x,
			   const struct series *y)
{
	double worst = 0;

	for (size_t i = 0; i < planned->nr && i < x->nr && (!y || i < y->nr); i++) {
		double faults = x->samples[i].value + (y ? y->samples[i].value : 0);

		worst = fmax(worst, fabs(faults / planned->samples[i].value - 1));
	}
	return worst;
}

/* What the workload says, and where a fault a page is all that it does, what the kernel says. */
static void check_faults(char **text, const struct run *run, const struct series *series,
			 const struct gate_config *config)
{
	const struct series *planned = beside(run, series, "planned_faults");
	const struct series *faults = beside(run, series, "faults");
	const struct series *minor = beside(run, series, "minor_faults");
	const struct series *major = beside(run, series, "major_faults");
	double off = 0;

	if (planned && faults)
		off = furthest_off(planned, faults, NULL);
	if (planned && minor && is_workload(&run->variants[series->variant], "anon"))
		off = fmax(off, furthest_off(planned, minor, major && major->nr ? major : NULL));
	if (off > config->max_faults_off)
		complain(text,
			 xasprintf("faults not as planned in '%s': %.3g%% off, more than %g%%",
				   run->name, 100 * off, 100 * config->max_faults_off));
}

/* Unpinned workers migrate, and remote memory is remote, because that was asked for. */
static void check_places(char **text, const struct run *run, const struct series *series,
			 const struct gate_config *config)
{
	const struct variant *variant = &run->variants[series->variant];
	const struct series *moved = beside(run, series, "migrations");
	const struct series *local = beside(run, series, "local_pages");
	const char *pin = variant->dims[DIM_PIN], *mem = variant->dims[DIM_MEM];
	double most = 0, least = 100;

	for (size_t i = 0; moved && i < moved->nr; i++)
		most = fmax(most, moved->samples[i].value);
	for (size_t i = 0; local && i < local->nr; i++)
		least = fmin(least, local->samples[i].value);
	if (pin && strcmp(pin, "none") && most > config->max_migrations)
		complain(text, xasprintf("migrations of pinned workers in '%s': %g in a step",
					 run->name, most));
	if (pin && strcmp(pin, "none") && mem &&
	    (!strcmp(mem, "default") || !strcmp(mem, "local")) && least < 100 * config->min_local)
		complain(text, xasprintf("placement in '%s': %.3g%% of pages local, less than %g%%",
					 run->name, least, 100 * config->min_local));
}

static void check_others(char **text, const struct run *run, const struct series *series,
			 const struct gate_config *config)
{
	double steal = series_mean(beside(run, series, "time_steal")) / 100;
	double foreign = series_mean(beside(run, series, "time_foreign")) / 100;
	char *where = xasprintf("'%s'", run->name);

	check_shares(text, where, steal, foreign, config);
	free(where);
}

char *guard_cell(const struct run *run, const struct series *series,
		 const struct gate_config *config)
{
	char *text = NULL;

	if (series->nr_absent)
		complain(&text, xasprintf("no value in %zu iterations of '%s': %s",
					  series->nr_absent, run->name, series->absent));
	for (size_t i = 0; i < series->nr; i++)
		if (!(series->samples[i].value > 0))
			complain(&text, xasprintf("a value that is not above 0 in '%s': %g",
						  run->name, series->samples[i].value));
	if (series->counted && series->counted < config->min_counted)
		complain(&text,
			 xasprintf("multiplexed counter in '%s': counted for %g%% of the "
				   "time, less than %g%%",
				   run->name, 100 * series->counted, 100 * config->min_counted));
	if (!exact_is_simulated(run)) /* then nobody can disturb it */
		check_others(&text, run, series, config);
	check_faults(&text, run, series, config);
	check_places(&text, run, series, config);
	return text;
}
