/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signed-rank test against published data, printed tables and the enumeration of all signs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "analysis/signed_rank.h"
#include "common/rng.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

/* Hamilton depression scale of nine patients at two visits (Hollander, Wolfe, table 3.1). R's
 * wilcox.test(x, y, paired = TRUE) says V = 40, p-value = 0.03906. */
static void test_published(void **state)
{
	static const double x[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
	static const double y[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
	double d[9];
	struct hodges_lehmann hl;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		d[i] = x[i] - y[i];
	NEAR(signed_rank_p(d, 9), 0.0390625, 1e-12);
	/* The book: 0.46, and (0.010, 0.786) with 96.1 %. */
	hl = hodges_lehmann(d, 9, 0.0391);
	NEAR(hl.estimate, 0.46, 1e-9);
	NEAR(hl.low, 0.010, 1e-9);
	NEAR(hl.high, 0.786, 1e-9);
}

/* Mean rank of |v[i]| among all, and the weighted sum of positive signs, the slow way. */
static double slow_p(const double *v, size_t n)
{
	double rank[16], sum = 0, seen = 0;
	unsigned long as_far = 0, choices = 0;

	for (size_t i = 0; i < n; i++) {
		double below = 0, equal = 0;

		for (size_t k = 0; k < n; k++) {
			below += fabs(v[k]) < fabs(v[i]);
			equal += fabs(v[k]) == fabs(v[i]);
		}
		rank[i] = v[i] ? below + (equal + 1) / 2 : 0;
		sum += rank[i];
		seen += v[i] > 0 ? rank[i] : 0;
	}
	for (unsigned long signs = 0; signs < 1UL << n; signs++, choices++) {
		double t = 0;

		for (size_t i = 0; i < n; i++)
			t += signs >> i & 1 ? rank[i] : 0;
		as_far += fabs(t - sum / 2) >= fabs(seen - sum / 2) - 1e-9;
	}
	return (double)as_far / choices;
}

static void test_enumeration(void **state)
{
	struct rng rng;
	double v[10];

	(void)state;
	rng_init(&rng, 7);
	for (size_t n = 1; n <= 10; n++)
		for (int repeat = 0; repeat < 20; repeat++) {
			/* Few sizes: many ties, and zeros. */
			for (size_t i = 0; i < n; i++)
				v[i] = (double)rng_below(&rng, 9) - 4;
			NEAR(signed_rank_p(v, n), slow_p(v, n), 1e-12);
		}
}

/* Printed tables of critical values (two-sided): P(T <= 8; n = 10) = 0.0244 in one tail,
 * P(T <= 52; n = 20) = 0.0242, P(T <= 89; n = 25) = 0.0241. */
static void test_tables(void **state)
{
	static const struct {
		size_t n;
		unsigned t;
		double tail;
	} rows[] = {{10, 8, 0.0244}, {20, 52, 0.0242}, {25, 89, 0.0241}};
	double v[25];

	(void)state;
	for (size_t r = 0; r < 3; r++) {
		unsigned left = rows[r].t;

		/* The largest ranks that fit into T are negative. */
		for (size_t i = rows[r].n; i; i--) {
			v[i - 1] = i <= left ? -(double)i : (double)i;
			left -= i <= left ? i : 0;
		}
		assert_int_equal(left, 0);
		NEAR(signed_rank_p(v, rows[r].n) / 2, rows[r].tail, 5e-5);
	}
}

/* The exact distribution and the normal one meet where one takes over from the other. */
static void test_beyond_exact(void **state)
{
	double v[SIGNED_RANK_EXACT + 1];
	struct hodges_lehmann exact, normal;
	struct rng rng;

	(void)state;
	rng_init(&rng, 3);
	for (size_t i = 0; i <= SIGNED_RANK_EXACT; i++)
		v[i] = ldexp((double)(rng_next(&rng) >> 12), -52) - 0.4;
	NEAR(log(signed_rank_p(v, SIGNED_RANK_EXACT) / signed_rank_p(v, SIGNED_RANK_EXACT + 1)), 0,
	     0.7);
	exact = hodges_lehmann(v, SIGNED_RANK_EXACT, 0.05);
	normal = hodges_lehmann(v, SIGNED_RANK_EXACT + 1, 0.05);
	NEAR(exact.low, normal.low, 0.02);
	NEAR(exact.high, normal.high, 0.02);
}

/* 60 values by the normal distribution, half a rank closer to the middle: the negative ranks are 3, 6, ...
 * 60, of sum 630; the exact p is 0.03556. Of the means of pairs 649 are left out on either side, which
 * is what the exact distribution says, too. */
static void test_normal(void **state)
{
	double v[60], squares[60];
	struct hodges_lehmann hl;

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		v[i] = (i + 1) % 3 ? (double)(i + 1) : -(double)(i + 1);
		squares[i] = (double)((i + 1) * (i + 1));
	}
	NEAR(signed_rank_p(v, 60), erfc((915 - 630.5) / sqrt(60 * 61 * 121 / 24.0) / sqrt(2)),
	     1e-12);
	hl = hodges_lehmann(squares, 60, 0.05);
	NEAR(hl.low, 833, 0);
	NEAR(hl.high, 1516.5, 0);
	NEAR(hl.estimate, 1171.25, 0);
}

/* What the interval holds is what the test does not reject. */
static void test_duality(void **state)
{
	static const double v[] = {0.31, -0.12, 0.55,  0.21, -0.05, 0.42,
				   0.17, 0.09,	-0.27, 0.36, 0.64};
	size_t n = sizeof(v) / sizeof(v[0]);
	struct hodges_lehmann hl = hodges_lehmann(v, n, 0.05);
	double shifted[11];

	(void)state;
	for (int side = 0; side < 4; side++) {
		double at = (side & 1 ? hl.high : hl.low) + (side & 2 ? -1e-6 : 1e-6);

		for (size_t i = 0; i < n; i++)
			shifted[i] = v[i] - at;
		if (at < hl.low || at > hl.high)
			assert_true(signed_rank_p(shifted, n) <= 0.05);
		else
			assert_true(signed_rank_p(shifted, n) > 0.05);
	}
}

static void test_little(void **state)
{
	static const double v[] = {1, 2, 3, 4, 5}, zeros[3];
	struct hodges_lehmann hl = hodges_lehmann(v, 5, 0.05);

	(void)state;
	/* Of 32 choices of signs the extreme two are 0.0625: no interval of 95 %. */
	NEAR(signed_rank_p(v, 5), 0.0625, 1e-12);
	assert_true(isinf(hl.low) && isinf(hl.high));
	NEAR(hl.estimate, 3, 0);
	hl = hodges_lehmann(v, 5, 0.0625);
	NEAR(hl.low, 1, 0);
	NEAR(hl.high, 5, 0);
	NEAR(signed_rank_p(zeros, 3), 1, 0);
	NEAR(signed_rank_p(NULL, 0), 1, 0);
	assert_true(isnan(hodges_lehmann(NULL, 0, 0.05).estimate));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published), cmocka_unit_test(test_enumeration),
		cmocka_unit_test(test_tables),	  cmocka_unit_test(test_beyond_exact),
		cmocka_unit_test(test_normal),	  cmocka_unit_test(test_duality),
		cmocka_unit_test(test_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
