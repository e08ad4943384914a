/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pocock's bound against the printed constants, and Holm's adjustment against R's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "analysis/holm.h"
#include "analysis/sequential.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* C_P(K, alpha) of Jennison and Turnbull, table 2.1: K looks at equal distances, two-sided. */
static void test_table(void **state)
{
	static const struct {
		unsigned looks;
		double alpha, constant;
	} rows[] = {
		{1, 0.05, 1.960}, {2, 0.05, 2.178}, {3, 0.05, 2.289},  {4, 0.05, 2.361},
		{5, 0.05, 2.413}, {6, 0.05, 2.453}, {10, 0.05, 2.555}, {2, 0.01, 2.772},
		{5, 0.01, 2.986}, {2, 0.1, 1.875},  {5, 0.1, 2.122},
	};
	struct sequential s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sequential_init(&s, 5, 5, 5 * rows[i].looks);
		assert_int_equal(s.nr, rows[i].looks);
		NEAR(gsl_cdf_ugaussian_Qinv(sequential_level(&s, rows[i].alpha) / 2),
		     rows[i].constant, 0.0015);
	}
}

/* Interpolation does not stray from the integral, and stays between one look and the sum. */
static void test_interpolation(void **state)
{
	struct sequential s;

	(void)state;
	sequential_init(&s, 10, 5, 60);
	for (double z = 0.05; z < 6; z += 0.17) {
		double p = 2 * gsl_cdf_ugaussian_Q(z);
		double direct = sequential_crossing(s.looks, s.nr, z);

		NEAR(sequential_p(&s, p) / direct, 1, 0.004);
		assert_true(sequential_p(&s, p) >= p * 0.999);
		assert_true(sequential_p(&s, p) <= s.nr * p);
	}
	NEAR(sequential_p(&s, 1), 1, 0);
	NEAR(sequential_p(&s, 1e-12), s.nr * 1e-12, 1e-15);
}

static void test_looks(void **state)
{
	struct sequential s;

	(void)state;
	sequential_init(&s, 10, 5, 32);
	assert_int_equal(s.nr, 6);
	assert_int_equal(s.looks[4], 30);
	assert_int_equal(s.looks[5], 32);
	assert_int_equal(sequential_look(&s, 9), -1);
	assert_int_equal(sequential_look(&s, 10), 0);
	assert_int_equal(sequential_look(&s, 31), 4);
	assert_int_equal(sequential_look(&s, 500), 5);
	sequential_init(&s, 1, 1, 100000);
	assert_true(s.nr <= SEQUENTIAL_MAX_LOOKS);
	assert_int_equal(s.looks[s.nr - 1], 100000);
}

/* p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
static void test_holm(void **state)
{
	static const double expected[] = {0.03, 0.06, 0.06, 0.02};
	double p[] = {0.01, 0.04, 0.03, 0.005}, large[] = {0.6, 0.7};

	(void)state;
	holm_adjust(p, 4);
	for (size_t i = 0; i < 4; i++)
		NEAR(p[i], expected[i], 1e-12);
	holm_adjust(large, 2);
	NEAR(large[0], 1, 0);
	NEAR(large[1], 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_interpolation),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_holm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
