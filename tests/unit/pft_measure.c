/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals, spread, sampling, the classic line and rows: arithmetic on made-up workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pft/placement.h"
#include "pft/workload.h"

/* cmocka of Debian 12 compares floats only. */
#define assert_near(a, b, most) assert_true(fabs((a) - (b)) <= (most))

/* Two workers: 1.0-3.0 s and 1.5-5.0 s, 100 and 200 faults, 1 and 2 s of CPU time. */
struct fixture {
	struct settings settings;
	struct worker workers[2];
	struct control control;
	struct run run;
};

static int set_up(void **state)
{
	struct fixture *f = aligned_alloc(128, sizeof(*f) + 128 - sizeof(*f) % 128);
	struct worker *w = f->workers;

	memset(f, 0, sizeof(*f));
	f->settings = (struct settings){.nr_workers = 2, .bytes = 3ULL << 29, .cachelines = 4};
	f->settings.workload = workload_find("anon");
	f->run = (struct run){.settings = &f->settings, .workers = w, .control = &f->control};
	f->run.workload = f->settings.workload;
	f->run.page_size = f->run.unit = 4096;
	w[0].measure.start = (struct snapshot){.ns = 1000000000, .user_us = 10, .minor_faults = 7};
	w[0].measure.end =
		(struct snapshot){.ns = 3000000000, .user_us = 1000010, .minor_faults = 107};
	w[0].faults = w[0].planned = 100;
	w[1].id = 1;
	w[1].measure.start = (struct snapshot){.ns = 1500000000};
	w[1].measure.end = (struct snapshot){
		.ns = 5000000000, .system_us = 2000000, .minor_faults = 201, .major_faults = 3};
	w[1].faults = w[1].planned = 200;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void test_totals(void **state)
{
	struct fixture *f = *state;
	struct totals t;

	totals_of(&f->run, &t);
	assert_near(t.wall_s, 4.0, 1e-12);
	assert_near(t.user_s, 1.0, 1e-12);
	assert_near(t.system_s, 2.0, 1e-12);
	assert_int_equal(t.minor_faults, 301);
	assert_int_equal(t.major_faults, 3);
	assert_int_equal(t.faults, 300);
	assert_near(t.faults_per_sec, 75, 1e-9);
	assert_near(t.faults_per_cpu, 100, 1e-9);
}

/* The text that @print makes of @f. */
static char *printed(struct fixture *f, void (*print)(FILE *, const struct run *))
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out, &f->run);
	fclose(out);
	return text;
}

static void test_classic_line(void **state)
{
	char *text = printed(*state, emit_classic);

	assert_string_equal(text,
			    "   1    2   4     1.00s     2.00s     4.00s     100.000     75.000\n");
	free(text);
}

static void test_classic_line_without_cpu_time(void **state)
{
	struct fixture *f = *state;
	char *text;

	f->workers[0].measure.end.user_us = 10;
	f->workers[1].measure.end.system_us = 0;
	text = printed(f, emit_classic);
	assert_non_null(strstr(text, " inf "));
	free(text);
	text = printed(f, emit_rows);
	assert_non_null(strstr(text, "faults/cpu\tall\t1/s\t-\tunavailable: "));
	free(text);
}

static void test_gib_counts_a_page_per_worker(void **state)
{
	struct fixture *f = *state;
	char *text;

	f->settings.bytes = (2ULL << 30) - 4096;
	text = printed(f, emit_classic);
	assert_memory_equal(text, "   2 ", 5);
	free(text);
}

static void test_rows(void **state)
{
	struct fixture *f = *state;
	char *text;

	f->workers[0].measure.pages_sampled = 4;
	f->workers[0].measure.pages_local = 3;
	f->workers[1].measure.migrations = -1;
	f->control.pages_on_node[1] = 4;
	f->run.rows = strdup("own\tall\t1\t5\tok\n");
	text = printed(f, emit_rows);
	assert_memory_equal(text, "# faultscale rows 1\nmetric\tthread\tunit\tvalue\tstatus\n", 49);
	assert_non_null(strstr(text, "\nfaults/sec\tall\t1/s\t75\tok\n"));
	assert_non_null(strstr(text, "\npages_node_1\tall\t1\t4\tok\n"));
	assert_null(strstr(text, "pages_node_0"));
	assert_non_null(strstr(text, "\nlocal_pages\tall\t%\t75\tok\n"));
	assert_non_null(strstr(text, "\nmigrations\tall\t1\t-\tunavailable: "));
	assert_non_null(strstr(text, "\nmigrations\t0\t1\t0\tok\n"));
	assert_non_null(strstr(text, "\nworker_wall_s\t1\ts\t3.5\tok\n"));
	assert_non_null(strstr(text, "\nspread_min_s\tall\ts\t2\tok\n"));
	assert_non_null(strstr(text, "\nown\tall\t1\t5\tok\n"));
	free(f->run.rows);
	free(text);
}

/* Gini by its definition: the mean absolute difference over twice the mean. */
static double gini_by_pairs(const double *x, size_t n)
{
	double sum = 0, diff = 0;

	for (size_t i = 0; i < n; i++) {
		sum += x[i];
		for (size_t j = 0; j < n; j++)
			diff += fabs(x[i] - x[j]);
	}
	return diff / (2 * n * sum);
}

static void test_spread(void **state)
{
	double x[] = {5, 1, 4, 4, 1}, equal[] = {3, 3, 3}, one[] = {0, 0, 0, 8}, zero[] = {0, 0};
	double gini = gini_by_pairs(x, 5);
	struct spread s;

	(void)state;
	spread_of(x, 5, &s);
	assert_near(s.min, 1, 0);
	assert_near(s.max, 5, 0);
	assert_near(s.gini, gini, 1e-12);
	assert_near(s.cov, sqrt(14.0 / 4) / 3, 1e-12);
	spread_of(equal, 3, &s);
	assert_near(s.gini, 0, 1e-12);
	assert_near(s.cov, 0, 1e-12);
	spread_of(one, 4, &s);
	assert_near(s.gini, 0.75, 1e-12);
	spread_of(zero, 2, &s);
	assert_near(s.gini, 0, 0);
	spread_of(zero, 0, &s);
	assert_near(s.cov, 0, 0);
}

static void test_sample_size(void **state)
{
	(void)state;
	assert_int_equal(placement_sample_size(0), 0);
	assert_int_equal(placement_sample_size(1), 1);
	assert_int_equal(placement_sample_size(64), 64);
	assert_int_equal(placement_sample_size(6400), 64);
	assert_int_equal(placement_sample_size(100000), 1000);
	assert_int_equal(placement_sample_size(1ULL << 40), 4096);
}

/* Interleaved over 2, 3 or 4 nodes, a sample has to see about the same of each. */
static void test_sample_of_interleaved_pages(void **state)
{
	const uint64_t pages = 1024;
	const unsigned n = placement_sample_size(pages);
	struct rng rng;

	(void)state;
	rng_init(&rng, 0);
	for (unsigned nodes = 2; nodes <= 4; nodes++) {
		unsigned seen[4] = {0};

		for (unsigned i = 0; i < n; i++) {
			uint64_t page = placement_page(&rng, pages, n, i);

			assert_in_range(page, i * pages / n, (i + 1) * pages / n - 1);
			seen[page % nodes]++;
		}
		for (unsigned node = 0; node < nodes; node++)
			assert_in_range(seen[node], n / nodes / 2, n / nodes * 2);
	}
	assert_int_equal(placement_page(&rng, 64, 64, 63), 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_totals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_classic_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_classic_line_without_cpu_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_gib_counts_a_page_per_worker, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_sample_size),
		cmocka_unit_test(test_sample_of_interleaved_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
