/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drawn order of sides and cells: fair, of the seed alone, and without a pattern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/ab_order.h"

#define NR 24000

/* Every pattern of four rounds equally often, 1500 +- 37 (one deviation): fair, and no memory. */
static void test_fair(void **state)
{
	unsigned seen[16] = {0}, bits = 0;

	(void)state;
	for (size_t round = 0; round < NR; round++) {
		bits = (bits << 1 | ab_b_first(42, 3, round)) & 15;
		seen[bits]++;
	}
	for (unsigned i = 0; i < 16; i++)
		assert_in_range(seen[i], 1300, 1700);
}

/* Cells and seeds have nothing to do with each other. */
static void test_independent(void **state)
{
	unsigned cells = 0, seeds = 0;

	(void)state;
	for (size_t round = 0; round < NR; round++) {
		bool first = ab_b_first(1, 0, round);

		cells += first == ab_b_first(1, 1, round);
		seeds += first == ab_b_first(2, 0, round);
	}
	assert_in_range(cells, 11500, 12500);
	assert_in_range(seeds, 11500, 12500);
}

static void test_cells(void **state)
{
	unsigned order[5], again[5], first[5] = {0};

	(void)state;
	for (size_t round = 0; round < 5000; round++) {
		unsigned sum = 0;

		ab_cell_order(9, round, order, 5);
		ab_cell_order(9, round, again, 5);
		assert_memory_equal(order, again, sizeof(order));
		for (size_t i = 0; i < 5; i++)
			sum |= 1u << order[i];
		assert_int_equal(sum, 31);
		first[order[0]]++;
	}
	for (size_t i = 0; i < 5; i++)
		assert_in_range(first[i], 850, 1150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fair),
		cmocka_unit_test(test_independent),
		cmocka_unit_test(test_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
