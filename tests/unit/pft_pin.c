/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU affinity: masks with holes, plans by list, and coming back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <sched.h>

#include "pft/pin.h"

static struct id_list all; /* what this test may use from the start */

static int set_up(void **state)
{
	(void)state;
	return pin_allowed(&all, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	pin_release(&all, NULL);
	id_list_release(&all);
	return 0;
}

static void test_a_mask_of_the_last_cpu_alone(void **state)
{
	unsigned last = all.ids[all.nr - 1];
	struct id_list seen;

	(void)state;
	assert_int_equal(pin_self(last, NULL), 0);
	assert_int_equal(sched_getcpu(), last);
	assert_int_equal(pin_allowed(&seen, NULL), 0);
	assert_int_equal(seen.nr, 1);
	assert_int_equal(seen.ids[0], last);
	id_list_release(&seen);
	assert_int_equal(pin_release(&all, NULL), 0);
	assert_int_equal(pin_allowed(&seen, NULL), 0);
	assert_int_equal(seen.nr, all.nr);
	id_list_release(&seen);
}

static void test_a_cpu_that_is_not_there(void **state)
{
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(pin_self(60000, &why), -EINVAL);
	assert_string_equal(why.text, "cannot bind to CPU 60000: Invalid argument");
}

static void test_listed_cpus_repeat(void **state)
{
	unsigned ids[2] = {all.ids[all.nr - 1], all.ids[0]};
	struct pin_plan plan = {.kind = PIN_CPUS, .list = {ids, 2}};
	int cpus[5];

	(void)state;
	assert_int_equal(pin_workers(&plan, 5, cpus, NULL), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(cpus[i], ids[i % 2]);
	ids[1] = 60000;
	assert_int_equal(pin_workers(&plan, 1, cpus, NULL), 0);
	assert_int_equal(pin_workers(&plan, 2, cpus, NULL), -EINVAL);
}

static void test_no_plan_gives_no_cpu(void **state)
{
	struct pin_plan plan = {.kind = PIN_NONE};
	int cpus[2] = {5, 5};

	(void)state;
	assert_int_equal(pin_workers(&plan, 2, cpus, NULL), 0);
	assert_int_equal(cpus[0], -1);
	assert_int_equal(cpus[1], -1);
}

static void test_a_plan_of_the_topology(void **state)
{
	struct pin_plan plan = {.kind = PIN_COMPACT};
	int cpus[3];

	(void)state;
	assert_int_equal(pin_workers(&plan, 3, cpus, NULL), 0);
	for (int i = 0; i < 3; i++)
		assert_true(cpus[i] >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mask_of_the_last_cpu_alone),
		cmocka_unit_test(test_a_cpu_that_is_not_there),
		cmocka_unit_test(test_listed_cpus_repeat),
		cmocka_unit_test(test_no_plan_gives_no_cpu),
		cmocka_unit_test(test_a_plan_of_the_topology),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
