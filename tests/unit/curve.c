/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What would be ideal at a client count, from the least one that was measured, and the mean in between. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/curve.h"

static struct curve_point points[] = {{2, 100}, {4, 150}, {12, 130}};

static struct curve curve_of(const struct report_metric *metric, size_t nr)
{
	return (struct curve){.metric = metric, .label = "", .points = points, .nr = nr};
}

static void test_ideal(void **state)
{
	const struct report_metric rate = {.metric = (char *)"faults/sec"};
	const struct report_metric each = {.metric = (char *)"faults/cpu"};
	const struct report_metric time = {.metric = (char *)"system_s"};
	struct curve curve = curve_of(&rate, 3);

	(void)state;
	assert_float_equal(curve_ideal(&curve, 2), 100, 1e-12);
	assert_float_equal(curve_ideal(&curve, 12), 600, 1e-12);
	curve = curve_of(&each, 3);
	assert_float_equal(curve_ideal(&curve, 12), 100, 1e-12);
	curve = curve_of(&time, 3);
	assert_true(isnan(curve_ideal(&curve, 12)));
	curve = curve_of(&rate, 0);
	assert_true(isnan(curve_ideal(&curve, 12)));
}

static void test_mean(void **state)
{
	const struct report_metric rate = {.metric = (char *)"faults/sec"};
	struct curve curve = curve_of(&rate, 3);

	(void)state;
	assert_float_equal(curve_mean(&curve, 2), 100, 1e-12);
	assert_float_equal(curve_mean(&curve, 3), 125, 1e-12);
	assert_float_equal(curve_mean(&curve, 10), 135, 1e-12);
	assert_float_equal(curve_mean(&curve, 12), 130, 1e-12);
	assert_true(isnan(curve_mean(&curve, 1)) && isnan(curve_mean(&curve, 13)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ideal),
		cmocka_unit_test(test_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
