/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages a planted delay is due behind, and what cannot be asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "pft/delay.h"

/* As many as the share says, and never two closer than their mean distance. */
static void test_share(void **state)
{
	static const double fractions[] = {0, 1, 0.5, 0.25, 0.1, 0.3, 0.001};
	static const uint64_t expected[] = {10000, 10000, 5000, 2500, 1000, 3000, 10};

	(void)state;
	for (size_t f = 0; f < sizeof(fractions) / sizeof(fractions[0]); f++) {
		struct delay delay = {.ns = 1, .fraction = fractions[f]};
		uint64_t due = 0, last = 0;

		for (uint64_t page = 0; page < 10000; page++) {
			if (!delay_is_due(&delay, page))
				continue;
			if (due++ && fractions[f] > 0)
				assert_true(page - last + 1 > 1 / fractions[f]);
			last = page;
		}
		assert_in_range(due, expected[f] - 1, expected[f]);
	}
}

static void test_words(void **state)
{
	struct delay delay = {0};
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(delay_read_ns(&delay, "250", &why), 0);
	assert_int_equal(delay.ns, 250);
	assert_int_equal(delay_read_ns(&delay, "0", &why), -EINVAL);
	assert_int_equal(delay_read_ns(&delay, "2us", &why), -EINVAL);
	assert_int_equal(delay_read_fraction(&delay, "0.25", &why), 0);
	assert_true(delay.fraction == 0.25);
	assert_int_equal(delay_read_fraction(&delay, "0", &why), -EINVAL);
	assert_int_equal(delay_read_fraction(&delay, "1.5", &why), -EINVAL);
	assert_int_equal(delay_read_fraction(&delay, "nan", &why), -EINVAL);
	assert_int_equal(delay_read_fraction(&delay, "half", &why), -EINVAL);
	assert_string_equal(why.text,
			    "not a share above 0 and up to 1, with '--delay-fraction half'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
