/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/run_tables.h"
#include "harness/mmtests.h"
#include "harness/result.h"
#include "tests/unit/tree.h"

static char a[] = "a", b[] = "b", none[] = "none", preset[] = "default", base[] = "base",
	    empty[] = "";
static struct plan_cell cells[] = {
	{.variant = a,
	 .workload = a,
	 .pin = none,
	 .mem = preset,
	 .pagesize = base,
	 .clients = 1,
	 .bytes = 4096,
	 .extra = empty},
	{.variant = a,
	 .workload = a,
	 .pin = none,
	 .mem = preset,
	 .pagesize = base,
	 .clients = 12,
	 .bytes = 4096,
	 .extra = empty},
	{.variant = b,
	 .workload = b,
	 .pin = none,
	 .mem = preset,
	 .pagesize = base,
	 .clients = 1,
	 .bytes = 4096,
	 .extra = empty},
};
/* random order: iterations of a cell need not rise */
static struct plan_step steps[] = {{1, 0}, {0, 0}, {2, 0}, {2, 1}, {0, 1}, {1, 1}};
static struct plan plan = {
	.cells = cells, .nr_cells = 3, .steps = steps, .nr_steps = 6, .iterations = 2};
static struct meta meta;

/* The records of one step; closing is "done", "failed" or NULL. */
static void append(struct result *r, size_t step, const char *closing)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	result_write_step(out, &plan, step);
	fprintf(out, "classic\tall\ttext\t   line %zu\tok\n", step);
	result_write_step(out, &plan, step);
	fprintf(out, "time_started\tall\ts\t%zu.4\tok\n", 100 + step);
	result_write_step(out, &plan, step);
	fprintf(out, "time_user_s\tall\ts\t0.25\tok\n");
	result_write_step(out, &plan, step);
	fprintf(out, "time_elapsed_s\tall\ts\t1.5\tok\n");
	if (closing) {
		result_write_step(out, &plan, step);
		fprintf(out, "step\tall\ttext\t%s\tok\n", closing);
	}
	fclose(out);
	assert_int_equal(result_append(r, text, len, NULL), 0);
	free(text);
}

static off_t size_of(const struct result *r)
{
	return lseek(r->samples_fd, 0, SEEK_END);
}

static void names(void **state)
{
	static const char *const good[] = {"a", "6.18.1-vanilla", "A_b.c", "0"};
	static const char *const bad[] = {"",	 ".",	"..",  ".a",   "-a",
					  "a b", "a/b", "a\n", "a\tb", "\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(run_name_check(good[i], NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(run_name_check(bad[i], NULL), -EINVAL);
}

static void only_whole_steps_survive(void **state)
{
	char *root = tree_make();
	struct result_progress p;
	struct result r;
	off_t whole;

	(void)state;
	assert_int_equal(result_create(&r, root, "run", &plan, &meta, NULL), 0);
	append(&r, 0, "done");
	append(&r, 1, "failed");
	whole = size_of(&r);
	append(&r, 2, NULL);
	assert_true(size_of(&r) > whole);
	assert_int_equal(result_recover(&r, &plan, &p, NULL), 0);
	assert_int_equal(size_of(&r), whole);
	assert_int_equal(p.nr_done, 2);
	assert_int_equal(p.nr_failed, 1);
	assert_true(p.done[0] && p.done[1] && !p.done[2]);
	assert_true(p.dropped > 0);
	free(p.done);
	assert_int_equal(result_append(&r, "2\ta\t", 4, NULL), 0);
	assert_int_equal(result_recover(&r, &plan, &p, NULL), 0);
	assert_int_equal(p.dropped, 4);
	assert_int_equal(size_of(&r), whole);
	free(p.done);
	result_release(&r);
	tree_remove(root);
}

static void samples_of_another_plan_are_refused(void **state)
{
	static const char *const bad[] = {
		"6\ta\t1\t0\tstep\tall\ttext\tdone\tok\n", /* no such step */
		"0\tb\t12\t0\tstep\tall\ttext\tdone\tok\n", /* another variant */
		"0\ta\t1\t0\tstep\tall\ttext\tdone\tok\n", /* another client count */
		"0\ta\t12\t1\tstep\tall\ttext\tdone\tok\n", /* another iteration */
		"x\ta\t12\t0\tstep\tall\ttext\tdone\tok\n",
		"0\ta\t12\t0\tstep\tall\ttext\tdone\tok\n0\ta\t12\t0\tstep\tall\ttext\tdone\tok\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *root = tree_make();
		struct result_progress p;
		struct result r;

		assert_int_equal(result_create(&r, root, "run", &plan, &meta, NULL), 0);
		assert_int_equal(result_append(&r, bad[i], strlen(bad[i]), NULL), 0);
		assert_int_equal(result_recover(&r, &plan, &p, NULL), -EINVAL);
		result_release(&r);
		tree_remove(root);
	}
}

static void a_run_is_locked_while_it_is_open(void **state)
{
	char *root = tree_make();
	struct result r, other;

	(void)state;
	assert_int_equal(result_open(&other, root, "run", NULL), -ENOENT);
	assert_int_equal(result_create(&r, root, "run", &plan, &meta, NULL), 0);
	assert_int_equal(result_create(&other, root, "run", &plan, &meta, NULL), -EEXIST);
	assert_int_equal(result_open(&other, root, "run", NULL), -EBUSY);
	result_release(&r);
	assert_int_equal(result_open(&other, root, "run", NULL), 0);
	result_release(&other);
	tree_remove(root);
}

static char *read_file(const char *root, const char *file)
{
	char *path = xasprintf("%s/%s", root, file), *text = NULL;
	FILE *in = fopen(path, "re");
	size_t size = 0;

	if (!in)
		fail_msg("no %s", path);
	else if (getdelim(&text, &size, '\0', in) < 0)
		text = xstrdup("");
	if (in)
		fclose(in);
	free(path);
	return text;
}

static void check_file(const char *root, const char *file, const char *want)
{
	char *text = read_file(root, file);

	assert_string_equal(text, want);
	free(text);
}

static void samples_become_an_mmtests_run_per_variant(void **state)
{
	char *root = tree_make(), *samples = xasprintf("%s/run/samples.tsv", root);
	char *dir = xasprintf("%s/run", root);
	struct records records;
	struct result r;

	(void)state;
	assert_int_equal(result_create(&r, root, "run", &plan, &meta, NULL), 0);
	for (size_t i = 0; i < 6; i++)
		append(&r, i, i == 3 ? "failed" : "done");
	assert_int_equal(records_read(&records, &plan, samples, NULL), 0);
	assert_int_equal(mmtests_write(dir, &plan, &records, NULL), 0);
	check_file(dir, "a/iter-0/pft/logs/pft-1.log", "   line 1\n   line 4\n");
	check_file(dir, "a/iter-0/pft/logs/pft-12.log", "   line 0\n   line 5\n");
	check_file(dir, "a/iter-0/pft/logs/commands.log",
		   "./pft -m 4096 -t 1 --workload a\n./pft -m 4096 -t 12 --workload a\n");
	check_file(dir, "a/iter-0/tests-timestamp",
		   "start :: 100\ntest begin :: pft 100\ntest end :: pft 107 0\n"
		   "time :: pft 1.00 user 0.00 system 6.00 elapsed\nfinish :: 107\n");
	check_file(dir, "a/iter-0/tests-activity",
		   "100 run-mmtests: Start\n100 run-mmtests: Iteration 1 start\n"
		   "100 run-mmtests: test start :: pft 100\n100 pft-bench: nr_threads 12\n"
		   "101 pft-bench: nr_threads 1\n105 pft-bench: nr_threads 12\n"
		   "107 run-mmtests: test end :: pft 107 0\n107 run-mmtests: Iteration 1 end\n"
		   "107 run-mmtests: End\n");
	check_file(
		dir, "b/mmtests-activity",
		"102 run-mmtests: Start\n102 run-mmtests: Iteration 1 start\n"
		"102 run-mmtests: test start :: pft 102\n105 run-mmtests: test end :: pft 105 1\n"
		"105 run-mmtests: Iteration 1 end\n105 run-mmtests: End\n105 status :: 1\n");
	records_release(&records);
	result_release(&r);
	free(dir);
	free(samples);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(only_whole_steps_survive),
		cmocka_unit_test(samples_of_another_plan_are_refused),
		cmocka_unit_test(a_run_is_locked_while_it_is_open),
		cmocka_unit_test(samples_become_an_mmtests_run_per_variant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
