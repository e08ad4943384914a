/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selecting variants into columns, and what a comparison says of numbers that do not exist. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/compare.h"
#include "common/xalloc.h"

/* A run of variants workload x pin, at 1 and 4 clients, with @nr samples of @rate each. */
static void make_run(struct run *run, enum run_kind kind, size_t nr, double rate)
{
	static const char *const workloads[] = {"anon", "shmem"}, *const pins[] = {"compact",
										   "spread"};

	run_init(run, "run-x", "run-x", kind);
	for (size_t w = 0; w < 2; w++)
		for (size_t p = 0; p < 2; p++) {
			char *name = xasprintf("%s-%s", workloads[w], pins[p]);
			unsigned v = run_variant(run, name);

			run->variants[v].dims[DIM_WORKLOAD] = xstrdup(workloads[w]);
			run->variants[v].dims[DIM_PIN] = xstrdup(pins[p]);
			for (size_t i = 0; i < nr; i++) {
				series_add(run_series(run, v, "4", "faults/cpu"), rate + i, 0,
					   i + 1);
				series_add(run_series(run, v, "1", "faults/cpu"), rate + i, 0,
					   i + 1);
			}
			free(name);
		}
	run_sort_clients(run);
}

static void compare(struct comparison *c, struct run *const *runs, size_t nr,
		    const struct report *report, const struct selection *s, struct notes *notes)
{
	const struct compare_options options = {.selection = *s, .as_mmtests = true};
	struct why why = WHY_INIT;

	if (comparison_init(c, runs, nr, report, &options, notes, &why))
		fail_msg("%s", why.text);
}

static void variants_are_rows(void **state)
{
	const struct selection all = {.by = BY_RUN};
	struct notes notes = {0};
	struct report report;
	struct comparison c;
	struct run run, *runs[] = {&run};

	(void)state;
	make_run(&run, RUN_OWN, 3, 100);
	report_init(&report, false);
	compare(&c, runs, 1, &report, &all, &notes);
	assert_int_equal(c.columns.nr, 1);
	assert_int_equal(c.nr_rows, 8);
	assert_string_equal(c.rows[0].name, "faults/cpu-1 anon-compact");
	assert_string_equal(c.rows[1].name, "faults/cpu-4 anon-compact");
	assert_string_equal(c.rows[7].name, "faults/cpu-4 shmem-spread");
	comparison_release(&c);
	report_release(&report);
	notes_release(&notes);
	run_release(&run);
}

static void by_makes_columns(void **state)
{
	struct selection s = {.by = BY_RUN};
	struct notes notes = {0};
	struct report report;
	struct comparison c;
	struct run run, *runs[] = {&run};

	(void)state;
	make_run(&run, RUN_OWN, 3, 100);
	report_init(&report, false);
	assert_int_equal(selection_by(&s, "pin", NULL), 0);
	assert_int_equal(selection_only(&s, "clients=4", NULL), 0);
	compare(&c, runs, 1, &report, &s, &notes);
	assert_int_equal(c.columns.nr, 2);
	assert_string_equal(c.columns.columns[1].head[1], "spread");
	assert_int_equal(c.nr_rows, 2);
	assert_string_equal(c.rows[1].name, "faults/cpu-4 shmem");
	comparison_release(&c);

	assert_int_equal(selection_only(&s, "workload=shmem,workload=none", NULL), 0);
	compare(&c, runs, 1, &report, &s, &notes);
	assert_int_equal(c.nr_rows, 1);
	assert_string_equal(c.rows[0].name, "faults/cpu-4");
	comparison_release(&c);
	selection_release(&s);
	report_release(&report);
	notes_release(&notes);
	run_release(&run);
}

/* The message and --help list what there is. */
static void all_keys_are_told(void **state)
{
	struct selection s;

	(void)state;
	for (size_t d = 0; d < NR_DIMENSIONS; d++) {
		const char *at = strstr(SELECTION_KEYS, dimension_names[d]);

		if (!at || !strchr(", ", at[strlen(dimension_names[d])]))
			fail_msg("'%s' is not listed", dimension_names[d]);
		assert_int_equal(selection_by(&s, dimension_names[d], NULL), 0);
		assert_int_equal(s.by, d);
	}
}

static void refuses_selections(void **state)
{
	struct selection s = {.by = BY_RUN};
	struct columns columns;
	struct why why = WHY_INIT;
	struct run run, *runs[] = {&run};

	(void)state;
	assert_int_equal(selection_by(&s, "colour", &why), -EINVAL);
	assert_int_equal(selection_by(&s, "clients", &why), -EINVAL);
	assert_int_equal(selection_only(&s, "pin", &why), -EINVAL);
	assert_int_equal(selection_only(&s, "pin=", &why), -EINVAL);
	assert_int_equal(selection_only(&s, "colour=red", &why), -EINVAL);
	/* Variants that differ in nothing that plan.tsv names fall together. */
	make_run(&run, RUN_OWN, 1, 100);
	free(run.variants[1].dims[DIM_PIN]);
	run.variants[1].dims[DIM_PIN] = xstrdup("compact");
	assert_int_equal(selection_by(&s, "pin", &why), 0);
	assert_int_equal(columns_init(&columns, runs, 1, &s, &why), -EINVAL);
	assert_non_null(strstr(why.text, "'anon-compact' and 'anon-spread' fall together"));
	selection_release(&s);
	run_release(&run);
}

static void absent_is_not_zero(void **state)
{
	const struct selection all = {.by = BY_RUN};
	struct run old, new, *runs[] = {&old, &new};
	struct notes notes = {0};
	struct report report;
	struct comparison c;

	(void)state;
	make_run(&old, RUN_OWN, 3, 100);
	make_run(&new, RUN_OWN, 1, 200);
	report_init(&report, false);
	compare(&c, runs, 2, &report, &all, &notes);
	assert_false(c.zeros);
	assert_true(isnan(c.rows[0].cells[1].sum.value[STAT_STDDEV]));
	assert_true(isnan(c.rows[0].cells[1].change[STAT_STDDEV]));
	assert_true(isnan(c.rows[0].cells[1].distance));
	assert_false(c.rows[0].cells[1].significant);
	assert_string_equal(c.rows[0].cells[1].absent, "one sample: no deviation");
	assert_int_equal(notes.nr, 1);
	comparison_release(&c);
	report_release(&report);
	notes_release(&notes);
	run_release(&old);
	run_release(&new);
}

/* For logs of mmtests zeros stand for it, but only where mmtests prints a table at all. */
static void zeros_as_in_mmtests(void **state)
{
	const struct selection all = {.by = BY_RUN};
	struct run old, new, *runs[] = {&old, &new};
	struct notes notes = {0};
	struct report report;
	struct comparison c;

	(void)state;
	make_run(&old, RUN_MMTESTS, 3, 100);
	make_run(&new, RUN_MMTESTS, 1, 200);
	report_init(&report, false);
	compare(&c, runs, 2, &report, &all, &notes);
	assert_true(c.zeros);
	assert_float_equal(c.rows[0].cells[1].change[STAT_STDDEV], 0, 0);
	comparison_release(&c);
	series_add(run_series(&new, 0, "1", "faults/cpu"), 201, 0, 2);
	compare(&c, runs, 2, &report, &all, &notes);
	assert_false(c.zeros);
	assert_true(c.rows[0].cells[1].significant);
	comparison_release(&c);
	report_release(&report);
	notes_release(&notes);
	run_release(&old);
	run_release(&new);
}

static void metrics_by_any_name(void **state)
{
	struct run run, *runs[] = {&run};
	struct why why = WHY_INIT;
	struct report report;

	(void)state;
	make_run(&run, RUN_OWN, 1, 1);
	run_series(&run, 0, "1", "system_s");
	run_series(&run, 0, "1", "minor_faults");
	assert_int_equal(report_init_metrics(&report, "sys_s, minor faults ", runs, 1, &why), 0);
	assert_int_equal(report.nr, 2);
	assert_string_equal(report.metrics[0].metric, "system_s");
	assert_int_equal(report.metrics[0].better, BETTER_LOWER);
	assert_string_equal(report.metrics[1].metric, "minor_faults");
	assert_int_equal(report.metrics[1].better, BETTER_UNKNOWN);
	report_release(&report);
	assert_int_equal(report_init_metrics(&report, "user_s", runs, 1, &why), -EINVAL);
	assert_string_equal(why.text,
			    "no run has the metric 'user_s'; there is faults/cpu, system_s, "
			    "minor_faults");
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variants_are_rows),   cmocka_unit_test(by_makes_columns),
		cmocka_unit_test(refuses_selections),  cmocka_unit_test(absent_is_not_zero),
		cmocka_unit_test(zeros_as_in_mmtests), cmocka_unit_test(metrics_by_any_name),
		cmocka_unit_test(all_keys_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
