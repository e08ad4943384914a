/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where pin plans put workers, on machines of one to 512 CPUs. */
#include "common/pin_plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEED_MACHINE "pack:2 [numa] core:14 pu:2"

/* The CPUs of @n workers as a folded list, which the caller frees. */
static char *place(const char *machine, const char *pin, unsigned n)
{
	struct topology topology;
	struct pin_plan plan;
	struct why why = WHY_INIT;
	unsigned *cpus = calloc(n, sizeof(*cpus));
	char *text = NULL;

	assert_int_equal(topology_init(&topology, machine, &why), 0);
	if (!pin_plan_parse(&plan, pin, &why)) {
		if (!pin_plan_cpus(&plan, &topology, n, cpus, &why))
			text = id_list_format(cpus, n);
		pin_plan_release(&plan);
	}
	if (!text)
		text = strdup(why.text);
	topology_release(&topology);
	free(cpus);
	return text;
}

static void expect(const char *machine, const char *pin, unsigned n, const char *list)
{
	char *text = place(machine, pin, n);

	assert_string_equal(text, list);
	free(text);
}

static void test_compact(void **state)
{
	(void)state;
	expect(SEED_MACHINE, "compact", 1, "0");
	expect(SEED_MACHINE, "compact", 4, "0,2,4,6");
	expect(SEED_MACHINE, "compact", 15, "0,2,4,6,8,10,12,14,16,18,20,22,24,26,1");
	expect(SEED_MACHINE, "compact", 30,
	       "0,2,4,6,8,10,12,14,16,18,20,22,24,26,1,3,5,7,9,11,13,15,17,19,21,23,25,27-28,30");
	expect("pack:2 [numa] core:2 pu:1", "compact", 6, "0-3,0-1"); /* starts again */
}

static void test_spread(void **state)
{
	(void)state;
	expect(SEED_MACHINE, "spread", 7, "0,28,2,30,4,32,6");
	expect("pack:2 [numa] core:2 pu:2", "spread", 9, "0,4,2,6,1,5,3,7,0");
	expect("pack:8 [numa] core:32 pu:2", "spread", 9, "0,64,128,192,256,320,384,448,2");
}

static void test_cores(void **state)
{
	(void)state;
	expect("pack:2 [numa] core:2 pu:2", "cores", 9, "0,2,4,6,1,3,5,7,0");
	expect(SEED_MACHINE, "cores", 30,
	       "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,"
	       "1,3");
}

static void test_lists(void **state)
{
	(void)state;
	expect(SEED_MACHINE, "node:1", 3, "28,30,32");
	expect("pack:2 [numa] core:2 pu:1", "node:1,0", 4, "2-3,0-1");
	expect("pack:2 [numa] core:2 pu:1", "node:0", 5, "0-1,0-1,0");
	expect(SEED_MACHINE, "cpus:5,3,5", 5, "5,3,5,5,3");
	expect(SEED_MACHINE, "cpus:0-3", 4, "0-3");
}

static void test_odd_machines(void **state)
{
	(void)state;
	expect("pu:1", "compact", 3, "0,0,0");
	expect("pu:1", "spread", 3, "0,0,0");
	expect("pack:2 [numa] [numa] core:2 pu:1", "spread", 4, "0,2,1,3");
	expect("pack:2 [numa] [numa] core:2 pu:1", "compact", 4, "0-3");
	expect("core:4 pu:1", "spread", 4, "0-3");
}

static int by_number(const void *a, const void *b)
{
	const unsigned *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Every plan without a list uses every CPU once before it uses any twice. */
static void test_each_cpu_once(void **state)
{
	static const char *const machines[] = {
		SEED_MACHINE,
		"pack:8 [numa] core:32 pu:2",
		"pack:4 [numa] core:32 pu:1",
		"pack:2 [numa] core:3 pu:3",
		"pack:1 [numa] [numa] core:8 pu:2",
		"pu:7",
	};
	static const char *const plans[] = {"compact", "spread", "cores"};

	(void)state;
	for (size_t m = 0; m < sizeof(machines) / sizeof(machines[0]); m++) {
		for (size_t p = 0; p < 3; p++) {
			struct topology topology;
			struct pin_plan plan;
			unsigned cpus[512];

			assert_int_equal(topology_init(&topology, machines[m], NULL), 0);
			assert_int_equal(pin_plan_parse(&plan, plans[p], NULL), 0);
			assert_int_equal(
				pin_plan_cpus(&plan, &topology, topology.nr_cpus, cpus, NULL), 0);
			qsort(cpus, topology.nr_cpus, sizeof(*cpus), by_number);
			for (unsigned i = 0; i < topology.nr_cpus; i++)
				assert_int_equal(cpus[i], i);
			topology_release(&topology);
		}
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *pin, *text;
	} cases[] = {
		{"", "no such pin plan, with ''"},
		{"comp", "no such pin plan, with 'comp'"},
		{"compact:", "no such pin plan, with 'compact:'"},
		{"node", "no such pin plan, with 'node'"},
		{"node:", "bad pin plan 'node:'"},
		{"node:LIST", "bad pin plan 'node:LIST'"},
		{"cpus:1-", "bad pin plan 'cpus:1-'"},
		{"node:2", "no such node here, with '2'; there are 0-1"},
		{"node:1,1", "node named twice, with '1'"},
		{"cpus:0,56", "no such CPU here, or not one to use, with '56'; there are 0-55"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = place(SEED_MACHINE, cases[i].pin, 2);

		if (strncmp(text, cases[i].text, strlen(cases[i].text)))
			fail_msg("'%s' says '%s'", cases[i].pin, text);
		free(text);
	}
	expect("pack:1 [numa] [numa] core:2 pu:1", "node:1", 1,
	       "a node without any CPU to use, with '1'");
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_pin_kinds; i++) {
		struct pin_plan plan;
		char text[32];
		char *list;

		assert_non_null(pin_kind_names[i].summary);
		strncpy(text, pin_kind_names[i].name, sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		list = strstr(text, "LIST");
		if (list)
			memcpy(list, "0-3", 4);
		assert_int_equal(pin_plan_parse(&plan, text, NULL), 0);
		assert_int_equal(plan.kind, i);
		assert_int_equal(plan.list.nr, list ? 4 : 0);
		pin_plan_release(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compact),	     cmocka_unit_test(test_spread),
		cmocka_unit_test(test_cores),	     cmocka_unit_test(test_lists),
		cmocka_unit_test(test_odd_machines), cmocka_unit_test(test_each_cpu_once),
		cmocka_unit_test(test_refusals),     cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
