/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker counts that mmtests' threads_large_stride gave, by running that macro. */
#include "harness/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void format(const struct ladder_limits *limits, char *text, size_t size)
{
	struct ladder ladder;
	struct why why = WHY_INIT;
	size_t len = 0;

	text[0] = '\0';
	if (ladder_init(&ladder, limits, &why)) {
		snprintf(text, size, "%s", why.text);
		return;
	}
	for (size_t i = 0; i < ladder.nr; i++)
		len += snprintf(text + len, size - len, "%s%u", i ? " " : "", ladder.clients[i]);
	ladder_release(&ladder);
}

struct ladder_case {
	struct ladder_limits limits;
	const char *expected;
};

static void expect(const struct ladder_case *cases, size_t nr)
{
	char text[1024];

	for (size_t i = 0; i < nr; i++) {
		format(&cases[i].limits, text, sizeof(text));
		assert_string_equal(text, cases[i].expected);
	}
}

#define EXPECT(cases) expect(cases, sizeof(cases) / sizeof((cases)[0]))
#define CPUS(n) \
	{ \
		.min = 1, .max = (n), .nr_cpus = (n) \
	}

static void test_every_machine(void **state)
{
	static const struct ladder_case cases[] = {
		{CPUS(1), "1"},
		{CPUS(2), "1 2"},
		{CPUS(3), "1 3"},
		{CPUS(4), "1 3 4"},
		{CPUS(6), "1 3 5 6"},
		{CPUS(8), "1 3 5 7 8"},
		{CPUS(9), "1 3 5 7 9"},
		{CPUS(12), "1 3 5 7 12"},
		{CPUS(16), "1 3 5 7 12 16"},
		{CPUS(24), "1 3 5 7 12 18 24"},
		{CPUS(32), "1 3 5 7 12 18 24 30 32"},
		{CPUS(33), "1 4 7 12 21 30 33"},
		{CPUS(48), "1 4 7 12 21 30 48"},
		{CPUS(56), "1 4 7 12 21 30 48 56"},
		{CPUS(64), "1 4 7 12 21 30 48 64"},
		{CPUS(79), "1 4 7 12 21 30 48 79"},
		{CPUS(80), "1 4 7 12 21 30 48 79 80"},
		{CPUS(96), "1 4 7 12 21 30 48 79 96"},
		{CPUS(112), "1 4 7 12 21 30 48 79 110 112"},
		{CPUS(128), "1 4 7 12 21 30 48 79 110 128"},
	};

	(void)state;
	EXPECT(cases);
}

static void test_limits(void **state)
{
	static const struct ladder_case cases[] = {
		{{.min = 4, .max = 8, .nr_cpus = 8}, "4 6 8"},
		{{.min = 2, .max = 16, .nr_cpus = 16}, "2 4 6 8 12 16"},
		{{.min = 9, .max = 16, .nr_cpus = 16}, "12 16"},
		{{.min = 13, .max = 16, .nr_cpus = 16}, "16"},
		{{.min = 4, .max = 56, .nr_cpus = 56}, "4 7 12 21 30 48 56"},
		{{.min = 10, .max = 56, .nr_cpus = 56}, "12 21 30 48 56"},
		{{.min = 5, .max = 5, .nr_cpus = 5}, "5"},
		{{.min = 6, .max = 5, .nr_cpus = 8}, "no worker count from 6 up to 5"},
		{{.min = 1, .max = 56, .nr_cpus = 56, .cutoff = 30}, "1 4 7 12 21 30"},
		{{.min = 8, .max = 56, .nr_cpus = 56, .cutoff = 7},
		 "no worker count left at or below the cutoff of 7"},
	};

	(void)state;
	EXPECT(cases);
}

/* mmtests stopped at 128 workers; so do we, but only when asked. */
static void test_large_machines(void **state)
{
	static const struct ladder_case cases[] = {
		{{.min = 1, .max = 192, .nr_cpus = 192, .cap = 128},
		 "1 4 7 12 21 30 48 79 110 128"},
		{{.min = 1, .max = 256, .nr_cpus = 256, .cap = 128},
		 "1 4 7 12 21 30 48 79 110 128"},
		{CPUS(192), "1 4 7 12 21 30 48 79 110 141 172 192"},
		{CPUS(256), "1 4 7 12 21 30 48 79 110 141 172 203 234 256"},
		{CPUS(512), "1 4 7 12 21 30 48 79 110 141 172 203 234 265 296 327 358 389 420 451 "
			    "482 512"},
	};

	(void)state;
	EXPECT(cases);
}

/* Far more workers than CPUs. In mmtests 30 stands twice in the first and so erases its own log;
 * counts above the maximum, as 30 in the second, are mmtests' as well. */
static void test_more_than_eight_times(void **state)
{
	static const struct ladder_case cases[] = {
		{{.min = 1, .max = 100, .nr_cpus = 4}, "1 4 7 12 21 30 8 19 41 52 63 74 85 96 100"},
		{{.min = 1, .max = 20, .nr_cpus = 2}, "1 4 7 12 21 30 6 8 10 14 16 18 20"},
		{{.min = 1, .max = 9, .nr_cpus = 1}, "1 4 7 12 21 30 2 9"},
	};

	(void)state;
	EXPECT(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_machine),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_large_machines),
		cmocka_unit_test(test_more_than_eight_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
