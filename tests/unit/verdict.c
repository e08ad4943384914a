/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdicts, when to stop, and what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analysis/verdict.h"
#include "common/rng.h"

#define NR 60

static const struct judge_rule ask = {
	.delta = 0.02, .alpha = 0.05, .min_rounds = 10, .look_every = 5, .max_rounds = 30};

/* @n values around @centre, evenly spread over +-@spread and shuffled. */
static void fill(double *v, size_t n, double centre, double spread)
{
	struct rng rng;

	rng_init(&rng, 5);
	for (size_t i = 0; i < n; i++)
		v[i] = centre + spread * (2 * (i + 0.5) / n - 1);
	rng_shuffle(&rng, v, n, sizeof(*v));
}

struct answer {
	struct verdict_rule rule;
	struct verdict_cell cell;
	bool stop;
	char text[200];
};

static struct answer ask_about(enum better better, size_t n, double centre, double spread)
{
	static double v[NR];
	struct answer a = {.cell = {.better = better, .log_ratio = v}};

	fill(v, n, centre, spread);
	assert_int_equal(verdict_rule_init(&a.rule, &ask, NULL), 0);
	verdict_decide(&a.rule, &a.cell, 1, n);
	a.stop = verdict_stop(&a.rule, &a.cell, 1, n);
	verdict_sentence(&a.rule, &a.cell, a.text, sizeof(a.text));
	return a;
}

static void test_verdicts(void **state)
{
	static const struct {
		enum better better;
		double centre, spread;
		enum verdict verdict;
		bool stop;
		const char *begins;
	} rows[] = {
		{BETTER_HIGHER, -0.05, 0.03, VERDICT_REGRESSION, true, "slower by 4.9% ["},
		{BETTER_HIGHER, 0.05, 0.03, VERDICT_IMPROVEMENT, true, "faster by 5.1% ["},
		{BETTER_LOWER, 0.05, 0.03, VERDICT_REGRESSION, true, "worse by 5.1% ["},
		{BETTER_LOWER, -0.05, 0.03, VERDICT_IMPROVEMENT, true, "better by 4.9% ["},
		{BETTER_HIGHER, 0, 0.01, VERDICT_SAME, true, "no change beyond ±2%"},
		{BETTER_HIGHER, -0.01, 0.005, VERDICT_SAME, true, "no change beyond ±2%"},
		{BETTER_HIGHER, -0.019, 0.01, VERDICT_INCONCLUSIVE, false,
		 "slower by perhaps less than counts, 1.9% ["},
		{BETTER_HIGHER, 0.019, 0.01, VERDICT_INCONCLUSIVE, false,
		 "faster by perhaps less than counts, 1.9% ["},
		{BETTER_HIGHER, 0, 0.1, VERDICT_INCONCLUSIVE, true,
		 "cannot tell: noise hides anything below "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer a = ask_about(rows[i].better, 20, rows[i].centre, rows[i].spread);

		if (a.cell.verdict != rows[i].verdict || a.stop != rows[i].stop ||
		    strncmp(a.text, rows[i].begins, strlen(rows[i].begins)))
			fail_msg("row %zu: %s, stop %d: %s", i, verdict_name(a.cell.verdict),
				 a.stop, a.text);
		assert_true(a.cell.low <= a.cell.estimate && a.cell.estimate <= a.cell.high);
	}
}

/* 20 rounds of deviation 0.1/sqrt(3): the interval at Pocock's level, and what it takes to see more. */
static void test_sensitivity(void **state)
{
	struct answer a = ask_about(BETTER_HIGHER, 20, 0, 0.1);
	double sd = 0.1 / sqrt(3), expected = (a.rule.bound + 0.8416) * sd / sqrt(20);

	(void)state;
	/* Wilcoxon's interval of even values is a little longer than the normal one. */
	assert_true(a.cell.detects > expected && a.cell.detects < 1.25 * expected);
	assert_true(fabs(a.cell.would_show - log1p(0.02)) < 1e-12);
	assert_true(
		fabs((20 + a.cell.more_rounds) / pow(a.cell.detects / a.cell.would_show, 2) / 20 -
		     1) < 0.01);
}

/* Nothing that 30 rounds can show: stop at a look, and not between two. */
static void test_hopeless(void **state)
{
	struct answer a = ask_about(BETTER_HIGHER, 25, 0, 0.4);

	(void)state;
	assert_int_equal(a.cell.verdict, VERDICT_INCONCLUSIVE);
	assert_true(a.cell.hopeless && a.stop);
	assert_false(ask_about(BETTER_HIGHER, 24, 0, 0.4).stop);
	assert_false(ask_about(BETTER_HIGHER, 10, 0, 0.05).cell.hopeless);
	assert_false(ask_about(BETTER_HIGHER, 9, -0.05, 0.001).stop);
	assert_true(ask_about(BETTER_HIGHER, 30, 0, 0.1).stop);
}

/* What a look has found stays found, but the interval of now has to agree. */
static void test_looks_before(void **state)
{
	static double v[30];
	struct verdict_rule rule;
	struct verdict_cell cell = {.better = BETTER_HIGHER, .log_ratio = v};
	double p10;

	(void)state;
	verdict_rule_init(&rule, &ask, NULL);
	fill(v, 10, -0.05, 0.01);
	fill(v + 10, 10, 0.05, 0.01);
	verdict_decide(&rule, &cell, 1, 10);
	assert_int_equal(cell.verdict, VERDICT_REGRESSION);
	p10 = cell.p;
	verdict_decide(&rule, &cell, 1, 20);
	assert_true(cell.p == p10);
	assert_int_equal(cell.verdict, VERDICT_INCONCLUSIVE);
	/* An estimate beyond delta is not enough. */
	fill(v + 10, 10, 0, 0.4);
	verdict_decide(&rule, &cell, 1, 20);
	assert_true(cell.p == p10 && cell.estimate < -0.03 && cell.high > 0);
	assert_int_equal(cell.verdict, VERDICT_INCONCLUSIVE);
}

/* The p-value of ten rounds on one side is 2 / 1024, for all looks and for three cells. */
static void test_cells(void **state)
{
	static double v[10], noise[10];
	struct verdict_rule rule;
	struct verdict_cell cells[] = {{.better = BETTER_HIGHER, .log_ratio = v},
				       {.better = BETTER_HIGHER, .log_ratio = noise},
				       {.better = BETTER_HIGHER, .failure = "it failed"}};
	char text[100];

	(void)state;
	verdict_rule_init(&rule, &ask, NULL);
	fill(v, 10, -0.05, 0.01);
	fill(noise, 10, 0.001, 0.1);
	verdict_decide(&rule, cells, 3, 10);
	assert_true(fabs(cells[0].p - 3 * sequential_p(&rule.looks, 2 / 1024.0)) < 1e-12);
	assert_int_equal(cells[0].verdict, VERDICT_REGRESSION);
	assert_int_equal(cells[1].verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(cells[2].verdict, VERDICT_INVALID);
	assert_string_equal(verdict_sentence(&rule, &cells[2], text, sizeof(text)),
			    "invalid: it failed");
	assert_int_equal(verdict_worst(cells, 1), VERDICT_REGRESSION);
	assert_int_equal(verdict_worst(cells + 1, 1), VERDICT_INCONCLUSIVE);
	assert_int_equal(verdict_worst(cells, 3), VERDICT_INVALID);
	assert_true(verdict_stop(&rule, cells, 3, 10));
	assert_false(verdict_stop(&rule, cells, 2, 10));
}

/* Among ten cells it is not: 2 / 1024 for five looks, times ten, is above 5 %. */
static void test_many_cells(void **state)
{
	static double v[10], noise[10];
	struct verdict_cell cells[10];
	struct verdict_rule rule;

	(void)state;
	verdict_rule_init(&rule, &ask, NULL);
	fill(v, 10, -0.05, 0.01);
	fill(noise, 10, 0.001, 0.1);
	for (size_t i = 0; i < 10; i++)
		cells[i] =
			(struct verdict_cell){.better = BETTER_HIGHER, .log_ratio = i ? noise : v};
	verdict_decide(&rule, cells, 10, 10);
	assert_true(cells[0].p > 0.05 && cells[0].p < 0.1);
	assert_true(cells[0].high < -0.02);
	assert_int_equal(cells[0].verdict, VERDICT_INCONCLUSIVE);
}

static void test_few(void **state)
{
	struct verdict_rule rule;
	struct verdict_cell cell = {.better = BETTER_HIGHER};
	char text[100];

	(void)state;
	verdict_rule_init(&rule, &ask, NULL);
	verdict_decide(&rule, &cell, 1, 0);
	assert_int_equal(cell.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(verdict_sentence(&rule, &cell, text, sizeof(text)),
			    "cannot tell: there are too few rounds");
	assert_int_equal(ask_about(BETTER_HIGHER, 3, -0.3, 0.01).cell.verdict,
			 VERDICT_INCONCLUSIVE);
}

/* Without noise one round says all, and the floor may be 0. */
static void test_exact(void **state)
{
	static const double d[] = {-0.0100503358535015, 5};
	struct judge_rule exactly = ask;
	struct verdict_cell cells[] = {{.better = BETTER_HIGHER, .log_ratio = d},
				       {.better = BETTER_LOWER, .log_ratio = d},
				       {.better = BETTER_HIGHER, .log_ratio = (double[]){0}},
				       {.better = BETTER_HIGHER, .failure = "it failed"}};
	struct verdict_rule rule;
	char text[100];

	(void)state;
	exactly.exact = true;
	exactly.delta = 0;
	assert_int_equal(verdict_rule_init(&rule, &exactly, NULL), 0);
	assert_false(verdict_stop(&rule, cells, 3, 0));
	verdict_decide(&rule, cells, 4, 1);
	assert_true(verdict_stop(&rule, cells, 3, 1));
	assert_int_equal(cells[0].verdict, VERDICT_REGRESSION);
	assert_int_equal(cells[1].verdict, VERDICT_IMPROVEMENT);
	assert_int_equal(cells[2].verdict, VERDICT_SAME);
	assert_int_equal(cells[3].verdict, VERDICT_INVALID);
	assert_true(cells[0].p == 0 && cells[2].p == 1);
	assert_string_equal(verdict_sentence(&rule, cells, text, sizeof(text)), "slower by 1%");
	assert_string_equal(verdict_sentence(&rule, cells + 1, text, sizeof(text)), "better by 1%");
	assert_string_equal(verdict_sentence(&rule, cells + 2, text, sizeof(text)), "the same");
	assert_string_equal(verdict_sentence(&rule, cells + 3, text, sizeof(text)),
			    "invalid: it failed");
	rule.ask.delta = 0.02;
	verdict_decide(&rule, cells, 1, 1);
	assert_int_equal(cells[0].verdict, VERDICT_SAME);
	assert_string_equal(verdict_sentence(&rule, cells, text, sizeof(text)),
			    "no change beyond ±2%: slower by 1%");
	verdict_decide(&rule, cells, 1, 0);
	assert_int_equal(cells[0].verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(verdict_sentence(&rule, cells, text, sizeof(text)),
			    "cannot tell: there are too few rounds");
}

static void test_bad_rules(void **state)
{
	static const struct judge_rule bad[] = {
		{0, 0.05, 10, 5, 30, 1, 1, false, NULL},
		{1, 0.05, 10, 5, 30, 1, 1, false, NULL},
		{0.02, 0, 10, 5, 30, 1, 1, false, NULL},
		{0.02, 0.5, 10, 5, 30, 1, 1, false, NULL},
		{0.02, 0.05, 0, 5, 30, 1, 1, false, NULL},
		{0.02, 0.05, 10, 0, 30, 1, 1, false, NULL},
		{0.02, 0.05, 10, 5, 9, 1, 1, false, NULL},
	};
	struct verdict_rule rule;
	struct why why = WHY_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(verdict_rule_init(&rule, &bad[i], &why), -22);
	assert_string_equal(why.text, "no such looks: first at 10 rounds, then every 5, last at 9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),  cmocka_unit_test(test_sensitivity),
		cmocka_unit_test(test_hopeless),  cmocka_unit_test(test_looks_before),
		cmocka_unit_test(test_cells),	  cmocka_unit_test(test_many_cells),
		cmocka_unit_test(test_few),	  cmocka_unit_test(test_exact),
		cmocka_unit_test(test_bad_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
