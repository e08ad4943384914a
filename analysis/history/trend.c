/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/trend.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/history/edivisive.h"
#include "analysis/unpaired.h"
#include "common/xalloc.h"

/* A commit or two that are off are none of a series' changes. */
#define LEAST 3

/* Orders drawn for each test, more where the level is low. */
#define PERMUTATIONS 999
#define SEED	     1

enum {
	C_MACHINE,
	C_CONFIG,
	C_KERNEL,
	C_VARIANT,
	C_METRIC,
	C_CLIENTS,
	C_COMMIT,
	C_TIME,
	C_RUN,
	C_MEAN
};

static const char statement_text[] =
	"SELECT machine, config, CASE WHEN ?6 THEN kernel ELSE '' END AS kernel_asked, variant,"
	" metric, clients, commit_id, committed, name, log_mean"
	" FROM runs JOIN means ON means.run = runs.id"
	" WHERE branch = ?1 AND (?2 IS NULL OR metric = ?2) AND (?3 IS NULL OR clients = ?3)"
	" AND (?4 IS NULL OR variant = ?4) AND (?5 = 0 OR machine = ?5)"
	" AND (?7 IS NULL OR substr(config, 1, length(?7)) = ?7)"
	" ORDER BY machine, config, kernel_asked, variant, metric, CAST(clients AS INTEGER),"
	" clients, committed, commit_id, started, name";

static bool is(sqlite3_stmt *row, int column, const char *text)
{
	return !strcmp((const char *)sqlite3_column_text(row, column), text);
}

/* The series of @row: the last one, or a new one. */
static struct trend_series *series_of(struct trend *trend, sqlite3_stmt *row)
{
	struct trend_series *last = trend->nr ? &trend->all[trend->nr - 1] : NULL;

	if (last && last->machine == sqlite3_column_int(row, C_MACHINE) &&
	    is(row, C_CONFIG, last->config) && is(row, C_KERNEL, last->kernel) &&
	    is(row, C_VARIANT, last->variant) && is(row, C_METRIC, last->metric) &&
	    is(row, C_CLIENTS, last->clients))
		return last;
	XGROW(trend->all, trend->nr, trend->cap);
	trend->all[trend->nr] = (struct trend_series){
		.machine = sqlite3_column_int(row, C_MACHINE),
		.config = db_text(row, C_CONFIG),
		.kernel = db_text(row, C_KERNEL),
		.variant = db_text(row, C_VARIANT),
		.metric = db_text(row, C_METRIC),
		.clients = db_text(row, C_CLIENTS),
	};
	return &trend->all[trend->nr++];
}

/* A run of the last point's commit joins it. */
static void take_row(struct trend_series *series, sqlite3_stmt *row)
{
	struct trend_point *last = series->nr ? &series->points[series->nr - 1] : NULL;
	double value = sqlite3_column_double(row, C_MEAN);

	if (last && is(row, C_COMMIT, last->commit)) {
		last->value += (value - last->value) / ++last->runs;
		free(last->run);
		last->run = db_text(row, C_RUN);
		return;
	}
	XGROW(series->points, series->nr, series->cap);
	series->points[series->nr++] = (struct trend_point){
		.commit = db_text(row, C_COMMIT),
		.run = db_text(row, C_RUN),
		.committed = sqlite3_column_int64(row, C_TIME),
		.value = value,
		.runs = 1,
	};
}

static void point_release(struct trend_point *point)
{
	free(point->commit);
	free(point->run);
}

/* Keep the last points alone. */
static void shorten(struct trend_series *series, uint64_t last)
{
	size_t surplus = last && series->nr > last ? series->nr - last : 0;

	for (size_t i = 0; i < surplus; i++)
		point_release(&series->points[i]);
	series->nr -= surplus;
	memmove(series->points, series->points + surplus, series->nr * sizeof(*series->points));
}

int trend_read(struct trend *trend, struct db *db, const struct trend_query *query, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db, statement_text, &statement, why);

	*trend = (struct trend){0};
	if (err)
		return err;
	db_bind_text(statement, 1, query->branch);
	db_bind_text(statement, 2, query->metric);
	db_bind_text(statement, 3, query->clients);
	db_bind_text(statement, 4, query->variant);
	db_bind_number(statement, 5, query->machine);
	db_bind_number(statement, 6, query->same_kernel);
	db_bind_text(statement, 7, query->config);
	while ((err = db_step(db, statement, why)) > 0)
		take_row(series_of(trend, statement), statement);
	sqlite3_finalize(statement);
	for (size_t i = 0; i < trend->nr; i++)
		shorten(&trend->all[i], query->last);
	if (err)
		trend_release(trend);
	return err;
}

/* With too few values for what they are worth, both sides are taken for equally wide and independent:
 * that is an interval, but shows nothing. */
static void estimate(struct trend_change *c, const struct unpaired_side *a,
		     const struct unpaired_side *b)
{
	double df = a->n + b->n - 2.0, va, vb, half;

	c->change = b->mean - a->mean;
	if (!(df > 0))
		return;
	va = gsl_stats_tss(a->v, 1, a->n);
	vb = gsl_stats_tss(b->v, 1, b->n);
	half = gsl_cdf_tdist_Qinv(0.025, df) * sqrt((va + vb) / df * (1.0 / a->n + 1.0 / b->n));
	c->low = c->change - half;
	c->high = c->change + half;
}

static void judge_change(struct trend_change *c, const struct unpaired_side *a,
			 const struct unpaired_side *b, double level, double delta)
{
	struct unpaired test;
	double half;

	estimate(c, a, b);
	if (!unpaired_test(&test, a, b))
		return;
	half = test.se > 0 ? gsl_cdf_tdist_Qinv(0.025, test.df) * test.se : 0;
	c->low = c->change - half;
	c->high = c->change + half;
	c->shown = fmax(test.welch_p, test.rank_p) < level && fabs(expm1(c->change)) > delta;
}

struct trend_change *trend_changes(const double *values, size_t nr, double level, double delta,
				   size_t *nr_changes)
{
	struct edivisive ask = {.level = level,
				.least = LEAST,
				.permutations = PERMUTATIONS,
				.wanders = true,
				.seed = SEED};
	size_t *at = xcalloc(nr + 2, sizeof(*at)), from = 0;
	struct trend_change *changes;

	if (ask.level * (PERMUTATIONS + 1) < 5)
		ask.permutations = (unsigned)(5 / ask.level);
	*nr_changes = edivisive_find(&ask, values, nr, at);
	changes = xcalloc(*nr_changes + 1, sizeof(*changes));
	at[*nr_changes] = nr;
	for (size_t i = 0; i < *nr_changes; i++) {
		struct unpaired_side before, after;

		unpaired_side_init(&before, values + from, at[i] - from);
		unpaired_side_init(&after, values + at[i], at[i + 1] - at[i]);
		changes[i] = (struct trend_change){.at = at[i], .low = NAN, .high = NAN};
		judge_change(&changes[i], &before, &after, level, delta);
		from = at[i];
	}
	free(at);
	return changes;
}

void trend_judge(struct trend *trend, double alpha, double delta)
{
	size_t testable = 0;

	for (size_t i = 0; i < trend->nr; i++) {
		trend->all[i].testable = trend->all[i].nr >= 2 * LEAST;
		testable += trend->all[i].testable;
	}
	for (size_t i = 0; i < trend->nr; i++) {
		struct trend_series *series = &trend->all[i];
		double *values;

		if (!series->testable)
			continue;
		values = xcalloc(series->nr, sizeof(*values));
		for (size_t k = 0; k < series->nr; k++)
			values[k] = series->points[k].value;
		series->changes = trend_changes(values, series->nr, alpha / (double)testable, delta,
						&series->nr_changes);
		free(values);
	}
}

void trend_release(struct trend *trend)
{
	for (size_t i = 0; i < trend->nr; i++) {
		struct trend_series *series = &trend->all[i];

		for (size_t k = 0; k < series->nr; k++)
			point_release(&series->points[k]);
		free(series->points);
		free(series->changes);
		free(series->metric);
		free(series->clients);
		free(series->variant);
		free(series->config);
		free(series->kernel);
	}
	free(trend->all);
	*trend = (struct trend){0};
}
