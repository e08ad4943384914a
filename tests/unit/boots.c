/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boots of a run, and the gate where boots differ by chance: iterations of one are one draw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/boots.h"
#include "analysis/gate.h"
#include "common/rng.h"

#define PER_BOOT 6

static void add(struct run *run, const char *metric, double value, unsigned iteration)
{
	series_add(run_series(run, run_variant(run, ""), "1", metric), value, 0, iteration);
}

static void test_boots(void **state)
{
	static const double boots[] = {7, 7, 9, 9, 7};
	struct run run;
	double *v;
	size_t nr;

	(void)state;
	run_init(&run, "a", "/nonexistent", RUN_MMTESTS);
	for (unsigned i = 0; i < 5; i++)
		add(&run, "faults/cpu", exp(i), i + 1);
	assert_int_equal(boots_count(&run), 0);
	v = boots_logs(&run, run.series[0], &nr);
	assert_int_equal(nr, 1);
	assert_float_equal(v[0], 2, 1e-9);
	free(v);
	for (unsigned i = 0; i < 5; i++)
		add(&run, "time_boot", boots[i], i + 1);
	assert_int_equal(boots_count(&run), 2);
	v = boots_logs(&run, run.series[0], &nr);
	assert_int_equal(nr, 2);
	assert_float_equal(v[0], 5 / 3.0, 1e-9);
	assert_float_equal(v[1], 2.5, 1e-9);
	free(v);
	/* one that does not say its boot is of another */
	add(&run, "faults/cpu", exp(8), 6);
	v = boots_logs(&run, run.series[0], &nr);
	assert_int_equal(nr, 3);
	assert_float_equal(v[2], 8, 1e-9);
	free(v);
	run_release(&run);
}

/* About normal, of deviation 1. */
static double normal(struct rng *rng)
{
	double sum = -6;

	for (size_t i = 0; i < 12; i++)
		sum += rng_below(rng, 1000000) / 1e6;
	return sum;
}

/* A run of @nr boots: each is 3 % off by chance, an iteration in it 0.3 %. */
static void make_run(struct run *run, const char *name, unsigned nr, bool told, double factor,
		     struct rng *rng)
{
	run_init(run, name, "/nonexistent", RUN_MMTESTS);
	for (unsigned b = 0; b < nr; b++) {
		double boot = 0.03 * normal(rng);

		for (unsigned i = 0; i < PER_BOOT; i++) {
			unsigned iteration = b * PER_BOOT + i + 1;

			add(run, "faults/cpu", 1e5 * factor * exp(boot + 0.003 * normal(rng)),
			    iteration);
			if (told)
				add(run, "time_boot", (*name - 'a') * 100 + b, iteration);
		}
	}
}

static void judge(struct gate *gate, unsigned nr, bool told, double factor, struct rng *rng)
{
	struct run base, new;
	struct gate_config config;

	gate_config_init(&config);
	gate_config_metrics(&config, "faults/cpu");
	make_run(&base, "a", nr, told, 1, rng);
	make_run(&new, "b", nr, told, factor, rng);
	assert_int_equal(gate_init(gate, &base, &new, &config, false, NULL), 0);
	gate_config_release(&config);
	run_release(&base);
	run_release(&new);
}

/* How many of 400 comparisons end so. */
static unsigned count(unsigned nr, bool told, double factor, enum verdict verdict)
{
	unsigned hits = 0;
	struct rng rng;

	rng_init(&rng, 1);
	for (unsigned i = 0; i < 400; i++) {
		struct gate gate;

		judge(&gate, nr, told, factor, &rng);
		hits += gate.verdict == verdict;
		gate_release(&gate);
	}
	return hits;
}

/* Half of 5 % are regressions, and some for chance; where nobody knows of boots there are more. */
static void test_false_alarms(void **state)
{
	(void)state;
	print_message("1 boot, not told: %u of 400\n", count(1, false, 1, VERDICT_REGRESSION));
	for (unsigned nr = 5; nr <= 10; nr += 5) {
		unsigned alarms = count(nr, true, 1, VERDICT_REGRESSION);

		print_message("%u boots: %u of 400\n", nr, alarms);
		assert_in_range(alarms, 0, 18);
	}
	assert_true(count(1, false, 1, VERDICT_REGRESSION) > 40);
}

static void test_power(void **state)
{
	unsigned found = count(10, true, 0.9, VERDICT_REGRESSION);

	(void)state;
	print_message("10 boots, 10 %% slower: found %u of 400\n", found);
	assert_true(found > 240);
}

static void test_words(void **state)
{
	struct gate gate;
	struct rng rng;
	char text[600];

	(void)state;
	rng_init(&rng, 2);
	judge(&gate, 4, true, 1, &rng);
	assert_true(gate.by_boots);
	assert_int_equal(gate.cells[0].base.n, 4);
	assert_string_equal(gate_sentence(&gate, &gate.cells[0], text, sizeof(text)),
			    "cannot tell: there are too few boots");
	gate_release(&gate);
	/* it takes one run of several */
	for (unsigned new = 1; new <= 2; new++) {
		struct run one, two;
		struct gate_config config;

		gate_config_init(&config);
		gate_config_metrics(&config, "faults/cpu");
		make_run(&one, "a", 3 - new, true, 1, &rng);
		make_run(&two, "b", new, true, 1, &rng);
		assert_int_equal(gate_init(&gate, &one, &two, &config, false, NULL), 0);
		assert_true(gate.by_boots);
		gate_release(&gate);
		gate_config_release(&config);
		run_release(&one);
		run_release(&two);
	}
	judge(&gate, 1, true, 1, &rng);
	assert_false(gate.by_boots);
	assert_int_equal(gate.cells[0].base.n, PER_BOOT);
	gate_release(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boots),
		cmocka_unit_test(test_false_alarms),
		cmocka_unit_test(test_power),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
