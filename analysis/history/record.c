/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/record.h"

#include <errno.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analysis/hash.h"
#include "analysis/load.h"
#include "analysis/metric.h"
#include "analysis/unlike.h"
#include "common/run_tables.h"
#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

int64_t record_time(const char *text)
{
	static const char *const forms[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"};
	uint64_t number;

	for (size_t i = 0; i < 2; i++) {
		struct tm tm = {0};
		const char *end = strptime(text, forms[i], &tm);

		if (end && !*end)
			return timegm(&tm);
	}
	return number_parse(text, 0, INT64_MAX, &number, NULL) ? -1 : (int64_t)number;
}

const char *record_day(char *buf, size_t size, int64_t time)
{
	time_t seconds = time;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(buf, size, "%Y-%m-%d", &tm))
		snprintf(buf, size, "%lld", (long long)time);
	return buf;
}

/* The path of run @name, for the caller to free; NULL for a name that is none below @results. */
static char *path_of(const char *results, const char *name, struct why *why)
{
	size_t len = strlen(name);
	char *path;

	while (len > 1 && name[len - 1] == '/')
		len--;
	if (!len || memchr(name, '/', len) || *name == '.') {
		why_not(why, EINVAL,
			"not the name of a run in '%s', with '%s': -d says where its runs are",
			results, name);
		return NULL;
	}
	path = xasprintf("%s/%.*s", results, (int)len, name);
	if (!access(path, F_OK))
		return path;
	why_not(why, ENOENT, "no run '%s' in '%s': %s", name, results, strerror(errno));
	free(path);
	return NULL;
}

/* Give @key one value. Returns whether that is news. */
static bool put(struct meta *meta, const char *key, const char *value)
{
	const char *before = meta_get(meta, key);
	char *kept;

	if (before && !strcmp(before, value))
		return false;
	kept = xstrdup(value);
	meta_drop(meta, key);
	meta_add(meta, key, "%s", kept);
	free(kept);
	return true;
}

/* Put the label into @meta: 1 if that changes it, 0 if not, or -EINVAL. */
static int apply(struct meta *meta, const struct record_label *label, const char *name,
		 struct why *why)
{
	const char *commit = label->commit ? label->commit : meta_get(meta, "commit");
	const char *branch = label->branch ? label->branch : meta_get(meta, "branch");
	const char *committed = meta_get(meta, "committed"), *status = meta_get(meta, "status");
	char number[24];
	bool news;

	if (!status || strcmp(status, "complete"))
		return why_not(
			why, EINVAL,
			"run '%s' is not complete: 'faultscale run --resume' goes on with it",
			name);
	if (!commit || !*commit)
		return why_not(why, EINVAL,
			       "nobody knows the commit of run '%s': --commit \"$(git rev-parse "
			       "HEAD)\" says it",
			       name);
	if (!committed)
		committed = meta_get(meta, "started");
	if (label->committed < 0 && (!committed || record_time(committed) < 0))
		return why_not(why, EINVAL,
			       "nobody knows when run '%s' was started: --time says it", name);
	snprintf(number, sizeof(number), "%lld",
		 (long long)(label->committed < 0 ? record_time(committed) : label->committed));
	news = put(meta, "commit", commit);
	news |= put(meta, "branch", branch && *branch ? branch : "main");
	news |= put(meta, "committed", number);
	return news;
}

/* What is measured: the sum of the cells' hashes, so that their order does not count, nor how often
 * they were run, nor where. */
static int read_config(struct record *record, const char *path, struct why *why)
{
	char *file = xasprintf("%s/plan.tsv", path), *fields[NR_PLAN_COLUMNS];
	struct tsv_reader r;
	uint64_t sum = 0;
	int got = tsv_reader_init(&r, file, &plan_schema, why);

	free(file);
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		uint64_t hash = HASH_START;

		if (strcmp(fields[PLAN_ITERATION], "0"))
			continue;
		for (int i = PLAN_VARIANT; i < NR_PLAN_COLUMNS; i++)
			if (i != PLAN_ITERATION && i != PLAN_CPUS && i != PLAN_NODES)
				hash = hash_add(hash, fields[i], strlen(fields[i]) + 1);
		sum += hash;
	}
	tsv_reader_release(&r);
	if (!got)
		record->config = xasprintf("%016llx", (unsigned long long)sum);
	return got;
}

/* A mean of logarithms asks for numbers above 0. */
static void add_mean(struct record *record, const struct run *run, const struct series *series)
{
	bool good = series->nr > 0 && !series->nr_absent;
	double *logs = series_logs(series);

	for (size_t i = 0; i < series->nr; i++)
		good &= isfinite(logs[i]);
	if (good) {
		XGROW(record->means, record->nr, record->cap);
		record->means[record->nr++] = (struct record_mean){
			.variant = xstrdup(run->variants[series->variant].name),
			.clients = xstrdup(series->clients),
			.metric = xstrdup(series->metric),
			.n = series->nr,
			.log_mean = gsl_stats_mean(logs, 1, series->nr),
			.log_sd = series->nr > 1 ? gsl_stats_sd(logs, 1, series->nr) : 0,
		};
	}
	free(logs);
}

static int read_means(struct record *record, const char *path, struct why *why)
{
	struct notes notes = {0};
	struct run run;
	int err = run_load(&run, record->name, path, false, &notes, why);

	notes_release(&notes);
	if (err)
		return err;
	for (size_t i = 0; i < run.nr_series; i++)
		if (metric_better(run.series[i]->metric) != BETTER_UNKNOWN)
			add_mean(record, &run, run.series[i]);
	run_release(&run);
	return 0;
}

static char *fact(const struct meta *meta, const char *key)
{
	const char *value = meta_get(meta, key);

	return xstrdup(value ? value : "");
}

static int read_meta(struct record *record, const char *path, struct why *why)
{
	char *file = xasprintf("%s/meta.tsv", path);
	const char *config, *slash;
	struct meta meta;
	int err = meta_read(&meta, file, why);

	free(file);
	if (err)
		return err;
	if (meta_get(&meta, "commit") && meta_get(&meta, "committed"))
		record->committed = record_time(meta_get(&meta, "committed"));
	record->commit = fact(&meta, "commit");
	record->branch = fact(&meta, "branch");
	record->started = fact(&meta, "started");
	record->kernel = fact(&meta, "kernel");
	config = meta_get(&meta, "config");
	slash = config ? strrchr(config, '/') : NULL;
	record->config_name = xstrdup(slash ? slash + 1 : config ? config : "");
	for (size_t i = 0; i < meta.nr; i++)
		if (unlike_is_machine(meta.facts[i].key) && strcmp(meta.facts[i].key, "kernel"))
			meta_add(&record->machine, meta.facts[i].key, "%s", meta.facts[i].value);
	meta_release(&meta);
	return 0;
}

int record_describe(struct record *record, const char *path, struct why *why)
{
	const char *slash = strrchr(path, '/');
	int err;

	*record = (struct record){.committed = -1, .name = xstrdup(slash ? slash + 1 : path)};
	err = read_meta(record, path, why);
	if (!err)
		err = read_config(record, path, why);
	if (err)
		record_release(record);
	return err;
}

int record_label(const char *results, const char *name, const struct record_label *label,
		 struct why *why)
{
	char *path = path_of(results, name, why), *file;
	struct meta meta = {0};
	struct record record;
	int err;

	if (!path)
		return -EINVAL;
	file = xasprintf("%s/meta.tsv", path);
	err = record_describe(&record, path, why); /* what cannot be added gets no label */
	if (!err) {
		record_release(&record);
		err = meta_read(&meta, file, why);
	}
	if (!err)
		err = apply(&meta, label, name, why);
	if (err > 0)
		err = meta_write(&meta, file, why);
	meta_release(&meta);
	free(file);
	free(path);
	return err;
}

int record_read(struct record *record, const char *results, const char *name, struct why *why)
{
	char *path = path_of(results, name, why);
	int err = path ? record_describe(record, path, why) : -ENOENT;

	if (!err) {
		err = read_means(record, path, why);
		if (err)
			record_release(record);
	}
	free(path);
	return err;
}

void record_release(struct record *record)
{
	for (size_t i = 0; i < record->nr; i++) {
		free(record->means[i].variant);
		free(record->means[i].clients);
		free(record->means[i].metric);
	}
	free(record->means);
	meta_release(&record->machine);
	free(record->name);
	free(record->commit);
	free(record->branch);
	free(record->started);
	free(record->kernel);
	free(record->config);
	free(record->config_name);
	*record = (struct record){0};
}
