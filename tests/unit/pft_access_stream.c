/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "pft/access_stream.h"

#define DRAWS 5000000

static struct access_stream stream_of(const struct access_pattern *pattern, uint64_t first,
				      uint64_t seed, unsigned worker)
{
	struct access_stream stream;

	access_stream_init(&stream, pattern, first, seed, worker);
	return stream;
}

/* Pearson's sum of @seen against the formula, in standard deviations: the square root of twice the sum is
 * nearly normal (Fisher). Ranks share a class with those behind them until 20 draws are expected. */
static double deviation(const uint64_t *seen, uint64_t nr, double theta)
{
	double total = 0, sum = 0, expected = 0, found = 0;
	uint64_t classes = 0, k;

	for (k = nr; k; k--)
		total += pow(k, -theta);
	for (k = 0; k < nr; k++) {
		expected += DRAWS * pow(k + 1, -theta) / total;
		found += seen[k];
		if (expected < 20 && k + 1 < nr)
			continue;
		sum += (found - expected) * (found - expected) / expected;
		classes++;
		expected = found = 0;
	}
	return sqrt(2 * sum) - sqrt(2.0 * (classes - 1) - 1);
}

static void zipf_is_as_its_formula(void **state)
{
	static const struct {
		uint64_t nr;
		double theta;
	} cases[] = {{2, 0.99},	   {10, 0.5},	   {100, 0.99},	   {1000, 1},	  {5000, 0.8},
		     {5000, 0.99}, {196608, 0.99}, {196608, 0.01}, {196608, 1.5}, {3000, 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t *seen = xcalloc(cases[i].nr, sizeof(*seen));
		struct access_pattern pattern;
		struct access_stream stream;
		double d;

		assert_int_equal(access_pattern_init(&pattern, ACCESS_ZIPF, cases[i].nr,
						     cases[i].theta, NULL),
				 0);
		stream = stream_of(&pattern, 0, 5, 0);
		for (unsigned n = 0; n < DRAWS; n++) {
			uint64_t rank = access_next_rank(&stream);

			assert_true(rank < cases[i].nr);
			seen[rank]++;
		}
		d = deviation(seen, cases[i].nr, cases[i].theta);
		if (d < -4 || d > 4)
			fail_msg("%d pages, theta %g: %g standard deviations off", (int)cases[i].nr,
				 cases[i].theta, d);
		access_pattern_release(&pattern);
		free(seen);
	}
}

static void each_rank_is_one_page(void **state)
{
	static const uint64_t sizes[] = {1, 2, 3, 7, 64, 65, 1000, 65535, 65536, 65537, 196608};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *seen = xcalloc(sizes[i], 1);
		struct access_pattern pattern;

		access_pattern_init(&pattern, ACCESS_ZIPF, sizes[i], 0.99, NULL);
		for (uint64_t rank = 0; rank < sizes[i]; rank++) {
			uint64_t page = access_page_of(&pattern, rank);

			assert_true(page < sizes[i]);
			assert_int_equal(seen[page]++, 0);
		}
		access_pattern_release(&pattern);
		free(seen);
	}
}

/* The hottest pages are not neighbours: of 100, fewer than 5 share 64 KiB with another. */
static void what_is_hot_is_strewn(void **state)
{
	unsigned char seen[196608 / 16] = {0};
	struct access_pattern pattern;
	unsigned shared = 0;

	(void)state;
	access_pattern_init(&pattern, ACCESS_ZIPF, 196608, 0.99, NULL);
	for (uint64_t rank = 0; rank < 100; rank++)
		shared += seen[access_page_of(&pattern, rank) / 16]++;
	assert_true(shared < 5);
	access_pattern_release(&pattern);
}

static void uniform_is_even(void **state)
{
	struct access_pattern pattern;
	struct access_stream stream;
	unsigned seen[1000] = {0};
	double sum = 0;

	(void)state;
	access_pattern_init(&pattern, ACCESS_UNIFORM, 1000, 0, NULL);
	stream = stream_of(&pattern, 0, 5, 0);
	for (unsigned n = 0; n < DRAWS; n++)
		seen[access_next(&stream)]++;
	for (unsigned k = 0; k < 1000; k++)
		sum += pow(seen[k] - DRAWS / 1000.0, 2) / (DRAWS / 1000.0);
	assert_true(fabs(sqrt(2 * sum) - sqrt(2 * 999 - 1)) < 4);
	access_pattern_release(&pattern);
}

static void seq_is_in_order(void **state)
{
	struct access_pattern pattern;
	struct access_stream stream;

	(void)state;
	access_pattern_init(&pattern, ACCESS_SEQ, 10, 0, NULL);
	stream = stream_of(&pattern, 30, 5, 3);
	for (unsigned n = 0; n < 25; n++)
		assert_int_equal(access_next(&stream), 30 + n % 10);
	access_pattern_release(&pattern);
}

/* Two workers with ranges of their own touch no page in common, and all of theirs. */
static void ranges_are_kept(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < NR_ACCESS_KINDS; kind++) {
		unsigned char seen[200] = {0};
		struct access_pattern pattern;

		access_pattern_init(&pattern, kind, 100, 0.5, NULL);
		for (unsigned worker = 0; worker < 2; worker++) {
			struct access_stream stream = stream_of(&pattern, worker * 100, 9, worker);

			for (unsigned n = 0; n < 20000; n++)
				seen[access_next(&stream)] |= 1 << worker;
		}
		for (unsigned k = 0; k < 200; k++)
			assert_int_equal(seen[k], 1 << k / 100);
		access_pattern_release(&pattern);
	}
}

/* Of 1000 numbers of two streams over 2^31 pages, how many are the same at the same place. */
static unsigned alike(uint64_t seed, unsigned worker, uint64_t other_seed, unsigned other_worker)
{
	struct access_pattern pattern;
	struct access_stream a, b;
	unsigned same = 0;

	access_pattern_init(&pattern, ACCESS_UNIFORM, 1UL << 31, 0, NULL);
	a = stream_of(&pattern, 0, seed, worker);
	b = stream_of(&pattern, 0, other_seed, other_worker);
	for (unsigned n = 0; n < 1000; n++)
		same += access_next(&a) == access_next(&b);
	return same;
}

static void seed_and_worker_decide(void **state)
{
	(void)state;
	assert_int_equal(alike(1, 0, 1, 0), 1000);
	assert_int_equal(alike(1, 3, 1, 3), 1000);
	assert_int_equal(alike(1, 0, 1, 1), 0);
	assert_int_equal(alike(1, 0, 2, 0), 0);
	assert_int_equal(alike(1, 1, 2, 0), 0);
}

static void texts_are_parsed(void **state)
{
	static const struct {
		const char *text;
		int rc;
		enum access_kind kind;
		double theta;
	} cases[] = {
		{"uniform", 0, ACCESS_UNIFORM, 0.99},
		{"seq", 0, ACCESS_SEQ, 0.99},
		{"zipf", 0, ACCESS_ZIPF, 0.99},
		{"zipf:1", 0, ACCESS_ZIPF, 1},
		{"zipf:0.5", 0, ACCESS_ZIPF, 0.5},
		{"zipf:4", 0, ACCESS_ZIPF, 4},
		{"zipf:", -EINVAL, 0, 0},
		{"zipf:0", -EINVAL, 0, 0},
		{"zipf:4.1", -EINVAL, 0, 0},
		{"zipf:nan", -EINVAL, 0, 0},
		{"zipf:1x", -EINVAL, 0, 0},
		{"zipfian", -EINVAL, 0, 0},
		{"", -EINVAL, 0, 0},
		{"seq:1", -EINVAL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum access_kind kind = NR_ACCESS_KINDS;
		struct why why = WHY_INIT;
		double theta = 0;

		assert_int_equal(access_parse(cases[i].text, &kind, &theta, &why), cases[i].rc);
		if (cases[i].rc) {
			assert_non_null(strstr(why.text, cases[i].text));
			continue;
		}
		assert_int_equal(kind, cases[i].kind);
		assert_true(theta == cases[i].theta);
	}
}

static void sizes_are_checked(void **state)
{
	struct access_pattern pattern;
	struct access_stream stream;
	struct why why;

	(void)state;
	assert_int_equal(access_pattern_init(&pattern, ACCESS_SEQ, 0, 0, &why), -EINVAL);
	assert_string_equal(why.text, "no order of access to '0' pages; use 1 to 2^32-1");
	assert_int_equal(access_pattern_init(&pattern, ACCESS_ZIPF, 1UL << 32, 1, &why), -EINVAL);
	for (unsigned kind = 0; kind < NR_ACCESS_KINDS; kind++) {
		assert_int_equal(access_pattern_init(&pattern, kind, 1, 0.99, NULL), 0);
		stream = stream_of(&pattern, 7, 1, 1);
		for (unsigned n = 0; n < 100; n++)
			assert_int_equal(access_next(&stream), 7);
		access_pattern_release(&pattern);
	}
	assert_int_equal(access_pattern_init(&pattern, ACCESS_ZIPF, UINT32_MAX, 1, NULL), 0);
	stream = stream_of(&pattern, 0, 1, 1);
	for (unsigned n = 0; n < 1000; n++)
		assert_true(access_next(&stream) < UINT32_MAX);
	access_pattern_release(&pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zipf_is_as_its_formula), cmocka_unit_test(each_rank_is_one_page),
		cmocka_unit_test(what_is_hot_is_strewn),  cmocka_unit_test(uniform_is_even),
		cmocka_unit_test(seq_is_in_order),	  cmocka_unit_test(ranges_are_kept),
		cmocka_unit_test(seed_and_worker_decide), cmocka_unit_test(texts_are_parsed),
		cmocka_unit_test(sizes_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
