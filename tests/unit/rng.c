/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"

/* The sequence is part of a run's record: it must never change. First outputs of splitmix64 for
 * seed 1234567, as its reference implementation prints them. */
static void the_sequence_is_splitmix64(void **state)
{
	static const uint64_t want[] = {6457827717110365317ULL, 3203168211198807973ULL,
					9817491932198370423ULL};
	struct rng rng;

	(void)state;
	rng_init(&rng, 1234567);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(rng_next(&rng), want[i]);
}

static void below_covers_its_range_evenly(void **state)
{
	unsigned seen[7] = {0};
	struct rng rng;

	(void)state;
	rng_init(&rng, 1);
	for (int i = 0; i < 70000; i++) {
		uint64_t v = rng_below(&rng, 7);

		assert_true(v < 7);
		seen[v]++;
	}
	/* 10000 expected, sd 93: six sigma either way. */
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 9440, 10560);
}

static void shuffle_keeps_all_and_repeats(void **state)
{
	unsigned a[100], b[100], moved = 0, sum = 0;
	struct rng rng;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		a[i] = b[i] = i;
	rng_init(&rng, 42);
	rng_shuffle(&rng, a, 100, sizeof(a[0]));
	rng_init(&rng, 42);
	rng_shuffle(&rng, b, 100, sizeof(b[0]));
	assert_memory_equal(a, b, sizeof(a));
	for (unsigned i = 0; i < 100; i++) {
		moved += a[i] != i;
		sum += a[i];
	}
	assert_true(moved > 80);
	assert_int_equal(sum, 4950);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sequence_is_splitmix64),
		cmocka_unit_test(below_covers_its_range_evenly),
		cmocka_unit_test(shuffle_keeps_all_and_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
