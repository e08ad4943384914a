/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/compare.h"

#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/exact.h"
#include "analysis/hash.h"
#include "common/xalloc.h"

static void add_row(struct comparison *c, const struct report_metric *metric, const char *clients,
		    const char *label, const regex_t *filter)
{
	char *name = xasprintf("%s-%s%s%s", metric->row, clients, *label ? " " : "", label);

	if (filter && regexec(filter, name, 0, NULL, 0)) {
		free(name);
		return;
	}
	XGROW(c->rows, c->nr_rows, c->cap_rows);
	c->rows[c->nr_rows++] = (struct row){
		.name = name,
		.metric = metric,
		.clients = clients,
		.label = label,
		.cells = xcalloc(c->columns.nr, sizeof(struct cell)),
	};
}

/* The rows of the baseline: metric by metric, variant by variant, client counts ascending. */
static void add_rows(struct comparison *c, const regex_t *filter)
{
	const struct column *base = &c->columns.columns[0];

	for (size_t m = 0; m < c->report->nr; m++)
		for (size_t v = 0; v < base->run->nr_variants; v++)
			for (size_t k = 0; base->labels[v] && k < base->run->nr_clients; k++) {
				const char *clients = base->run->clients[k];

				if (selection_has_clients(&c->options.selection, clients) &&
				    run_find(base->run, v, clients, c->report->metrics[m].metric))
					add_row(c, &c->report->metrics[m], clients, base->labels[v],
						filter);
			}
}

/* The series of @column that belongs to @row, or NULL. */
static const struct series *column_series(const struct column *column, const struct row *row)
{
	for (size_t v = 0; v < column->run->nr_variants; v++)
		if (column->labels[v] && !strcmp(column->labels[v], row->label))
			return run_find(column->run, v, row->clients, row->metric->metric);
	return NULL;
}

/* One sample is no lack where the next would be the same: of a simulated run. */
static const char *why_absent(const struct cell *cell, bool exact)
{
	if (!cell->series)
		return "no such row in this run";
	if (!cell->sum.n)
		return cell->series->absent ? cell->series->absent : "no sample";
	if (isnan(cell->sum.value[STAT_MEAN]))
		return "no harmonic mean: a sample is not above zero";
	return cell->sum.n < 2 && !exact ? "one sample: no deviation" : NULL;
}

static void summarize(struct comparison *c)
{
	for (size_t r = 0; r < c->nr_rows; r++)
		for (size_t i = 0; i < c->columns.nr; i++) {
			struct cell *cell = &c->rows[r].cells[i];
			double *values = NULL;

			cell->series = column_series(&c->columns.columns[i], &c->rows[r]);
			if (cell->series)
				values = series_values(cell->series);
			summary_init(&cell->sum, values, cell->series ? cell->series->nr : 0,
				     c->rows[r].metric->better);
			cell->absent =
				why_absent(cell, exact_is_simulated(c->columns.columns[i].run));
			free(values);
		}
}

/* Whether column @i has an interval in every row (@all) or in any. */
static bool column_intervals(const struct comparison *c, size_t i, bool all)
{
	for (size_t r = 0; r < c->nr_rows; r++)
		if (c->rows[r].cells[i].sum.has_interval != all)
			return !all;
	return all;
}

bool comparison_has_intervals(const struct comparison *c)
{
	return column_intervals(c, 0, false);
}

/*
 * Whether compare-mmtests.pl prints a table for this input. It knows only logs, and it ends with an
 * internal error when a later run has intervals in some rows but not in all.
 */
static bool mmtests_prints(const struct comparison *c)
{
	for (size_t i = 0; i < c->columns.nr; i++) {
		if (c->columns.columns[i].run->kind == RUN_OWN)
			return false;
		if (i && !c->options.ratios && column_intervals(c, i, false) &&
		    !column_intervals(c, i, true))
			return false;
	}
	return true;
}

static double change(const struct comparison *c, enum better better, enum statistic stat, double x,
		     double b)
{
	return c->zeros ? change_mmtests(better, stat, x, b) : change_plain(better, stat, x, b);
}

/* The numbers of the ratio table, with mmtests' answers for what does not exist. */
static void set_ratio(const struct comparison *c, struct cell *cell, const struct cell *base,
		      enum better better)
{
	double x = cell->sum.value[STAT_MEAN], b = base->sum.value[STAT_MEAN];

	cell->ratio_distance = interval_distance(&cell->sum, &base->sum);
	if (c->zeros && (isnan(x) || isnan(b))) {
		cell->ratio = 1;
		cell->ratio_distance = 0;
	} else if (c->zeros) {
		cell->ratio = b == 0 ? 0 : x == 0 ? 1 : x / b;
	} else {
		cell->ratio = b == 0 ? NAN : x / b;
		if (!cell->sum.has_interval || !base->sum.has_interval)
			cell->ratio_distance = NAN;
	}
	cell->ratio_change = change(c, better, STAT_MEAN, cell->ratio, 1);
	if (!comparison_has_intervals(c))
		cell->ratio_distance = NAN;
}

static void set_differences(struct comparison *c)
{
	for (size_t r = 0; c->zeros && r < c->nr_rows; r++)
		for (size_t i = 0; i < c->columns.nr; i++) {
			double *coeffvar = &c->rows[r].cells[i].sum.value[STAT_COEFFVAR];

			if (c->rows[r].cells[i].series && isnan(*coeffvar))
				*coeffvar = 0;
		}
	for (size_t i = 0; i < c->columns.nr; i++) {
		bool starred = i && column_intervals(c, i, false);

		for (size_t r = 0; r < c->nr_rows; r++) {
			struct cell *cell = &c->rows[r].cells[i], *base = &c->rows[r].cells[0];
			enum better better = c->rows[r].metric->better;

			for (size_t s = 0; s < NR_STATS; s++)
				cell->change[s] = change(c, better, s, cell->sum.value[s],
							 base->sum.value[s]);
			set_ratio(c, cell, base, better);
			if (i && !c->zeros && !(cell->sum.has_interval && base->sum.has_interval))
				cell->distance = NAN;
			else if (starred)
				cell->distance = interval_distance(&base->sum, &cell->sum);
			cell->significant = fabs(cell->distance) > 1;
		}
	}
}

/* A number that tells the random streams of series apart. It is made of what was measured, not of what a
 * table calls it: --only and --by do not change an interval. */
static uint64_t stream_of(const struct run *run, const struct series *series)
{
	const char *const parts[] = {run->name, run->variants[series->variant].name,
				     series->clients, series->metric};
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = hash_add(hash, parts[i], strlen(parts[i]));
	return hash;
}

static void set_interval(const struct comparison *c, const struct row *row, size_t i)
{
	static const struct ratio_interval none = {NAN, NAN, NAN};
	struct cell *cell = &row->cells[i];
	const struct series *base = row->cells[0].series;
	uint64_t stream;
	double *x, *b;

	cell->mean_interval = cell->median_interval = none;
	if (!cell->series || !base || !i)
		return;
	x = series_values(cell->series);
	b = series_values(base);
	stream = stream_of(c->columns.columns[i].run, cell->series);
	bootstrap_ratio(&cell->mean_interval, c->options.bootstrap, BOOTSTRAP_MEAN,
			row->metric->better, x, cell->series->nr, b, base->nr, stream);
	bootstrap_ratio(&cell->median_interval, c->options.bootstrap, BOOTSTRAP_MEDIAN,
			row->metric->better, x, cell->series->nr, b, base->nr, stream);
	free(x);
	free(b);
}

static bool is_zero_rate(const struct report *report, const struct series *series)
{
	bool wanted = false;

	for (size_t m = 0; m < report->nr; m++)
		wanted |= report->metrics[m].better == BETTER_HIGHER &&
			  !strcmp(report->metrics[m].metric, series->metric);
	for (size_t k = 0; k < series->nr; k++)
		if (series->samples[k].value > 0)
			return false;
	return wanted && series->nr;
}

/* mmtests drops a run of which all samples of some rate are zero. */
static int drop_zero_runs(struct comparison *c, struct notes *notes, struct why *why)
{
	for (size_t i = 0; i < c->columns.nr;) {
		const struct run *run = c->columns.columns[i].run;
		const struct series *zero = NULL;

		for (size_t s = 0; run->kind == RUN_MMTESTS && !zero && s < run->nr_series; s++)
			if (is_zero_rate(c->report, run->series[s]))
				zero = run->series[s];
		if (!zero) {
			i++;
			continue;
		}
		notes_add(notes, "run '%s' is left out: all samples of %s-%s are zero", run->name,
			  zero->metric, zero->clients);
		columns_remove(&c->columns, i);
	}
	return c->columns.nr ? 0 : why_not(why, EINVAL, "no run is left to compare");
}

/* Tell what is missing, one line a run and reason: the first row of it and how many more. */
static void note_absent(const struct comparison *c, size_t i, struct notes *notes)
{
	const char *name = c->columns.columns[i].name;

	if (c->columns.columns[i].run->kind == RUN_ABSENT)
		return;
	for (size_t r = 0; r < c->nr_rows; r++) {
		const char *absent = c->rows[r].cells[i].absent;
		size_t more = 0;
		bool told = false;

		for (size_t o = 0; absent && o < c->nr_rows; o++) {
			const char *other = c->rows[o].cells[i].absent;
			bool same = other && !strcmp(other, absent);

			told |= same && o < r;
			more += same && o > r;
		}
		if (!absent || told)
			continue;
		if (more)
			notes_add(notes, "run '%s': '%s' and %zu more: %s%s", name, c->rows[r].name,
				  more, absent, c->zeros ? "; shown as mmtests shows it" : "");
		else
			notes_add(notes, "run '%s': '%s': %s%s", name, c->rows[r].name, absent,
				  c->zeros ? "; shown as mmtests shows it" : "");
	}
}

/* Client counts that a later run has and the baseline lacks have no row. */
static void note_extra(const struct comparison *c, size_t i, struct notes *notes)
{
	const struct run *base = c->columns.columns[0].run, *run = c->columns.columns[i].run;

	for (size_t k = 0; k < run->nr_clients; k++) {
		bool found = false;

		for (size_t b = 0; b < base->nr_clients; b++)
			found |= !strcmp(run->clients[k], base->clients[b]);
		if (!found)
			notes_add(notes, "run '%s': %s clients are not shown: '%s' lacks them",
				  c->columns.columns[i].name, run->clients[k],
				  c->columns.columns[0].name);
	}
}

static int compile_filter(regex_t *filter, const char *text, struct why *why)
{
	char *anchored = xasprintf("^%s", text), reason[200];
	int err = regcomp(filter, anchored, REG_EXTENDED | REG_NOSUB);

	free(anchored);
	if (!err)
		return 0;
	regerror(err, filter, reason, sizeof(reason));
	return why_not(why, EINVAL, "not a regular expression, with '%.80s': %s", text, reason);
}

static int find_rows(struct comparison *c, struct why *why)
{
	const char *sub_heading = c->options.sub_heading;
	regex_t filter;
	int err = 0;

	if (c->columns.columns[0].run->kind == RUN_ABSENT)
		return why_not(why, ENOENT,
			       "the first run, '%s', is absent: nothing to compare with",
			       c->columns.columns[0].run->path);
	if (sub_heading) {
		err = compile_filter(&filter, sub_heading, why);
		if (err)
			return err;
	}
	add_rows(c, sub_heading ? &filter : NULL);
	if (!c->nr_rows && sub_heading)
		err = why_not(why, EINVAL, "no row of '%s' begins like '%.80s'",
			      c->columns.columns[0].name, sub_heading);
	else if (!c->nr_rows)
		err = why_not(why, EINVAL, "'%s' has no samples to show",
			      c->columns.columns[0].name);
	if (sub_heading)
		regfree(&filter);
	return err;
}

int comparison_init(struct comparison *c, struct run *const *runs, size_t nr_runs,
		    const struct report *report, const struct compare_options *options,
		    struct notes *notes, struct why *why)
{
	int err;

	*c = (struct comparison){.report = report, .options = *options};
	err = columns_init(&c->columns, runs, nr_runs, &options->selection, why);
	if (!err)
		err = drop_zero_runs(c, notes, why);
	if (!err)
		err = find_rows(c, why);
	if (err) {
		comparison_release(c);
		return err;
	}
	summarize(c);
	c->zeros = options->as_mmtests && mmtests_prints(c);
	set_differences(c);
	for (size_t r = 0; options->bootstrap && r < c->nr_rows; r++)
		for (size_t i = 0; i < c->columns.nr; i++)
			set_interval(c, &c->rows[r], i);
	for (size_t i = 0; i < c->columns.nr; i++) {
		note_absent(c, i, notes);
		note_extra(c, i, notes);
	}
	return 0;
}

void comparison_release(struct comparison *c)
{
	for (size_t r = 0; r < c->nr_rows; r++) {
		free(c->rows[r].name);
		free(c->rows[r].cells);
	}
	free(c->rows);
	columns_release(&c->columns);
	c->rows = NULL;
	c->nr_rows = 0;
}
