/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/baseline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/gate_guard.h"
#include "analysis/history/query.h"
#include "analysis/history/record.h"
#include "analysis/history/store.h"
#include "analysis/load.h"
#include "analysis/unlike.h"
#include "common/units.h"
#include "common/xalloc.h"

#define PREFIX "history:"

/* What is asked for. */
struct wish {
	char *branch;
	uint64_t commits;
};

/* What there was among the runs of those commits. */
struct crop {
	struct run *runs; /* the newest first */
	size_t nr, cap;
	size_t seen; /* of any kind */
	size_t other_machine, other_config, unusable;
};

/* What picking is about. */
struct picking {
	const char *results;
	const struct run *new;
	struct record about_new;
	int machine; /* of the new run, 0: unknown to the history */
	const struct gate_config *config;
	struct notes *notes;
};

bool baseline_is_history(const char *spec)
{
	return !strncmp(spec, PREFIX, strlen(PREFIX));
}

/* "history:BRANCH" or "history:BRANCH~N": a branch may hold a '~' of its own nowhere, says git. */
static int wish_parse(struct wish *wish, const char *spec, struct why *why)
{
	const char *branch = spec + strlen(PREFIX), *tilde = strchr(branch, '~');

	*wish = (struct wish){.commits = 1};
	if (!*branch || tilde == branch)
		return why_not(why, EINVAL, "no branch in '%s': write history:BRANCH~COMMITS",
			       spec);
	if (tilde && number_parse(tilde + 1, 1, 1000000, &wish->commits, why))
		return why_within(why, EINVAL, "--baseline '%s'", spec);
	wish->branch = tilde ? xstrndup(branch, (size_t)(tilde - branch)) : xstrdup(branch);
	return 0;
}

/* Why a run of the machine and config cannot be a baseline, for the caller to free; NULL: it can, and
 * is in @run. */
static char *refuse(const struct picking *p, const char *name, struct run *run)
{
	char *path = xasprintf("%s/%s", p->results, name), *text;
	struct notes ignored = {0};
	struct why why = WHY_INIT;

	if (run_load(run, name, path, false, &ignored, &why)) {
		text = xstrdup(why.text);
	} else {
		text = unlike_text(p->new, run, p->config->may_differ);
		if (!text)
			text = guard_run(run, p->config);
		if (text)
			run_release(run);
	}
	notes_release(&ignored);
	free(path);
	return text;
}

static void consider(struct crop *crop, const struct picking *p, const struct query_run *candidate)
{
	struct run run;
	char *text;

	crop->seen++;
	if (candidate->machine != p->machine) {
		crop->other_machine++;
		return;
	}
	if (strcmp(candidate->config, p->about_new.config)) {
		crop->other_config++;
		return;
	}
	text = refuse(p, candidate->name, &run);
	if (text) {
		crop->unusable++;
		notes_add(p->notes, "run '%s' is no baseline: %s", candidate->name, text);
		free(text);
		return;
	}
	XGROW(crop->runs, crop->nr, crop->cap);
	crop->runs[crop->nr++] = run;
}

/* A run is no baseline of itself, of its own commit, or of an earlier one. */
static bool is_before(const struct picking *p, const struct query_run *candidate)
{
	const struct record *new = &p->about_new;

	return strcmp(candidate->name, new->name) && strcmp(candidate->commit, new->commit) &&
	       (new->committed < 0 || candidate->committed <= new->committed);
}

static void harvest(struct crop *crop, const struct picking *p, const struct query_runs *runs,
		    uint64_t commits)
{
	const char *last = NULL;

	for (size_t i = runs->nr; i > 0; i--) {
		const struct query_run *candidate = &runs->all[i - 1];

		if (!is_before(p, candidate))
			continue;
		if (!last || strcmp(last, candidate->commit)) {
			if (!commits--)
				return;
			last = candidate->commit;
		}
		consider(crop, p, candidate);
	}
}

/* A run's share of the baseline: one value for each of its series, unless a guard failed it. */
static void take_means(struct run *base, const struct picking *p, const struct run *run)
{
	for (size_t i = 0; i < run->nr_series; i++) {
		const struct series *series = run->series[i];
		char *failure = guard_cell(run, series, p->config);
		double sum = 0;

		for (size_t k = 0; k < series->nr; k++)
			sum += log(series->samples[k].value);
		if (!failure && series->nr && isfinite(sum))
			series_add(
				run_series(base,
					   run_variant(base, run->variants[series->variant].name),
					   series->clients, series->metric),
				exp(sum / (double)series->nr), 0, 1);
		free(failure);
	}
}

/* Make the baseline of what there is, which is something. */
static void make(struct baseline *baseline, const struct picking *p, struct crop *crop,
		 const struct wish *wish)
{
	*baseline = (struct baseline){.by_runs = crop->nr >= BASELINE_RUNS};
	if (!baseline->by_runs) {
		baseline->run = crop->runs[0];
		baseline->text = xasprintf(
			"run '%s', the newest of %zu in the last %llu commits of '%s'; from %d on "
			"each run would count as one value",
			crop->runs[0].name, crop->nr, (unsigned long long)wish->commits,
			wish->branch, BASELINE_RUNS);
		for (size_t i = 1; i < crop->nr; i++)
			run_release(&crop->runs[i]);
		return;
	}
	run_init(&baseline->run, wish->branch, crop->runs[0].path, RUN_OWN);
	baseline->text = xasprintf("%zu runs of the last %llu commits of '%s', '%s' to '%s'",
				   crop->nr, (unsigned long long)wish->commits, wish->branch,
				   crop->runs[crop->nr - 1].name, crop->runs[0].name);
	for (size_t i = crop->nr; i > 0; i--) {
		take_means(&baseline->run, p, &crop->runs[i - 1]);
		run_release(&crop->runs[i - 1]);
	}
	run_sort_clients(&baseline->run);
}

static int none(const struct crop *crop, const struct wish *wish, struct why *why)
{
	return why_not(why, ENOENT,
		       "no baseline in the last %llu commits of '%s': of %zu runs before this one "
		       "%zu are of another machine, %zu of another config, %zu cannot be used",
		       (unsigned long long)wish->commits, wish->branch, crop->seen,
		       crop->other_machine, crop->other_config, crop->unusable);
}

/* What there is to know of the new run, and the runs of the branch. */
static int prepare(struct picking *p, const struct wish *wish, struct query_runs *runs,
		   struct why *why)
{
	const struct query query = {.branch = wish->branch};
	struct db db;
	int err = db_open(&db, p->results, DB_READ, why);

	if (err)
		return err;
	err = record_describe(&p->about_new, p->new->path, why);
	if (!err) {
		p->machine = store_machine(&db, &p->about_new.machine, why);
		err = p->machine < 0 ? p->machine : query_runs(&db, &query, runs, why);
		if (err)
			record_release(&p->about_new);
	}
	db_release(&db);
	return err;
}

int baseline_pick(struct baseline *baseline, const char *results, const char *spec,
		  const struct run *new, const struct gate_config *config, struct notes *notes,
		  struct why *why)
{
	struct picking picking = {.results = results, .new = new, .config = config, .notes = notes};
	struct crop crop = {0};
	struct query_runs runs;
	struct wish wish;
	int err = wish_parse(&wish, spec, why);

	if (err)
		return err;
	err = prepare(&picking, &wish, &runs, why);
	if (!err) {
		harvest(&crop, &picking, &runs, wish.commits);
		if (crop.nr)
			make(baseline, &picking, &crop, &wish);
		else
			err = none(&crop, &wish, why);
		query_runs_release(&runs);
		record_release(&picking.about_new);
	}
	free(crop.runs);
	free(wish.branch);
	return err;
}

void baseline_release(struct baseline *baseline)
{
	run_release(&baseline->run);
	free(baseline->text);
	*baseline = (struct baseline){0};
}
