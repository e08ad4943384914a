/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/samples.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/run_tables.h"
#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

/* The records of a step that has not been closed yet: they count when its closing record comes. */
struct open_step {
	struct pending {
		struct series *series;
		bool absent;
		double value, counted;
	} * records;
	size_t nr, cap;
	bool open;
	uint64_t step, iteration;
	unsigned variant;
	char clients[24];
};

/* What is told at the end of the file. */
struct tally {
	uint64_t unclosed, failed, doubtful;
	uint64_t first_unclosed, first_failed;
	char failed_why[120];
};

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Leave out what is open, which never got its closing record. */
static void drop_step(struct open_step *open, struct tally *tally)
{
	if (open->open && !tally->unclosed++)
		tally->first_unclosed = open->step;
	open->open = false;
	open->nr = 0;
}

static void add_sample(const struct pending *p, unsigned number)
{
	series_add(p->series, p->value, 0, number);
	if (p->counted < 1 && (!p->series->counted || p->counted < p->series->counted))
		p->series->counted = p->counted;
}

static void close_step(struct open_step *open, struct tally *tally, bool done, const char *status)
{
	for (size_t i = 0; done && i < open->nr; i++)
		if (!open->records[i].absent)
			add_sample(&open->records[i], open->iteration + 1);
		else
			open->records[i].series->nr_absent++;
	if (!done && !tally->failed++) {
		tally->first_failed = open->step;
		snprintf(tally->failed_why, sizeof(tally->failed_why), "%.100s", status);
	}
	open->open = false;
	open->nr = 0;
}

/* Read the number of field @which; the reason names file, line and column. */
static int field_number(const struct tsv_reader *r, char **fields, int which, uint64_t *number,
			struct why *why)
{
	if (number_parse(fields[which], 0, INT32_MAX, number, NULL))
		return why_not(why, EINVAL, "%s:%u: column '%s': not a whole number, with '%.40s'",
			       r->path, r->line, r->schema->columns[which], fields[which]);
	return 0;
}

/* Begin the step of this record, or check that it goes on with the open one. */
static int enter_step(struct run *run, const struct tsv_reader *r, char **fields,
		      struct open_step *open, struct tally *tally, struct why *why)
{
	uint64_t step, clients, iteration;
	int err = field_number(r, fields, SAMPLE_STEP, &step, why);

	if (err || (open->open && open->step == step))
		return err;
	drop_step(open, tally);
	err = field_number(r, fields, SAMPLE_CLIENTS, &clients, why);
	if (!err)
		err = field_number(r, fields, SAMPLE_ITERATION, &iteration, why);
	if (err)
		return err;
	open->open = true;
	open->step = step;
	open->iteration = iteration;
	open->variant = run_variant(run, fields[SAMPLE_VARIANT]);
	snprintf(open->clients, sizeof(open->clients), "%llu", (unsigned long long)clients);
	return 0;
}

/* Whether the status says that the value counts. */
static int check_status(const struct tsv_reader *r, char **fields, bool *absent,
			struct tally *tally, struct why *why)
{
	const char *status = fields[SAMPLE_STATUS];
	bool doubtful = starts_with(status, "scaled:") || starts_with(status, "lost:");

	*absent = starts_with(status, "unavailable:") || starts_with(status, "unsupported:") ||
		  starts_with(status, "failed:");
	/* So much was lost that nothing is left. */
	if (starts_with(status, "lost:") && !strcmp(fields[SAMPLE_VALUE], "-")) {
		*absent = true;
		doubtful = false;
	}
	tally->doubtful += doubtful;
	if (!strcmp(status, "ok") || doubtful || *absent)
		return 0;
	return why_not(why, EINVAL, "%s:%u: unknown status '%.60s'", r->path, r->line, status);
}

static int add_record(struct run *run, const struct tsv_reader *r, char **fields,
		      struct open_step *open, struct tally *tally, struct why *why)
{
	const char *value = fields[SAMPLE_VALUE], *status = fields[SAMPLE_STATUS];
	struct pending p = {.counted = 1};
	char *end;
	int err = check_status(r, fields, &p.absent, tally, why);

	if (err)
		return err;
	if (!p.absent) {
		p.value = strtod(value, &end);
		if (end == value || *end || !isfinite(p.value))
			return why_not(why, EINVAL,
				       "%s:%u: value of '%.40s': not a number, with '%.40s'",
				       r->path, r->line, fields[SAMPLE_METRIC], value);
	}
	if (starts_with(status, "scaled:"))
		p.counted = strtod(status + strlen("scaled:"), NULL);
	p.series = run_series(run, open->variant, open->clients, fields[SAMPLE_METRIC]);
	if (p.absent && !p.series->absent)
		p.series->absent = xstrdup(status);
	XGROW(open->records, open->nr, open->cap);
	open->records[open->nr++] = p;
	return 0;
}

static int read_record(struct run *run, const struct tsv_reader *r, char **fields,
		       struct open_step *open, struct tally *tally, struct why *why)
{
	int err = enter_step(run, r, fields, open, tally, why);

	if (err)
		return err;
	if (!strcmp(fields[SAMPLE_METRIC], "step")) {
		bool done = !strcmp(fields[SAMPLE_VALUE], "done");

		if (!done && strcmp(fields[SAMPLE_VALUE], "failed"))
			return why_not(why, EINVAL,
				       "%s:%u: a step ends 'done' or 'failed', not '%.40s'",
				       r->path, r->line, fields[SAMPLE_VALUE]);
		close_step(open, tally, done, fields[SAMPLE_STATUS]);
		return 0;
	}
	if (strcmp(fields[SAMPLE_THREAD], "all") || !strcmp(fields[SAMPLE_UNIT], "text"))
		return 0;
	return add_record(run, r, fields, open, tally, why);
}

static void tell(const struct tally *tally, const struct tsv_reader *r, struct notes *notes)
{
	if (r->torn)
		notes_add(notes, "%s: the last line is torn (the run was killed): left out",
			  r->path);
	if (tally->unclosed)
		notes_add(
			notes,
			"%s: steps without a closing record left out: %llu, the first is step "
			"%llu; 'faultscale run --resume' runs them again",
			r->path, (unsigned long long)tally->unclosed,
			(unsigned long long)tally->first_unclosed);
	if (tally->failed)
		notes_add(notes, "%s: failed steps left out: %llu, the first is step %llu: %s",
			  r->path, (unsigned long long)tally->failed,
			  (unsigned long long)tally->first_failed, tally->failed_why);
	if (tally->doubtful)
		notes_add(notes,
			  "%s: values that are scaled or incomplete (see their status): %llu",
			  r->path, (unsigned long long)tally->doubtful);
}

/* mmtests' duration is what time(1) says of the benchmark; ours is the sum over the steps. */
static void sum_durations(struct run *run)
{
	static const char *const names[] = {"time_user_s", "time_system_s", "time_elapsed_s"};
	double *const sums[] = {&run->durations.user, &run->durations.system,
				&run->durations.elapsed};

	for (size_t s = 0; s < run->nr_series; s++)
		for (size_t n = 0; n < 3; n++)
			if (!strcmp(run->series[s]->metric, names[n])) {
				run->durations.known = run->durations.measured = true;
				for (size_t i = 0; i < run->series[s]->nr; i++)
					*sums[n] += run->series[s]->samples[i].value;
			}
}

int samples_read(struct run *run, const char *path, struct notes *notes, struct why *why)
{
	struct open_step open = {0};
	struct tally tally = {0};
	struct tsv_reader r;
	char *fields[NR_SAMPLE_COLUMNS];
	int got = tsv_reader_init(&r, path, &samples_schema, why);

	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		got = read_record(run, &r, fields, &open, &tally, why);
		if (got)
			break;
	}
	drop_step(&open, &tally);
	if (!got)
		tell(&tally, &r, notes);
	run_sort_clients(run);
	sum_durations(run);
	free(open.records);
	tsv_reader_release(&r);
	return got;
}

/* The word behind "--@name" in the options @extra, the last one if there are several; "-" without. */
static char *option_value(const char *extra, const char *name)
{
	char *copy = xstrdup(extra), *rest = copy, *value = NULL, *word, *result;
	size_t len = strlen(name);

	while ((word = strsep(&rest, " "))) {
		if (strncmp(word, "--", 2) || strncmp(word + 2, name, len))
			continue;
		if (word[2 + len] == '=')
			value = word + 2 + len + 1;
		else if (!word[2 + len] && rest)
			value = strsep(&rest, " ");
	}
	result = xstrdup(value && *value ? value : "-");
	free(copy);
	return result;
}

static void set_dimensions(struct variant *variant, char **fields)
{
	for (size_t d = 0; d < NR_DIMENSIONS; d++) {
		if (variant->dims[d])
			continue;
		variant->dims[d] = d < DIM_LOCK
					   ? xstrdup(fields[PLAN_WORKLOAD + d])
					   : option_value(fields[PLAN_EXTRA], dimension_names[d]);
	}
}

int samples_read_plan(struct run *run, const char *path, struct why *why)
{
	struct tsv_reader r;
	char *fields[NR_PLAN_COLUMNS];
	int got = tsv_reader_init(&r, path, &plan_schema, why);

	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		struct variant *variant = NULL;

		for (size_t v = 0; v < run->nr_variants && !variant; v++)
			if (!strcmp(run->variants[v].name, fields[PLAN_VARIANT]))
				variant = &run->variants[v];
		if (variant)
			set_dimensions(variant, fields);
	}
	tsv_reader_release(&r);
	return got;
}
