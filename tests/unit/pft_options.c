/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of pft: sizes, counts, overrides, and what excludes what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pft/options.h"
#include "pft/workload.h"

static struct invocation inv;
static struct why why;

/* Parse the words of @line, which are separated by single blanks. */
static int parse(const char *line)
{
	char *copy = strdup(line), *save = copy, *word, *argv[32] = {(char *)"pft"};
	int argc = 1, err;

	while ((word = strsep(&copy, " ")))
		if (argc < 31 && *line)
			argv[argc++] = word;
	argv[argc] = NULL;
	why.text[0] = 0;
	options_release(&inv);
	err = options_parse(&inv, argc, argv, &why);
	free(save);
	return err;
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(inv.action, ACTION_RUN);
	assert_int_equal(inv.settings.bytes, sysconf(_SC_PAGESIZE));
	assert_int_equal(inv.settings.nr_workers, 1);
	assert_int_equal(inv.settings.cachelines, 1);
	assert_false(inv.settings.processes);
	assert_int_equal(inv.settings.pagesize, PAGESIZE_BASE);
	assert_int_equal(inv.settings.pin.kind, PIN_NONE);
	assert_string_equal(inv.settings.workload->name, "anon");
	assert_string_equal(inv.notes, "Using 1 thread\n");
	assert_false(inv.modern);
}

static void test_sizes_are_whole_pages(void **state)
{
	long page = sysconf(_SC_PAGESIZE);

	(void)state;
	assert_int_equal(parse("-t 1 -m 1"), 0);
	assert_int_equal(inv.settings.bytes, page);
	assert_int_equal(parse("-t 1 -m 3p"), 0);
	assert_int_equal(inv.settings.bytes, 3 * page);
	assert_int_equal(parse("-t 1 -m 0x100001"), 0);
	assert_int_equal(inv.settings.bytes, 0x100000 + page);
	assert_int_equal(parse("-t 1 -m 5G"), 0);
	assert_int_equal(inv.settings.bytes, 5ULL << 30);
}

static void test_bogus_sizes(void **state)
{
	static const char *const sizes[] = {"foo", "64Q",	   "1.5G",
					    "-1",  "99999999999G", "9223372036854775807"};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(line, sizeof(line), "-t 1 -m %s", sizes[i]);
		assert_int_equal(parse(line), -EINVAL);
		assert_true(inv.usage_wanted);
		assert_string_equal(why.text, "");
		snprintf(line, sizeof(line), "Bogus size:  -m %s\n", sizes[i]);
		assert_string_equal(inv.notes, line);
	}
	assert_int_equal(parse("-t 1 -m 0"), -EINVAL);
	assert_false(inv.usage_wanted);
}

static void test_threads_and_processes_override_each_other(void **state)
{
	(void)state;
	assert_int_equal(parse("-t 5 -n 3 --oversubscribe"), 0);
	assert_true(inv.settings.processes);
	assert_int_equal(inv.settings.nr_workers, 3);
	assert_int_equal(parse("-n 3 -t 5 --oversubscribe"), 0);
	assert_false(inv.settings.processes);
	assert_int_equal(inv.settings.nr_workers, 5);
	assert_string_equal(inv.notes,
			    "nr_thread overriding nr_proc -- switching to thread mode\n");
	assert_int_equal(parse("-t 1 -t 1"), 0);
	assert_null(inv.notes);
	assert_int_equal(parse("-t -2"), -EINVAL);
	assert_int_equal(parse("-t 65537"), -EINVAL);
}

static void test_clipping(void **state)
{
	(void)state;
	assert_int_equal(parse("-t 60000"), 0);
	assert_true(inv.settings.nr_workers < 60000);
	assert_non_null(strstr(inv.notes, "clipping nr_tests to nr_cpus_allowed ["));
	assert_int_equal(parse("-t 60000 --pin none"), 0);
	assert_int_equal(inv.settings.nr_workers, 60000);
	assert_null(inv.notes);
}

static void test_cachelines(void **state)
{
	(void)state;
	assert_int_equal(parse("-t 1 -c 8"), 0);
	assert_int_equal(inv.settings.cachelines, 8);
	assert_int_equal(parse("-t 1 -c 0"), -EINVAL);
	assert_int_equal(parse("-t 1 -c -3"), -EINVAL);
	assert_int_equal(parse("-t 1 -c 8x"), -EINVAL);
	assert_int_equal(parse("-t 1 -c 1000000"), -EINVAL);
}

static void test_affinity(void **state)
{
	(void)state;
	assert_int_equal(parse("-t 1 -a"), 0);
	assert_int_equal(inv.settings.pin.kind, PIN_CPUS);
	assert_true(inv.settings.pin.list.nr >= 1);
	assert_int_equal(parse("-t 1 -a --pin none"), -EINVAL);
	assert_int_equal(parse("-t 1 --pin cpus:3,1"), 0);
	assert_int_equal(inv.settings.pin.list.nr, 2);
	assert_int_equal(inv.settings.pin.list.ids[0], 3);
	assert_true(inv.modern);
}

static void test_memory_policy(void **state)
{
	(void)state;
	assert_int_equal(parse("-t 1 -p"), 0);
	assert_int_equal(inv.settings.mem.kind, MEM_LOCAL);
	assert_int_equal(parse("-t 1 --mem interleaved"), -EINVAL);
	assert_int_equal(parse("-t 1 --mem bind:"), -EINVAL);
	assert_int_equal(parse("-t 1 --mem bind:1-x"), -EINVAL);
	assert_int_equal(parse("-t 1 --mem default"), 0);
	assert_int_equal(inv.settings.mem.kind, MEM_DEFAULT);
}

static void test_workload_refuses_what_it_does_not_honour(void **state)
{
	(void)state;
	assert_int_equal(parse("-t 1 --workload null"), 0);
	assert_int_equal(parse("-t 1 --workload null -c 2"), -EINVAL);
	assert_non_null(strstr(why.text, "-c"));
	assert_int_equal(parse("-t 1 --file /"), -EINVAL);
	assert_int_equal(parse("-t 1 --param a=b"), -EINVAL);
	assert_int_equal(parse("-t 1 --param =b"), -EINVAL);
	assert_int_equal(parse("-t 1 --param a"), -EINVAL);
}

static void test_actions(void **state)
{
	(void)state;
	assert_int_equal(parse("--list workloads"), 0);
	assert_int_equal(inv.action, ACTION_LIST);
	assert_string_equal(parse("-T a") ? "" : "a", "a");
	assert_true(inv.title);
	assert_int_equal(parse("--version"), 0);
	assert_int_equal(inv.action, ACTION_VERSION);
	assert_int_equal(parse("-h"), 0);
	assert_int_equal(inv.action, ACTION_HELP);
}

static int release(void **state)
{
	(void)state;
	options_release(&inv);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_sizes_are_whole_pages),
		cmocka_unit_test(test_bogus_sizes),
		cmocka_unit_test(test_threads_and_processes_override_each_other),
		cmocka_unit_test(test_clipping),
		cmocka_unit_test(test_cachelines),
		cmocka_unit_test(test_affinity),
		cmocka_unit_test(test_memory_policy),
		cmocka_unit_test(test_workload_refuses_what_it_does_not_honour),
		cmocka_unit_test(test_actions),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
