/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistics against those of the real mmtests, the printing of R, and the percentages' odd
 * cases. */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/bootstrap.h"
#include "analysis/load.h"
#include "analysis/stats.h"
#include "common/xalloc.h"

#define CASES "tests/golden/mmtests/"

/* A number of summary.json, which has some of them as texts. */
static double json_value(const json_t *json)
{
	return json_is_string(json) ? strtod(json_string_value(json), NULL)
				    : json_number_value(json);
}

/* 15 digits were kept. */
static void assert_close(double found, double wanted)
{
	if (!(fabs(found - wanted) <= fabs(wanted) * 1e-14))
		fail_msg("found %.17g, want %.17g", found, wanted);
}

static void check_row(const struct run *run, const char *row, json_t *stats, json_t *interval)
{
	char *metric = xstrdup(row), *dash = strrchr(metric, '-');
	const struct series *series;
	struct summary sum;
	double *values;

	*dash = '\0';
	series = run_find(run, 0, dash + 1, metric);
	assert_non_null(series);
	values = xmalloc(series->nr * sizeof(*values));
	for (size_t i = 0; i < series->nr; i++)
		values[i] = series->samples[i].value;
	summary_init(&sum, values, series->nr, BETTER_HIGHER);
	for (size_t k = 0; k < NR_STATS; k++)
		assert_close(sum.value[k], json_value(json_array_get(stats, k)));
	assert_true(sum.has_interval);
	assert_close(sum.low, json_value(json_array_get(interval, 0)));
	assert_close(sum.high, json_value(json_array_get(interval, 1)));
	free(values);
	free(metric);
}

static void check_case(const char *name)
{
	char *path = xasprintf(CASES "%s/expected/summary.json", name);
	json_t *runs = json_load_file(path, 0, NULL), *expected;
	unsigned rows = 0;
	size_t i;

	assert_non_null(runs);
	json_array_foreach(runs, i, expected)
	{
		const char *run_name = json_string_value(json_object_get(expected, "run"));
		char *dir = xasprintf(CASES "%s/%s", name, run_name);
		json_t *stats = json_object_get(expected, "summary"), *row;
		json_t *intervals = json_object_get(expected, "ci");
		struct notes notes = {0};
		struct run run;
		const char *key;

		assert_int_equal(run_load(&run, run_name, dir, false, &notes, NULL), 0);
		json_object_foreach(stats, key, row)
		{
			check_row(&run, key, row, json_object_get(intervals, key));
			rows++;
		}
		run_release(&run);
		notes_release(&notes);
		free(dir);
	}
	assert_true(rows >= 8);
	json_decref(runs);
	free(path);
}

static void matches_real_logs(void **state)
{
	(void)state;
	check_case("01-real-threads");
}

static void matches_synthetic_logs(void **state)
{
	(void)state;
	check_case("02-synthetic-8clients");
}

static void prints_like_r(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1, "1"},
		{0.1, "0.1"},
		{-2.5, "-2.5"},
		{1.0 / 3, "0.3333333"},
		{88297.7643123, "88297.76"},
		{12345678.9, "12345679"},
		{123456.0, "123456"},
		{100000, "1e+05"},
		{123456789012.0, "123456789012"},
		{0.0001, "1e-04"},
		{0.00012345678, "0.0001234568"},
		{1.5e-10, "1.5e-10"},
		{1e100, "1e+100"},
		{9999999.5, "1e+07"},
	};
	char buf[400];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(r_number(buf, sizeof(buf), cases[i].value), cases[i].text);
	assert_string_equal(r_number(buf, sizeof(buf), NAN), "NaN");
}

static void few_samples(void **state)
{
	double one[] = {5}, zero[] = {4, 0, 2}, three[] = {3, 1, 2};
	struct summary sum;

	(void)state;
	summary_init(&sum, NULL, 0, BETTER_HIGHER);
	assert_true(isnan(sum.value[STAT_MEAN]) && isnan(sum.value[STAT_MIN]));
	summary_init(&sum, one, 1, BETTER_LOWER);
	assert_float_equal(sum.value[STAT_BEST50], 5, 0);
	assert_true(isnan(sum.value[STAT_STDDEV]) && !sum.has_interval);
	summary_init(&sum, zero, 3, BETTER_HIGHER);
	assert_true(isnan(sum.value[STAT_MEAN]) && !sum.has_interval);
	assert_float_equal(sum.value[STAT_BEST50], 4, 0);
	assert_float_equal(sum.median, 2, 0);
	summary_init(&sum, three, 3, BETTER_LOWER);
	assert_float_equal(sum.value[STAT_BEST50], 1, 0);
	assert_float_equal(sum.value[STAT_BEST95], 1.5, 1e-15);
	assert_float_equal(sum.value[STAT_STDDEV], 1, 1e-15);
	summary_init(&sum, three, 3, BETTER_UNKNOWN);
	assert_true(isnan(sum.value[STAT_BEST50]));
}

static void odd_percentages(void **state)
{
	(void)state;
	assert_float_equal(change_mmtests(BETTER_HIGHER, STAT_MEAN, 110, 100), 10, 1e-12);
	assert_float_equal(change_mmtests(BETTER_LOWER, STAT_MEAN, 110, 100), -10, 1e-12);
	assert_float_equal(change_mmtests(BETTER_HIGHER, STAT_STDDEV, 110, 100), -10, 1e-12);
	assert_float_equal(change_mmtests(BETTER_HIGHER, STAT_MEAN, 0, 100), 0, 0);
	assert_float_equal(change_mmtests(BETTER_HIGHER, STAT_MEAN, 5, 0), 100, 0);
	assert_float_equal(change_mmtests(BETTER_HIGHER, STAT_MEAN, 5, NAN), 100, 0);
	assert_float_equal(change_mmtests(BETTER_LOWER, STAT_MEAN, 0, 5), 100, 0);
	assert_float_equal(change_mmtests(BETTER_LOWER, STAT_MEAN, 5, 0), -99, 0);
	assert_true(isnan(change_mmtests(BETTER_LOWER, STAT_MEAN, 5, NAN)));
	assert_float_equal(change_mmtests(BETTER_LOWER, STAT_MEAN, -1, 5), 0, 0);
	assert_float_equal(change_plain(BETTER_HIGHER, STAT_MEAN, 0, 100), -100, 0);
	assert_true(isnan(change_plain(BETTER_HIGHER, STAT_MEAN, 5, 0)));
	assert_float_equal(change_plain(BETTER_UNKNOWN, STAT_STDDEV, 110, 100), 10, 1e-12);
}

static void distance_of_intervals(void **state)
{
	struct summary a = {.value[STAT_MEAN] = 10, .has_interval = true, .low = 9, .high = 11};
	struct summary b = {.value[STAT_MEAN] = 14, .has_interval = true, .low = 12, .high = 16};
	struct summary none = {.value[STAT_MEAN] = 12};

	(void)state;
	assert_float_equal(interval_distance(&b, &a), 4.0 / 3, 1e-15);
	assert_float_equal(interval_distance(&a, &b), -4.0 / 3, 1e-15);
	assert_float_equal(interval_distance(&a, &a), 0, 0);
	assert_float_equal(interval_distance(&none, &a), 2.0 / 13, 1e-15);
}

/* Of many pairs of samples with a known ratio, about 95% have it in their interval. */
static void bootstrap_covers(void **state)
{
	const struct bootstrap boot = {.resamples = 400, .seed = 7, .level = 0.95};
	unsigned inside = 0, seed = 42;
	struct ratio_interval ri;

	(void)state;
	for (unsigned trial = 0; trial < 300; trial++) {
		double x[30], b[30];

		for (size_t i = 0; i < 30; i++) {
			x[i] = b[i] = 0;
			for (size_t k = 0; k < 12; k++) {
				x[i] += rand_r(&seed) / (double)RAND_MAX;
				b[i] += rand_r(&seed) / (double)RAND_MAX;
			}
			x[i] = 90 + x[i];
			b[i] = 94 + b[i];
		}
		bootstrap_ratio(&ri, &boot, BOOTSTRAP_MEAN, BETTER_LOWER, x, 30, b, 30, trial);
		inside += ri.low <= 0.96 && 0.96 <= ri.high;
	}
	assert_in_range(inside, 270, 297);
}

static void bootstrap_edges(void **state)
{
	const struct bootstrap boot = {.resamples = 200, .seed = 1, .level = 0.95};
	const double x[] = {2, 3, 4, 5}, one[] = {2}, zero[] = {0, 0};
	struct ratio_interval a, b;

	(void)state;
	bootstrap_ratio(&a, &boot, BOOTSTRAP_MEDIAN, BETTER_LOWER, x, 4, x, 4, 9);
	bootstrap_ratio(&b, &boot, BOOTSTRAP_MEDIAN, BETTER_LOWER, x, 4, x, 4, 9);
	assert_float_equal(a.ratio, 1, 0);
	assert_true(a.low < 1 && a.high > 1);
	assert_memory_equal(&a, &b, sizeof(a));
	bootstrap_ratio(&a, &boot, BOOTSTRAP_MEAN, BETTER_LOWER, x, 4, one, 1, 9);
	assert_float_equal(a.ratio, 1.75, 0);
	assert_true(isnan(a.low) && isnan(a.high));
	bootstrap_ratio(&a, &boot, BOOTSTRAP_MEAN, BETTER_LOWER, x, 4, zero, 2, 9);
	assert_true(isnan(a.ratio) && isnan(a.low));
	bootstrap_ratio(&a, &boot, BOOTSTRAP_MEAN, BETTER_LOWER, x, 4, NULL, 0, 9);
	assert_true(isnan(a.ratio));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_real_logs), cmocka_unit_test(matches_synthetic_logs),
		cmocka_unit_test(prints_like_r),     cmocka_unit_test(few_samples),
		cmocka_unit_test(odd_percentages),   cmocka_unit_test(distance_of_intervals),
		cmocka_unit_test(bootstrap_covers),  cmocka_unit_test(bootstrap_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
