/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that were planted are found where they are, and sized; where there is none, few are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/history/db.h"
#include "analysis/history/edivisive.h"
#include "analysis/history/store.h"
#include "analysis/history/trend.h"
#include "common/rng.h"
#include "common/xalloc.h"
#include "tests/unit/tree.h"

#define N 40

static const struct edivisive ask = {.level = 0.05, .least = 3, .permutations = 199, .seed = 1};

/* About normal, of deviation @sd. */
static double normal(struct rng *rng, double sd)
{
	double sum = -6;

	for (size_t i = 0; i < 12; i++)
		sum += rng_below(rng, 1000000) / 1e6;
	return sd * sum;
}

/* A level, and another one from @from on up to @to. */
static void fill(double *v, size_t n, double step, size_t from, size_t to, struct rng *rng)
{
	for (size_t i = 0; i < n; i++)
		v[i] = normal(rng, 0.02) + (i >= from && i < to ? step : 0);
}

static void test_no_values(void **state)
{
	const double v[6] = {0};
	size_t at[6];

	(void)state;
	for (size_t n = 0; n <= 6; n++)
		assert_int_equal(edivisive_find(&ask, v, n, at), 0);
}

/* Without noise there is one place. */
static void test_step(void **state)
{
	double v[20];
	size_t at[20];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		v[i] = i < 10 ? 1 : 2;
	assert_int_equal(edivisive_find(&ask, v, 20, at), 1);
	assert_int_equal(at[0], 10);
}

/* Six values can be cut into three low and three high ones in 2 of 20 ways, whose order within does not
 * matter: rounding must not make that rarer. */
static void test_few(void **state)
{
	struct edivisive few = ask;
	size_t at[6];

	(void)state;
	few.permutations = 999;
	few.level = 0.07;
	for (unsigned i = 1; i <= 20; i++) {
		double v[6];

		for (size_t k = 0; k < 6; k++)
			v[k] = 0.1 * i + 0.07 * k / i + (k < 3 ? 0 : 1.3);
		assert_int_equal(edivisive_find(&few, v, 6, at), 0);
	}
	few.level = 0.14;
	assert_int_equal(edivisive_find(&few, (const double[]){.1, .2, .3, 1.1, 1.2, 1.3}, 6, at),
			 1);
}

/* One change at most, wherever it is likeliest: the places were worked out by the paper's equations in exact
 * fractions, and are others with any of their factors left out. */
static void test_places(void **state)
{
	static const struct edivisive likeliest = {
		.level = 1, .least = 4, .permutations = 0, .seed = 1};
	static const struct {
		double v[11];
		size_t at;
	} rows[] = {
		{{3, 5, 2, 4, 3, 1, 4, 3, 6, 4, 6}, 6},
		{{0, 8, 1, 4, 3, 3, 4, 3, 7, 4, 10}, 4},
		{{9, 1, 8, 6, 5, 0, 3, 6, 4, 3, 9}, 5},
		{{2, 2, 6, 8, 9, 4, 7, 5, 7, 4, 4}, 5},
	};
	struct edivisive sure = likeliest;
	size_t at[11];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(edivisive_find(&likeliest, rows[i].v, 11, at), 1);
		assert_int_equal(at[0], rows[i].at);
	}
	/* The order that there is counts as one of those drawn: no p is below 1 / (permutations + 1). */
	sure.level = 0.9;
	assert_int_equal(edivisive_find(&sure, rows[0].v, 11, at), 0);
}

/* Steps of three deviations, at any place. */
static void test_planted(void **state)
{
	unsigned found = 0, near = 0;
	struct rng rng;

	(void)state;
	rng_init(&rng, 5);
	for (size_t place = 6; place <= N - 6; place++) {
		double v[N];
		size_t at[N], nr;

		fill(v, N, -0.06, place, N, &rng);
		nr = edivisive_find(&ask, v, N, at);
		found += nr >= 1;
		for (size_t i = 0; i < nr; i++)
			if (at[i] + 2 >= place && at[i] <= place + 2) {
				near++;
				break;
			}
	}
	assert_true(found >= N - 12);
	assert_true(near >= N - 13);
}

/* A change that is taken back is two. */
static void test_taken_back(void **state)
{
	double v[N];
	size_t at[N];
	struct rng rng;

	(void)state;
	rng_init(&rng, 9);
	fill(v, N, 0.2, 15, 25, &rng);
	assert_int_equal(edivisive_find(&ask, v, N, at), 2);
	assert_int_equal(at[0], 15);
	assert_int_equal(at[1], 25);
}

/* The share of series without a change in which one is found. 300 trials at 5 %: 26 or more come once in a
 * thousand times. */
static void test_no_change(void **state)
{
	unsigned alarms = 0;
	struct rng rng;

	(void)state;
	rng_init(&rng, 2);
	for (unsigned i = 0; i < 300; i++) {
		double v[20];
		size_t at[20];

		fill(v, 20, 0, 0, 0, &rng);
		alarms += edivisive_find(&ask, v, 20, at) > 0;
	}
	print_message("%u of 300\n", alarms);
	assert_in_range(alarms, 3, 26);
}

/* The size of a change comes with an interval that holds it; too few points show nothing. */
static void test_trend(void **state)
{
	struct trend_change *changes;
	double v[N];
	struct rng rng;
	size_t nr;

	(void)state;
	rng_init(&rng, 7);
	fill(v, N, log(0.9), 20, N, &rng);
	changes = trend_changes(v, N, 0.05, 0.02, &nr);
	assert_int_equal(nr, 1);
	assert_int_equal(changes[0].at, 20);
	assert_true(changes[0].shown);
	assert_true(changes[0].low < log(0.9) && log(0.9) < changes[0].high);
	assert_true(changes[0].high - changes[0].low < 0.06);
	free(changes);
	changes = trend_changes(v, N, 0.05, 0.2, &nr);
	assert_false(nr && changes[0].shown);
	free(changes);
	changes = trend_changes(v, 24, 0.05, 0.02, &nr);
	assert_int_equal(nr, 1);
	assert_false(changes[0].shown);
	assert_true(changes[0].low < log(0.9) && log(0.9) < changes[0].high);
	free(changes);
}

/* A series that becomes quiet has changed, but its middle is not known to have: no change to be shown. */
static void test_quieter(void **state)
{
	struct trend_change *changes;
	double v[N];
	size_t nr;

	(void)state;
	for (size_t i = 0; i < N; i++)
		v[i] = i < N / 2 ? (i % 2 ? 0.5 : -0.5) : 0.05 + (i % 2 ? 0.01 : -0.01);
	changes = trend_changes(v, N, 0.05, 0.02, &nr);
	assert_int_equal(nr, 1);
	assert_int_equal(changes[0].at, N / 2);
	assert_true(changes[0].change > 0.04);
	assert_false(changes[0].shown);
	free(changes);
}

static struct trend_series series_of(const double *values, size_t nr)
{
	struct trend_series s = {.points = xcalloc(nr, sizeof(*s.points)), .nr = nr};

	for (size_t i = 0; i < nr; i++)
		s.points[i].value = values[i];
	return s;
}

/* Of ten values, whose neighbours are not alike, the best cut is met in one of 126 orders: rare for one
 * series, not for one of twenty. */
static void test_shared_level(void **state)
{
	static const double step[] = {0, 0.02, 0, 0.02, 0.01, 1, 1.02, 1, 1.02, 1.01};
	struct trend_series all[20];
	struct trend trend = {.all = all, .nr = 1};

	(void)state;
	for (size_t i = 0; i < 20; i++)
		all[i] = series_of(step, 10);
	trend_judge(&trend, 0.05, 0.02);
	assert_int_equal(all[0].nr_changes, 1);
	assert_int_equal(all[0].changes[0].at, 5);
	free(all[0].changes);
	trend.nr = 20;
	trend_judge(&trend, 0.05, 0.02);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(all[i].nr_changes, 0);
		free(all[i].changes);
		free(all[i].points);
	}
}

/* Add a run of a commit, with one mean. */
static void put_run(struct db *db, const char *name, const char *commit, int64_t committed,
		    double log_mean)
{
	struct record_mean mean = {.variant = "v",
				   .clients = "1",
				   .metric = "faults/cpu",
				   .n = 3,
				   .log_mean = log_mean};
	const struct record record = {.name = (char *)name,
				      .commit = (char *)commit,
				      .branch = "main",
				      .committed = committed,
				      .started = (char *)name,
				      .kernel = "k",
				      .config = "c",
				      .config_name = "n",
				      .means = &mean,
				      .nr = 1};

	assert_int_equal(store_add(db, &record, NULL), 0);
}

/* The runs of a commit are one point: their mean. */
static void test_runs_of_a_commit(void **state)
{
	const struct trend_query query = {.branch = "main"};
	char *root = tree_make();
	struct trend trend;
	struct db db;

	(void)state;
	assert_int_equal(db_open(&db, root, DB_WRITE, NULL), 0);
	put_run(&db, "r1", "a", 1, 0.1);
	put_run(&db, "r2", "b", 2, 0.1);
	put_run(&db, "r3", "b", 2, 0.4);
	put_run(&db, "r4", "b", 2, 0.7);
	assert_int_equal(trend_read(&trend, &db, &query, NULL), 0);
	assert_int_equal(trend.nr, 1);
	assert_int_equal(trend.all[0].nr, 2);
	assert_int_equal(trend.all[0].points[1].runs, 3);
	assert_float_equal(trend.all[0].points[1].value, 0.4, 1e-12);
	assert_string_equal(trend.all[0].points[1].run, "r4");
	trend_release(&trend);
	db_release(&db);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_values),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_no_change),
		cmocka_unit_test(test_trend),
		cmocka_unit_test(test_quieter),
		cmocka_unit_test(test_shared_level),
		cmocka_unit_test(test_runs_of_a_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
