/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shell's arithmetic: values as bash computes them, and errors where bash shrugs. */
#include "harness/expr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *find(void *arg, const char *name, size_t len)
{
	static const struct {
		const char *name, *text;
	} names[] = {
		{"CPUS", "56"}, {"MEM", " 8589934592 "}, {"MINUS", "-3"}, {"HEX", "0x10"},
		{"WORDS", "2*3"}, {"EMPTY", ""}, {"HUGE", "99999999999999999999"},
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len && !memcmp(names[i].name, name, len))
			return names[i].text;
	return NULL;
}

static const struct expr_names names = {.find = find};

static void is(const char *text, int64_t expected)
{
	struct why why = WHY_INIT;
	int64_t value = 0;

	if (expr_eval(text, strlen(text), &names, &value, &why))
		fail_msg("'%s': %s", text, why.text);
	if (value != expected)
		fail_msg("'%s' is %lld, not %lld", text, (long long)value, (long long)expected);
}

static void refuse(const char *text, const char *reason)
{
	struct why why = WHY_INIT;
	int64_t value;

	if (!expr_eval(text, strlen(text), &names, &value, &why))
		fail_msg("'%s' is %lld", text, (long long)value);
	if (!strstr(why.text, reason))
		fail_msg("'%s' says '%s', not '%s'", text, why.text, reason);
}

static void test_numbers(void **state)
{
	(void)state;
	is("0", 0);
	is(" 42 ", 42);
	is("0x1F", 31);
	is("0Xff", 255);
	is("017", 15);
	is("9223372036854775807", INT64_MAX);
	refuse("9223372036854775808", "overflows");
	refuse("0x8000000000000000", "overflows");
	refuse("08", "bad digit, with '8'");
	refuse("1a", "bad digit, with 'a'");
	refuse("0x", "a number without digits");
	refuse("0xg", "bad digit, with 'g'");
}

static void test_operators(void **state)
{
	(void)state;
	is("7+3", 10);
	is("7-10", -3);
	is("6*7", 42);
	is("7/2", 3);
	is("-7/2", -3);
	is("-7%3", -1);
	is("1<<30", 1 << 30); /* wordexp(3) says 1 */
	is("1<<62", 1LL << 62);
	is("-8>>1", -4);
	is("12&10", 8);
	is("12|3", 15);
	is("12^10", 6);
	is("~0", -1);
	is("!5", 0);
	is("!0", 1);
	is("- -3", 3);
	is("+3", 3);
	is("3<4", 1);
	is("4<=3", 0);
	is("3>4", 0);
	is("4>=4", 1);
	is("4==4", 1);
	is("4!=4", 0);
	is("2&&3", 1);
	is("0||0", 0);
	is("1?2:3", 2);
	is("0?2:3", 3);
}

static void test_precedence(void **state)
{
	(void)state;
	is("2+3*4", 14);
	is("(2+3)*4", 20);
	is("100/10/5", 2);
	is("10-4-3", 3);
	is("1+2<<3", 24);
	is("1<<2<3", 0);
	is("1<2==1", 1);
	is("6&3==3", 0);
	is("1|6&4", 5);
	is("1|2^2", 1);
	is("0&&0||1", 1);
	is("1||0&&0", 1);
	is("-1<<2", -4);
	is("!1+1", 1);
	is("0?1:0?2:3", 3);
	is("1?0?4:5:6", 5);
	is("1+1?2:3", 2);
	is("2*(3+(4-1))", 12);
}

static void test_names(void **state)
{
	(void)state;
	is("CPUS", 56);
	is("CPUS/2+1", 29);
	is("MEM/5", 1717986918);
	is("MINUS*2", -6);
	is("HEX", 16);
	refuse("NOPE", "'NOPE' is not set");
	refuse("CPUS+NOPE*2", "'NOPE' is not set");
	refuse("WORDS", "'WORDS' is not a whole number, but '2*3'");
	refuse("EMPTY", "'EMPTY' is not a whole number, but ''");
	refuse("HUGE", "'HUGE' is not a whole number");
}

static void test_errors(void **state)
{
	(void)state;
	refuse("", "ends too early");
	refuse("1+", "ends too early");
	refuse("(1", "ends too early");
	refuse("1)", "not arithmetic, with ')'");
	refuse("1 2", "not arithmetic, with '2'");
	refuse("1?2", "ends too early");
	refuse("1,2", "not arithmetic, with ',2'");
	refuse("2**3", "not arithmetic, with '*3'");
	refuse("A=1", "'A' is not set");
	refuse("CPUS=1", "arithmetic cannot assign, with '=1'");
	refuse("CPUS+=1", "arithmetic cannot assign, with '=1'");
	refuse("CPUS++", "ends too early");
	refuse("\"1\"", "not arithmetic");
	refuse("1/0", "division by zero");
	refuse("1%0", "division by zero");
	refuse("1<<64", "a shift by 64 bits");
	refuse("1>>-1", "a shift by -1 bits");
	refuse("1<<63", "overflows");
	refuse("3<<62", "overflows");
	refuse("9223372036854775807+1", "overflows");
	refuse("-9223372036854775807-2", "overflows");
	refuse("9223372036854775807*2", "overflows");
	refuse("(-9223372036854775807-1)/-1", "overflows");
	refuse("(-9223372036854775807-1)%-1", "overflows");
	refuse("-(-9223372036854775807-1)", "overflows");
}

/* What is not evaluated cannot fail, but must be arithmetic. */
static void test_lazy(void **state)
{
	(void)state;
	is("0 && 1/0", 0);
	is("1 || NOPE", 1);
	is("1 ? 2 : 1/0", 2);
	is("0 ? NOPE : 3", 3);
	is("0 && (1 ? 1/0 : 1<<99)", 0);
	is("0 && -(-9223372036854775807-1)", 0);
	is("CPUS ? 100/CPUS : 0", 1);
	refuse("0 && (1", "ends too early");
	refuse("1 || 2 3", "not arithmetic, with '3'");
	refuse("1 && 1/0", "division by zero");
	refuse("0 || NOPE", "'NOPE' is not set");
}

static void deep(const char *unit, const char *core, size_t times, const char *reason)
{
	char text[4096];
	size_t len = 0;

	for (size_t i = 0; i < times; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s", unit);
	snprintf(text + len, sizeof(text) - len, "%s", core);
	refuse(text, reason);
}

static void test_depth(void **state)
{
	(void)state;
	is("((((((((((((((((((((1))))))))))))))))))))", 1);
	deep("(", "1", 1000, "nested more than 100 deep");
	deep("-", "1", 1000, "nested more than 100 deep");
	deep("!~", "1", 500, "nested more than 100 deep");
	deep("1?", "1", 1000, "nested more than 100 deep");
	deep("0?1:", "1", 900, "nested more than 100 deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),	   cmocka_unit_test(test_operators),
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_names),
		cmocka_unit_test(test_errors),	   cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
