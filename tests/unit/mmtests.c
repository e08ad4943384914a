/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reading rules of mmtests, line by line, and the splitting of run names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/mmtests.h"
#include "analysis/select.h"

struct seen {
	unsigned lines, last;
	double fields[NR_LOG_FIELDS];
};

static void see(void *arg, unsigned number, const double fields[NR_LOG_FIELDS])
{
	struct seen *seen = arg;

	seen->lines++;
	seen->last = number;
	memcpy(seen->fields, fields, sizeof(seen->fields));
}

static struct seen parse(const char *text)
{
	struct seen seen = {0};

	mmtests_parse_log(text, strlen(text), see, &seen);
	return seen;
}

static void reads_a_result(void **state)
{
	struct seen s =
		parse("   0    2   1     0.02s     0.12s     0.14s  461882.176 463837.239\n");

	(void)state;
	assert_int_equal(s.lines, 1);
	assert_int_equal(s.last, 1);
	assert_float_equal(s.fields[LOG_USER], 0.02, 0);
	assert_float_equal(s.fields[LOG_SYSTEM], 0.12, 0);
	assert_float_equal(s.fields[LOG_WALL], 0.14, 0);
	assert_float_equal(s.fields[LOG_FAULTS_CPU], 461882.176, 0);
	assert_float_equal(s.fields[LOG_FAULTS_SEC], 463837.239, 0);
}

static void skips_lines_with_letters(void **state)
{
	(void)state;
	assert_int_equal(parse("  Gb  Thr CLine   User\n").lines, 0);
	assert_int_equal(parse(" 0 1 1 0.00s 0.00s 0.00s inf 147645.061\n").lines, 0);
	assert_int_equal(parse(" 0 1 1 1e5 0.00s\n").lines, 0);
	assert_int_equal(parse("").lines, 0);
}

static void uses_up_numbers(void **state)
{
	struct seen s = parse("\n-----\n 0 1 1 0.01s 0.13s\n 0 1 1 0 0 0 5 6");

	(void)state;
	assert_int_equal(s.lines, 4);
	assert_int_equal(s.last, 4);
	assert_float_equal(s.fields[LOG_FAULTS_SEC], 6, 0);
	s = parse(" 0 1 1 0.01s 0.13s\r\n");
	assert_float_equal(s.fields[LOG_SYSTEM], 0.13, 0);
	assert_true(isnan(s.fields[LOG_WALL]));
	s = parse(" 0 1 1 1,000 +.5 5. -2 - 7 8\n");
	assert_true(isnan(s.fields[LOG_USER]));
	assert_float_equal(s.fields[LOG_SYSTEM], 0.5, 0);
	assert_float_equal(s.fields[LOG_WALL], 5, 0);
	assert_float_equal(s.fields[LOG_FAULTS_CPU], -2, 0);
	assert_true(isnan(s.fields[LOG_FAULTS_SEC]));
}

/* Without the leading blank every field moves by one, as in mmtests. */
static void shifts_without_blank(void **state)
{
	struct seen s = parse("0 1 1 0.01s 0.13s 0.14s 5 6\n");

	(void)state;
	assert_float_equal(s.fields[LOG_USER], 0.13, 0);
	assert_float_equal(s.fields[LOG_FAULTS_CPU], 6, 0);
	assert_true(isnan(s.fields[LOG_FAULTS_SEC]));
}

static void splits_names(void **state)
{
	static const char *const cases[][3] = {
		{"6.18-rc1-x", "6.18-rc1", "x"},
		{"6.18-rc10-x", "6.18-rc1", "-x"},
		{"6.18.0-rc1", "6.18.0-rc1", ""},
		{"6.18-wi-rc1x", "6.18-wi-", "c1x"},
		{"rc1-x", "rc1", "x"},
		{"a-b-rc3", "a", "b-rc3"},
		{"vanilla", "vanill", "vanilla"},
		{"-", "", ""},
		{"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *head[2];

		name_split(cases[i][0], head);
		assert_string_equal(head[0], cases[i][1]);
		assert_string_equal(head[1], cases[i][2]);
		free(head[0]);
		free(head[1]);
	}
}

static void orders_clients(void **state)
{
	(void)state;
	assert_true(clients_compare("8", "12") < 0);
	assert_true(clients_compare("1.5", "1") > 0);
	assert_true(clients_compare("x", "1") < 0);
	assert_true(clients_compare("08", "8") < 0);
	assert_int_equal(clients_compare("8", "8"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_result),  cmocka_unit_test(skips_lines_with_letters),
		cmocka_unit_test(uses_up_numbers), cmocka_unit_test(shifts_without_blank),
		cmocka_unit_test(splits_names),	   cmocka_unit_test(orders_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
