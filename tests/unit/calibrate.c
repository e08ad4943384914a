/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What calibrate finds in rounds whose noise is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibration.h"
#include "analysis/judge.h"
#include "common/rng.h"

#define ROUNDS 40

/* Measurement @t of 2 * ROUNDS, as a log. */
static void add_rounds(struct rounds *rounds, double (*log_rate)(size_t t, struct rng *rng))
{
	struct rng rng;

	rng_init(&rng, 11);
	rounds_init(rounds, "faults/sec");
	rounds_add_cell(rounds, "anon", 4);
	for (size_t i = 0; i < ROUNDS; i++) {
		struct rounds_pair *pair = rounds_add(rounds);
		double first = 1e6 * exp(log_rate(2 * i, &rng));
		double second = 1e6 * exp(log_rate(2 * i + 1, &rng));

		pair->b_first = rng_next(&rng) >> 63;
		pair->a = pair->b_first ? second : first;
		pair->b = pair->b_first ? first : second;
	}
}

/* One number of the table. */
static double value_of(const char *table, const char *what)
{
	char key[60], *at;

	snprintf(key, sizeof(key), "anon\t4\tfaults/sec\t%s\t", what);
	at = strstr(table, key);
	assert_non_null(at);
	return strtod(at + strlen(key), NULL);
}

/* All rounds, with these shares for others. */
static struct judge_rule rule(double alpha, double max_steal, double max_foreign)
{
	return (struct judge_rule){.delta = 0.02,
				   .alpha = alpha,
				   .min_rounds = ROUNDS,
				   .look_every = 5,
				   .max_rounds = ROUNDS,
				   .max_steal = max_steal,
				   .max_foreign = max_foreign};
}

static struct judgement calibrate(double (*log_rate)(size_t t, struct rng *rng))
{
	const struct judge_rule ask = rule(0.05, 0, 0);
	struct rounds rounds;
	struct judgement j;

	add_rounds(&rounds, log_rate);
	assert_int_equal(calibrator.look(&ask, &rounds, false, &j, NULL), 0);
	assert_true(j.stop);
	assert_int_equal(j.verdict, VERDICT_SAME);
	rounds_release(&rounds);
	return j;
}

static void release(struct judgement *j)
{
	free(j->report);
	free(j->table);
}

static double drifting(size_t t, struct rng *rng)
{
	return 0.01 * t + 1e-6 * rng_below(rng, 100);
}

/* 80 measurements, each 1 % above the one before: the second of a pair too. */
static void test_drift(void **state)
{
	struct judgement j = calibrate(drifting);

	(void)state;
	assert_true(fabs(value_of(j.table, "trend") - 0.79) < 0.001);
	assert_true(value_of(j.table, "trend_p") < 1e-10);
	assert_true(value_of(j.table, "lag1") > 0.9);
	assert_true(fabs(value_of(j.table, "order") - 0.01) < 0.0001);
	assert_true(value_of(j.table, "order_p") < 1e-6);
	/* The median distance from the middle is a quarter of the way. */
	assert_true(fabs(value_of(j.table, "spread") - 1.4826 * 0.20) < 0.01);
	assert_true(value_of(j.table, "outliers") == 0);
	assert_non_null(strstr(j.report, "gate: unsafe here"));
	assert_non_null(strstr(j.report, "the second of two measurements differs by +1.0%"));
	release(&j);
}

/* The judge of ab tells it as well, and is not led astray by it. */
static void test_drift_is_told(void **state)
{
	const struct judge_rule ask = rule(0.05, 0.01, 0.25);
	struct judge_rule later = ask;
	struct rounds rounds;
	struct judgement j;

	(void)state;
	later.min_rounds = later.max_rounds = ROUNDS + 1;
	add_rounds(&rounds, drifting);
	assert_int_equal(judge.look(&ask, &rounds, false, &j, NULL), 0);
	assert_true(j.verdict == VERDICT_SAME || j.verdict == VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(j.report, "the machine drifted by +120.3% during the rounds (p "));
	release(&j);
	for (size_t i = 0; i < ROUNDS; i++)
		rounds_at(&rounds, i, 0)->steal = rounds_at(&rounds, i, 0)->foreign = 0.02;
	assert_int_equal(judge.look(&ask, &rounds, false, &j, NULL), 0);
	assert_int_equal(j.verdict, VERDICT_INVALID);
	assert_non_null(strstr(j.report, "steal in the rounds: the host took 2% of its CPU time"));
	release(&j);
	assert_int_equal(judge.look(&later, &rounds, false, &j, NULL), 0);
	assert_false(j.stop);
	assert_int_not_equal(j.verdict, VERDICT_INVALID); /* before the first look */
	release(&j);
	for (size_t i = ROUNDS / 2 - 1; i < ROUNDS; i++)
		rounds_at(&rounds, i, 0)->steal = NAN; /* fewer than half are known */
	assert_int_equal(judge.look(&ask, &rounds, false, &j, NULL), 0);
	assert_int_not_equal(j.verdict, VERDICT_INVALID);
	assert_non_null(strstr(j.report, " 40 rounds, 5% of false alarms: "));
	release(&j);
	rounds_release(&rounds);
}

/* A share of less than a percent is not 0. */
static void test_few_alarms(void **state)
{
	const struct judge_rule ask = rule(0.004, 1, 1);
	struct rounds rounds;
	struct judgement j;

	(void)state;
	add_rounds(&rounds, drifting);
	assert_int_equal(judge.look(&ask, &rounds, false, &j, NULL), 0);
	assert_non_null(strstr(j.report, " 0.4% of false alarms: "));
	release(&j);
	rounds_release(&rounds);
}

static double jumping(size_t t, struct rng *rng)
{
	return t % 10 == 3 ? -2 : 0.001 * rng_below(rng, 11);
}

/* One in ten is far off. */
static void test_outliers(void **state)
{
	struct judgement j = calibrate(jumping);

	(void)state;
	assert_true(fabs(value_of(j.table, "outliers") - 0.1) < 1e-9);
	assert_true(value_of(j.table, "spread") < 0.01);
	assert_non_null(strstr(j.report, "many outliers"));
	release(&j);
}

/* What others take shows in the rates, and is more than the guards allow. */
static void test_others(void **state)
{
	const struct judge_rule ask = rule(0.05, 0.01, 0.25);
	struct rounds rounds;
	struct judgement j;

	(void)state;
	add_rounds(&rounds, drifting);
	for (size_t i = 0; i < ROUNDS; i++) {
		rounds_at(&rounds, i, 0)->steal = 0.095;
		rounds_at(&rounds, i, 0)->foreign = 0.01 * (ROUNDS - i);
	}
	rounds_at(&rounds, 19, 0)->steal = NAN; /* one of those in the middle is not known */
	rounds_at(&rounds, 20, 0)->foreign = NAN;
	assert_int_equal(calibrator.look(&ask, &rounds, false, &j, NULL), 0);
	assert_true(fabs(value_of(j.table, "steal") - 0.095) < 1e-9);
	assert_true(fabs(value_of(j.table, "foreign") - 0.205) < 1e-9);
	assert_true(value_of(j.table, "others") < -0.99);
	assert_non_null(
		strstr(j.report, "others: the host took 9.5%, other programs 20% of a CPU"));
	assert_non_null(strstr(j.report, "rates are low where others take CPU time"));
	assert_non_null(strstr(j.report, "guards: invalid here, unless GATE_MAX_STEAL=11% "
					 "GATE_MAX_FOREIGN=26%"));
	release(&j);
	rounds_release(&rounds);
}

/* A clock that is not steady shows in the rates, or does not; without one it is said to be unknown. */
static void test_clock(void **state)
{
	const struct judge_rule ask = rule(0.05, 0, 0);
	static const char advice[] = "rates go with the clock";
	struct rounds rounds;
	struct judgement j;

	(void)state;
	add_rounds(&rounds, drifting);
	assert_int_equal(calibrator.look(&ask, &rounds, false, &j, NULL), 0);
	assert_non_null(strstr(j.report, "  frequency: unknown, as the kernel tells none"));
	assert_non_null(strstr(j.table, "\tfrequency\t-\n"));
	assert_non_null(strstr(j.table, "\tfrequency_rates\t-\n"));
	assert_null(strstr(j.report, advice));
	release(&j);
	for (size_t i = 0; i < ROUNDS; i++)
		rounds_at(&rounds, i, 0)->frequency = 3e9 + 1e7 * ((double)i - (ROUNDS - 1) / 2.0);
	assert_int_equal(calibrator.look(&ask, &rounds, false, &j, NULL), 0);
	assert_true(fabs(value_of(j.table, "frequency") - 3e9) < 1);
	/* The deviation of 40 steps is sqrt(40 * 41 / 12) = 11.69. */
	assert_true(fabs(value_of(j.table, "frequency_spread") - 0.03897) < 1e-5);
	assert_true(value_of(j.table, "frequency_rates") > 0.99);
	assert_non_null(strstr(j.report, "  frequency: 3.00 GHz, varies by 3.9%, correlates with "
					 "the rates by 1.00\n"));
	assert_non_null(strstr(j.report, advice));
	release(&j);
	for (size_t i = 0; i < ROUNDS; i++)
		rounds_at(&rounds, i, 0)->frequency = 3e9;
	assert_int_equal(calibrator.look(&ask, &rounds, false, &j, NULL), 0);
	assert_non_null(strstr(j.report, "  frequency: 3.00 GHz, varies by 0.0%\n"));
	assert_null(strstr(j.report, advice));
	release(&j);
	rounds_release(&rounds);
}

static double even(size_t t, struct rng *rng)
{
	(void)t;
	return 0.0002 * rng_below(rng, 1001) - 0.1;
}

/* Even in +-10 %: a round deviates by 0.1 * sqrt(2 / 3) = 0.0816, and its means are nearly normal. */
static void test_even(void **state)
{
	struct judgement j = calibrate(even);
	double deviation = value_of(j.table, "deviation");

	(void)state;
	assert_true(deviation > 0.06 && deviation < 0.11);
	/* Six looks to 30 rounds: Pocock's constant is 2.36 or so at these distances. */
	assert_true(fabs(value_of(j.table, "detects_30") / ((2.36 + 0.84) * deviation / sqrt(30)) -
			 1) < 0.03);
	assert_true(value_of(j.table, "false_alarms") < 0.065);
	assert_true(value_of(j.table, "false_alarms") > 0.035);
	assert_true(fabs(value_of(j.table, "lag1")) < 0.3);
	assert_true(value_of(j.table, "trend_p") > 0.01);
	/* Two runs of 30: 1.96 + 0.84 deviations of a difference of means. */
	assert_true(fabs(value_of(j.table, "gate_30") / (2.8 * sqrt(2.0 / 30)) /
				 value_of(j.table, "spread") -
			 1) < 0.25);
	assert_non_null(strstr(j.report, "gate: 30 iterations of each run detect "));
	release(&j);
}

/* Of sides of two variants the noisier round counts. */
static void test_noisier_side(void **state)
{
	struct calibration_cell cells[] = {
		{.variant = "A", .clients = "4", .metric = "m", .spread = 0.3, .deviation = 0.1},
		{.variant = "B", .clients = "4", .metric = "m", .spread = 0.1, .deviation = 0.2},
		{.variant = "C", .clients = "4", .metric = "m", .spread = 1, .deviation = 1},
		{.variant = "B", .clients = "8", .metric = "m", .spread = 1, .deviation = 1},
	};
	const struct calibration c = {.cells = cells, .nr = 4};

	(void)state;
	assert_ptr_equal(calibration_cell(&c, "A | B", "4", "m"), &cells[1]);
	assert_ptr_equal(calibration_cell(&c, "B | A", "4", "m"), &cells[1]);
	assert_ptr_equal(calibration_cell(&c, "A", "4", "m"), &cells[0]);
	assert_null(calibration_cell(&c, "A | B", "2", "m"));
	assert_null(calibration_cell(&c, "AB", "4", "m"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drift),	   cmocka_unit_test(test_drift_is_told),
		cmocka_unit_test(test_few_alarms), cmocka_unit_test(test_outliers),
		cmocka_unit_test(test_others),	   cmocka_unit_test(test_clock),
		cmocka_unit_test(test_even),	   cmocka_unit_test(test_noisier_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
