/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that were planted are found where they are, and sized; where there is none, few are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/history/edivisive.h"
#include "analysis/history/trend.h"
#include "common/rng.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_values),  cmocka_unit_test(test_step),
		cmocka_unit_test(test_few),	   cmocka_unit_test(test_planted),
		cmocka_unit_test(test_taken_back), cmocka_unit_test(test_no_change),
		cmocka_unit_test(test_trend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
