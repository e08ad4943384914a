/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/units.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void sizes_parse(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"1", 1},	    {"64k", 65536},	 {"64K", 65536},     {"0x10000", 65536},
		{"010000", 4096},   {"100p", 409600},	 {"100P", 409600},   {"1g", 1ULL << 30},
		{"64MB", 64 << 20}, {"64MiB", 64 << 20}, {" 64M", 64 << 20}, {"2T", 2ULL << 40},
		{"0", 0},
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < NR(good); i++) {
		assert_int_equal(size_parse(good[i].text, 4096, &bytes, NULL), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
}

static void sizes_refused(void **state)
{
	static const char *const bad[] = {"",	  "foo",  "-1", "1.5G", "64Q",
					  "64MM", "64k ", "0x", "+5",	"1pB"};
	struct why why = WHY_INIT;
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < NR(bad); i++) {
		assert_int_equal(size_parse(bad[i], 4096, &bytes, &why), -EINVAL);
		assert_non_null(strstr(why.text, "with '"));
	}
	assert_int_equal(size_parse("99999999999999999999", 4096, &bytes, &why), -ERANGE);
	assert_int_equal(size_parse("17179869184G", 4096, &bytes, &why), -ERANGE);
}

static void numbers_keep_their_range(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(number_parse("10", 1, 10, &v, NULL), 0);
	assert_int_equal(v, 10);
	assert_int_equal(number_parse("010", 1, 10, &v, NULL), 0);
	assert_int_equal(v, 10);
	assert_int_equal(number_parse("11", 1, 10, &v, NULL), -ERANGE);
	assert_int_equal(number_parse("0", 1, 10, &v, NULL), -ERANGE);
	assert_int_equal(number_parse("2x", 1, 10, &v, NULL), -EINVAL);
	assert_int_equal(number_parse("-1", 0, 10, &v, NULL), -EINVAL);
}

static void lists_go_there_and_back(void **state)
{
	static const char *const same[] = {"0", "0-3,8", "3,1,0", "5,5", "0-1,4-5,65535"};
	struct id_list list;

	(void)state;
	for (size_t i = 0; i < NR(same); i++) {
		char *text;

		assert_int_equal(id_list_parse(same[i], &list, NULL), 0);
		text = id_list_format(list.ids, list.nr);
		assert_string_equal(text, same[i]);
		free(text);
		id_list_release(&list);
		assert_null(list.ids);
	}
}

static void bad_lists_are_refused(void **state)
{
	static const char *const bad[] = {
		"",   ",",   "1,",    "3-1",  "a",	  "1-",
		"-1", "1 2", "65536", "1--2", "0-65535,0" /* one more than there are */
	};
	struct why why = WHY_INIT;
	struct id_list list;

	(void)state;
	for (size_t i = 0; i < NR(bad); i++) {
		assert_int_equal(id_list_parse(bad[i], &list, &why), -EINVAL);
		assert_null(list.ids);
	}
}

static void people_can_read_it(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(size_format(buf, sizeof(buf), 512ULL << 20), "512 MiB");
	assert_string_equal(size_format(buf, sizeof(buf), 3ULL << 29), "1.5 GiB");
	assert_string_equal(size_format(buf, sizeof(buf), 0), "0 B");
	assert_string_equal(duration_format(buf, sizeof(buf), 4.21), "4.2 s");
	assert_string_equal(duration_format(buf, sizeof(buf), 59.99), "1 min 00 s");
	assert_string_equal(duration_format(buf, sizeof(buf), 200), "3 min 20 s");
	assert_string_equal(duration_format(buf, sizeof(buf), 7500), "2 h 05 min");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_parse),
		cmocka_unit_test(sizes_refused),
		cmocka_unit_test(numbers_keep_their_range),
		cmocka_unit_test(lists_go_there_and_back),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(people_can_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
