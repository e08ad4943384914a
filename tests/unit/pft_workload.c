/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conformance of the table of workloads; tests/cli/pft_workloads.sh runs each of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "pft/workload.h"

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_workloads; i++) {
		const char *name = workloads[i]->name;

		assert_true(*name &&
			    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name));
		assert_ptr_equal(workload_find(name), workloads[i]); /* so no name is there twice */
		assert_true(strlen(workloads[i]->summary) > 10);
	}
	assert_null(workload_find("no-such"));
	assert_string_equal(workloads[0]->name, "null");
	assert_non_null(workload_find("anon"));
}

static void test_ops(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_workloads; i++) {
		const struct workload *w = workloads[i];

		assert_non_null(w->unit);
		assert_non_null(w->setup);
		assert_non_null(w->thread_setup);
		assert_non_null(w->pass);
		assert_non_null(w->thread_teardown);
		assert_non_null(w->teardown);
	}
}

static void test_unavailable_says_why(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_workloads; i++) {
		struct why why = WHY_INIT;
		int err = workload_available(workloads[i], &why);

		assert_true(err <= 0);
		assert_int_equal(!err, !why.text[0]);
		assert_false(workloads[i]->unavailable && !err);
	}
}

static void test_params_are_complete(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_workloads; i++) {
		for (const struct workload_param *p = workloads[i]->params; p && p->name; p++) {
			assert_non_null(p->value);
			assert_non_null(p->summary);
		}
	}
}

static void test_worker_is_alone_on_its_lines(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct worker) % 128, 0);
	assert_int_equal(_Alignof(struct worker), 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ops),
		cmocka_unit_test(test_unavailable_says_why),
		cmocka_unit_test(test_params_are_complete),
		cmocka_unit_test(test_worker_is_alone_on_its_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
