/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/history.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/format/grid.h"
#include "analysis/metric.h"
#include "analysis/verdict.h"
#include "common/say.h"
#include "common/tsv.h"

/* Of a commit or a config, as git shortens them. */
#define COMMIT_DIGITS 12
#define CONFIG_DIGITS 8

static const struct tsv_schema list_schema = {
	"history", 1,
	(const char *const[]){"run", "commit", "branch", "committed", "started", "machine",
			      "kernel", "config", "config_name", NULL}};
static const struct tsv_schema trend_schema = {
	"trend", 1,
	(const char *const[]){"metric", "clients", "variant", "machine", "config", "kernel",
			      "commits", "status", "commit", "before", "run", "committed", "change",
			      "low", "high", NULL}};

void history_list_text(FILE *out, const struct query_runs *runs)
{
	static const char *const heads[] = {"commit",  "date",	 "branch", "run",
					    "machine", "config", "kernel"};
	struct grid grid;
	char day[32];

	grid_init(&grid, "llllrll");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		grid_text(&grid, "%s", heads[i]);
	for (size_t i = 0; i < runs->nr; i++) {
		const struct query_run *run = &runs->all[i];

		grid_text(&grid, "%.*s", COMMIT_DIGITS, run->commit);
		grid_text(&grid, "%s", record_day(day, sizeof(day), run->committed));
		grid_text(&grid, "%s", run->branch);
		grid_text(&grid, "%s", run->name);
		grid_text(&grid, "%d", run->machine);
		grid_text(&grid, "%.*s %s", CONFIG_DIGITS, run->config, run->config_name);
		grid_text(&grid, "%s", run->kernel);
	}
	grid_print(&grid, out, &style_text);
}

static void number_field(FILE *out, long long number)
{
	fprintf(out, "%lld\t", number);
}

void history_list_tsv(FILE *out, const struct query_runs *runs)
{
	tsv_write_head(out, &list_schema);
	for (size_t i = 0; i < runs->nr; i++) {
		const struct query_run *run = &runs->all[i];

		tsv_write_field(out, run->name, '\t');
		tsv_write_field(out, run->commit, '\t');
		tsv_write_field(out, run->branch, '\t');
		number_field(out, run->committed);
		tsv_write_field(out, run->started, '\t');
		number_field(out, run->machine);
		tsv_write_field(out, run->kernel, '\t');
		tsv_write_field(out, run->config, '\t');
		tsv_write_field(out, run->config_name, '\n');
	}
}

void history_show_text(FILE *out, const struct record *record, int machine)
{
	struct grid grid;
	char day[32];

	say_line(out, "run '%s': commit %s of branch '%s', %s, started %s", record->name,
		 record->commit, record->branch, record_day(day, sizeof(day), record->committed),
		 record->started);
	say_line(out, "config %s '%s'; kernel %s", record->config, record->config_name,
		 record->kernel);
	say_line(out, "machine %d", machine);
	for (size_t i = 0; i < record->machine.nr; i++)
		say_line(out, "  %s: %s", record->machine.facts[i].key,
			 record->machine.facts[i].value);
	grid_init(&grid, "lrlrrr");
	grid_text(&grid, "metric");
	grid_text(&grid, "clients");
	grid_text(&grid, "variant");
	grid_text(&grid, "mean");
	grid_text(&grid, "varies by");
	grid_text(&grid, "iterations");
	for (size_t i = 0; i < record->nr; i++) {
		const struct record_mean *mean = &record->means[i];

		grid_text(&grid, "%s", mean->metric);
		grid_text(&grid, "%s", mean->clients);
		grid_text(&grid, "%s", mean->variant);
		grid_text(&grid, "%.6g", exp(mean->log_mean));
		grid_text(&grid, "%.1f%%", verdict_percent(mean->log_sd));
		grid_text(&grid, "%zu", mean->n);
	}
	grid_print(&grid, out, &style_text);
}

/* What a change of this metric in this direction is. */
static const char *word_of(const struct trend_series *series, const struct trend_change *change)
{
	enum better better = metric_better(series->metric);

	if (better == BETTER_UNKNOWN)
		return "other";
	return (change->change > 0) == (better == BETTER_HIGHER) ? "better" : "worse";
}

static void say_change(FILE *out, const struct trend_series *series,
		       const struct trend_change *change)
{
	const struct trend_point *from = &series->points[change->at];
	char day[32], interval[64] = "";

	if (isfinite(change->high - change->low))
		snprintf(interval, sizeof(interval), " [%+.1f, %+.1f]",
			 verdict_percent(change->low), verdict_percent(change->high));
	say_line(out, "  %s by %+.1f%%%s from %.*s on (%s, run '%s'), last before it %.*s%s",
		 word_of(series, change), verdict_percent(change->change), interval, COMMIT_DIGITS,
		 from->commit, record_day(day, sizeof(day), from->committed), from->run,
		 COMMIT_DIGITS, from[-1].commit,
		 change->shown ? "" : "; suspected only: too few commits, or neighbours too alike");
}

void history_trend_text(FILE *out, const struct trend *trend)
{
	for (size_t i = 0; i < trend->nr; i++) {
		const struct trend_series *series = &trend->all[i];

		say_line(out, "%s-%s %s, machine %d, config %.*s%s%s: %zu commit%s%s",
			 series->metric, series->clients, series->variant, series->machine,
			 CONFIG_DIGITS, series->config, *series->kernel ? ", " : "", series->kernel,
			 series->nr, series->nr == 1 ? "" : "s",
			 series->nr_changes ? ""
			 : series->testable ? ", no change"
					    : ", too few to look for a change");
		for (size_t k = 0; k < series->nr_changes; k++)
			say_change(out, series, &series->changes[k]);
	}
}

/* The fields that all records of a series begin with. */
static void begin_record(FILE *out, const struct trend_series *series, const char *status)
{
	tsv_write_field(out, series->metric, '\t');
	tsv_write_field(out, series->clients, '\t');
	tsv_write_field(out, series->variant, '\t');
	number_field(out, series->machine);
	tsv_write_field(out, series->config, '\t');
	tsv_write_field(out, series->kernel, '\t');
	number_field(out, (long long)series->nr);
	tsv_write_field(out, status, '\t');
}

static void percent_field(FILE *out, double log_ratio, char end)
{
	if (isfinite(log_ratio))
		fprintf(out, "%.6g%c", verdict_percent(log_ratio), end);
	else
		fprintf(out, "-%c", end);
}

void history_trend_tsv(FILE *out, const struct trend *trend)
{
	tsv_write_head(out, &trend_schema);
	for (size_t i = 0; i < trend->nr; i++) {
		const struct trend_series *series = &trend->all[i];

		if (!series->nr_changes) {
			begin_record(out, series, series->testable ? "none" : "too few");
			fputs("-\t-\t-\t-\t-\t-\t-\n", out);
		}
		for (size_t k = 0; k < series->nr_changes; k++) {
			const struct trend_change *change = &series->changes[k];
			const struct trend_point *from = &series->points[change->at];

			begin_record(out, series, change->shown ? "shown" : "suspected");
			tsv_write_field(out, from->commit, '\t');
			tsv_write_field(out, from[-1].commit, '\t');
			tsv_write_field(out, from->run, '\t');
			number_field(out, from->committed);
			percent_field(out, change->change, '\t');
			percent_field(out, change->low, '\t');
			percent_field(out, change->high, '\n');
		}
	}
}
