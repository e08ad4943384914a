/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a series is said to drift or to wander. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analysis/drift.h"
#include "analysis/unpaired.h"

/* Equal values take variance off Kendall's S, which is 28: 358 / 3 are left of 125. */
static void test_drift_ties(void **state)
{
	static const double v[] = {1, 2, 2, 3, 3, 3, 4, 1, 5, 6};

	(void)state;
	assert_float_equal(drift_p(v, 10), 0.013449988098, 1e-12);
}

/* A few neighbours that are alike may be so by chance. */
static void test_wanders(void **state)
{
	static const struct {
		size_t n;
		double lag1;
		bool wanders;
	} rows[] = {{6, 0.5, false}, {6, 0.55, true}, {100, 0.29, false}, {100, 0.31, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct unpaired_side side = {.n = rows[i].n, .lag1 = rows[i].lag1};

		assert_int_equal(unpaired_wanders(&side), rows[i].wanders);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drift_ties),
		cmocka_unit_test(test_wanders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
