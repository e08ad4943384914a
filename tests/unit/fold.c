/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void is(const unsigned *ids, size_t nr, const char *expected)
{
	char *text = fold_list(ids, nr);

	assert_string_equal(text, expected);
	free(text);
}

#define IS(expected, ...) \
	is((const unsigned[]){__VA_ARGS__}, sizeof((unsigned[]){__VA_ARGS__}) / sizeof(unsigned), \
	   expected)

static void test_fold(void **state)
{
	(void)state;
	is(NULL, 0, "-");
	IS("7", 7);
	IS("0-1", 0, 1);
	IS("0-3", 0, 1, 2, 3);
	IS("1,3", 1, 3);
	IS("0-4:2", 0, 2, 4);
	IS("0-4:2,1-5:2", 0, 2, 4, 1, 3, 5);
	IS("3,2,1", 3, 2, 1);
	IS("5,5,5", 5, 5, 5);
	IS("0,28,2,30", 0, 28, 2, 30);
	IS("0-1,0-1,0", 0, 1, 0, 1, 0);
	IS("4294967294-4294967295,0", 4294967294u, 4294967295u, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fold)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
