/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Predictions beside published figures: signs, errors, ranks; and the file of published figures itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analysis/format/whatif.h"
#include "analysis/prediction.h"
#include "common/xalloc.h"

#define SHIPPED "configs/machines/published.tsv"

/* A run of two designs on machine "m", at 1 and 4 clients. */
static struct run *made_up(const char *prefetch)
{
	static const double values[2][2] = {{100, 300}, {100.5, 270}}; /* by design, by clients */
	static const char *const designs[] = {"a", "b"}, *const clients[] = {"1", "4"};
	struct run *run = xcalloc(1, sizeof(*run));

	run_init(run, "r", "r", RUN_OWN);
	for (size_t d = 0; d < 2; d++) {
		unsigned v = run_variant(run, designs[d]);

		run->variants[v].dims[DIM_LOCK] = xstrdup(designs[d]);
		run->variants[v].dims[DIM_PREFETCH] = xstrdup(prefetch);
		run->variants[v].dims[DIM_MACHINE] = xstrdup("configs/machines/m");
		for (size_t c = 0; c < 2; c++)
			series_add(run_series(run, v, clients[c], "faults/cpu"), values[d][c], 0,
				   1);
	}
	run_sort_clients(run);
	return run;
}

static struct published_figure figure(const char *table, unsigned clients, const char *prefetch,
				      double change)
{
	return (struct published_figure){.table = xstrdup(table),
					 .machine = xstrdup("m"),
					 .metric = xstrdup("faults/cpu"),
					 .clients = clients,
					 .prefetch = xstrdup(prefetch),
					 .base = xstrdup("a"),
					 .design = xstrdup("b"),
					 .base_value = NAN,
					 .value = NAN,
					 .change = change,
					 .source = xstrdup("nobody")};
}

static void publish(struct published *p)
{
	*p = (struct published){.figures = xcalloc(4, sizeof(*p->figures)), .nr = 4, .cap = 4};
	p->figures[0] = figure("one", 1, "-", -0.4);
	p->figures[1] = figure("one", 4, "on", -12);
	p->figures[2] = figure("one", 7, "on", -12); /* not simulated */
	p->figures[3] = figure("two", 4, "off", 3);
}

static void run_free(struct run *run)
{
	run_release(run);
	free(run);
}

static void test_signs(void **state)
{
	(void)state;
	assert_true(agreement_sign(-10, -2));
	assert_false(agreement_sign(-10, 2));
	assert_true(agreement_sign(0.4, -0.9)); /* neither has a direction */
	assert_true(agreement_sign(0.4, 1.2));
	assert_false(agreement_sign(0.4, -1.2));
	assert_false(agreement_sign(5, 0));
}

static void test_figures(void **state)
{
	struct agreement a = {0};

	(void)state;
	agreement_finish(&a);
	assert_true(isnan(a.mean_error) && isnan(a.rho));
	agreement_add(&a, -10, -5);
	agreement_add(&a, 5, -1);
	agreement_finish(&a);
	assert_true(isnan(a.rho));
	agreement_add(&a, 20, 30);
	agreement_add(&a, 30, 2);
	agreement_finish(&a);
	assert_int_equal(a.right, 3);
	assert_float_equal(a.mean_error, (5 + 6 + 10 + 28) / 4.0, 1e-12);
	assert_float_equal(a.worst_error, 28, 1e-12);
	assert_float_equal(a.rho, 0.8, 1e-12); /* ranks 1 2 3 4 and 1 2 4 3 */
	agreement_release(&a);
}

static void test_tables(void **state)
{
	struct run *run = made_up("adjacent=on");
	struct published published;
	struct predictions p;

	(void)state;
	publish(&published);
	predictions_init(&p, &run, 1, &published);
	assert_int_equal(p.nr, 1); /* off was not simulated */
	assert_int_equal(p.tables[0].nr, 2);
	assert_float_equal(p.tables[0].rows[0].change, 0.5, 1e-9);
	assert_float_equal(p.tables[0].rows[1].change, -10, 1e-9);
	assert_int_equal(p.tables[0].agreement.right, 2);
	assert_float_equal(p.tables[0].agreement.worst_error, 2, 1e-9);
	assert_int_equal(p.all.nr, 2);
	predictions_release(&p);
	run_free(run);

	run = made_up("adjacent=off");
	predictions_init(&p, &run, 1, &published);
	assert_int_equal(p.nr, 2);
	assert_int_equal(p.tables[0].nr, 1); /* "-" goes with both */
	assert_int_equal(p.tables[1].agreement.right, 0);
	predictions_release(&p);
	run_free(run);
	published_release(&published);
}

static void test_text(void **state)
{
	struct run *run = made_up("adjacent=on");
	struct published published;
	struct predictions p;
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	(void)state;
	publish(&published);
	predictions_init(&p, &run, 1, &published);
	whatif_table(out, run, &published, &style_text);
	whatif_predictions(out, &p, &style_text);
	fclose(out);
	assert_non_null(strstr(text, "m, adjacent=on\n"));
	assert_non_null(strstr(text, "faults/cpu-4  300  270  (-10.00%)  [-12.00%]"));
	assert_null(strstr(text, "faults/sec")); /* nobody measured it */
	assert_non_null(strstr(text, "2 of 2 signs right, error 1.4 "
				     "points on average and 2.0 at worst, too few figures"));
	free(text);
	predictions_release(&p);
	run_free(run);
	published_release(&published);
}

/* What was published as two values and as a change must be one figure, or somebody mistyped it. */
static void test_shipped(void **state)
{
	struct published published;
	struct why why = WHY_INIT;

	(void)state;
	if (published_read(&published, SHIPPED, &why))
		fail_msg("%s", why.text);
	assert_true(published.nr > 100);
	for (size_t i = 0; i < published.nr; i++) {
		const struct published_figure *f = &published.figures[i];
		double change = (f->value / f->base_value - 1) * 100;

		/* the coarsest was published with three digits */
		if (!isnan(change) && fabs(change - f->change) > 0.6)
			fail_msg("%s: %s-%u: %.2f%%, but the values say %.2f%%", f->table,
				 f->metric, f->clients, f->change, change);
		assert_non_null(published_find(&published, f->machine, f->metric, f->clients,
					       f->prefetch, f->base, f->design));
	}
	published_release(&published);
}

static void refuse(const char *line, const char *wanted)
{
	char path[] = "/tmp/published.XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	struct published published;
	struct why why = WHY_INIT;

	fprintf(out,
		"# faultscale published 1\ntable\tmachine\tmetric\tclients\tprefetch\tbase\t"
		"design\tbase_value\tvalue\tchange\tsource\n%s\n",
		line);
	fclose(out);
	assert_true(published_read(&published, path, &why) < 0);
	if (!strstr(why.text, wanted))
		fail_msg("'%s' is not in '%s'", wanted, why.text);
	unlink(path);
}

static void test_refused(void **state)
{
	(void)state;
	refuse("t\tm\tfaults/cpu\t0\ton\ta\tb\t-\t-\t1\ts", ":3: ");
	refuse("t\tm\tfaults/cpu\t1\tmaybe\ta\tb\t-\t-\t1\ts", "on, off or -, not 'maybe'");
	refuse("t\tm\tfaults/cpu\t1\ton\ta\tb\t-\t-\t-\ts", "not a number, with '-'");
	refuse("t\tm\tfaults/cpu\t1\ton\ta\tb\tx\t-\t1\ts", "not a number, with 'x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs),	cmocka_unit_test(test_figures),
		cmocka_unit_test(test_tables),	cmocka_unit_test(test_text),
		cmocka_unit_test(test_shipped), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
