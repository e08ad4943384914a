/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drawn order of sides and cells: balanced, of the seed alone, and without a pattern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/ab_order.h"

#define BLOCKS 6000

/* Each of the six orders of two a and two b about equally often: 1000 +- 29 (one deviation). */
static void test_blocks(void **state)
{
	unsigned seen[16] = {0};

	(void)state;
	for (size_t block = 0; block < BLOCKS; block++) {
		unsigned bits = 0;

		for (size_t i = 0; i < AB_BLOCK; i++)
			bits = bits << 1 | ab_b_first(42, 3, AB_BLOCK * block + i);
		seen[bits]++;
	}
	for (unsigned bits = 0; bits < 16; bits++) {
		if (__builtin_popcount(bits) == 2)
			assert_in_range(seen[bits], 850, 1150);
		else
			assert_int_equal(seen[bits], 0);
	}
}

/* Cells, seeds and neighbouring blocks have nothing to do with each other. */
static void test_independent(void **state)
{
	unsigned cells = 0, seeds = 0, later = 0;

	(void)state;
	for (size_t round = 0; round < AB_BLOCK * BLOCKS; round++) {
		bool first = ab_b_first(1, 0, round);

		cells += first == ab_b_first(1, 1, round);
		seeds += first == ab_b_first(2, 0, round);
		later += first == ab_b_first(1, 0, round + AB_BLOCK);
	}
	assert_in_range(cells, 11500, 12500);
	assert_in_range(seeds, 11500, 12500);
	assert_in_range(later, 11500, 12500);
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
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_independent),
		cmocka_unit_test(test_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
