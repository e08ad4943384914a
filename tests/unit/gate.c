/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unpaired tests against known answers, and the gate on made-up runs: verdicts and false alarms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/gate.h"
#include "common/rng.h"

#define N 30

/* Two samples whose neighbours do not correlate upwards, so that nothing is widened. */
static const double low[] = {1.0, 4.0, 2.0, 5.0, 1.5, 4.5, 2.5, 5.5};
static const double high[] = {4.2, 7.1, 5.2, 8.1, 4.7, 7.6, 5.7, 8.6};

static void test_known_answers(void **state)
{
	struct unpaired_side a, b;
	struct unpaired t;

	(void)state;
	unpaired_side_init(&a, low, 8);
	unpaired_side_init(&b, high, 8);
	assert_true(a.lag1 < 0 && a.worth == 8);
	assert_true(unpaired_test(&t, &a, &b));
	/* R's t.test() and wilcox.test(exact=FALSE). */
	assert_float_equal(t.difference, 3.15, 1e-12);
	assert_float_equal(t.se, 0.843250513532, 1e-9);
	assert_float_equal(t.df, 13.9877168901, 1e-9);
	assert_float_equal(t.welch_p, 0.00221892096426, 1e-12);
	assert_float_equal(t.rank_p, 0.0074055333405, 1e-12);
	/* Worth half as much, both errors are wider by the square root of 2. U is 6 of 32. */
	a.worth = b.worth = 4;
	assert_true(unpaired_test(&t, &a, &b));
	assert_float_equal(t.se, sqrt(2) * 0.843250513532, 1e-9);
	assert_float_equal(t.rank_p, erfc(25.5 / sqrt(2 * 64 * 17 / 12.0) / sqrt(2)), 1e-9);
}

static void test_ties(void **state)
{
	static const double x[] = {1, 2, 1, 2, 1, 2}, y[] = {2, 3, 2, 3, 2, 3};
	struct unpaired_side a, b;
	struct unpaired t;

	(void)state;
	unpaired_side_init(&a, x, 6);
	unpaired_side_init(&b, y, 6);
	assert_true(unpaired_test(&t, &a, &b));
	assert_float_equal(t.rank_p, 0.0239239514476, 1e-12);
	unpaired_side_init(&b, x, 6);
	assert_true(unpaired_test(&t, &a, &b));
	assert_true(t.rank_p == 1 && t.welch_p == 1);
}

/* A series that rises is worth little, and says so. */
static void test_drift(void **state)
{
	double v[N];
	struct unpaired_side side;

	(void)state;
	for (size_t i = 0; i < N; i++)
		v[i] = (double)i + (i % 2 ? 3 : -3);
	unpaired_side_init(&side, v, N);
	assert_true(unpaired_drifts(&side) && unpaired_wanders(&side));
	assert_true(side.worth < N / 4);
	unpaired_side_init(&side, v, 6);
	/* cor.test(method="kendall", exact=FALSE, continuity=TRUE) */
	assert_float_equal(side.drift_p, 0.132854955731, 1e-12);
	unpaired_side_init(&side, v, 4);
	assert_true(isnan(side.worth) && !unpaired_drifts(&side) && !unpaired_wanders(&side));
}

/* How the values of a series depend on each other. */
enum noise { WHITE, AR, DRIFT, NR_NOISES };

/* About normal, of deviation 1: the sum of 12 even ones. */
static double normal(struct rng *rng)
{
	double sum = -6;

	for (size_t i = 0; i < 12; i++)
		sum += rng_below(rng, 1000000) / 1e6;
	return sum;
}

/* Fill 2 * @n values in the order of time, of which a run takes each half. */
static void fill(double *v, size_t n, enum noise noise, struct rng *rng)
{
	double x = normal(rng);

	for (size_t i = 0; i < 2 * n; i++) {
		double e = normal(rng);

		x = noise == AR ? 0.9 * x + sqrt(1 - 0.81) * e : e;
		v[i] = 1e5 * exp(0.05 * x - (noise == DRIFT ? 0.5 * i / (2.0 * n) : 0));
	}
}

static void make_run(struct run *run, const char *name, const char *metric, unsigned clients,
		     const double *v, size_t n, double factor)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", clients);
	if (!run->name)
		run_init(run, name, "/nonexistent", RUN_MMTESTS);
	for (size_t i = 0; i < n; i++)
		series_add(run_series(run, run_variant(run, ""), text, metric), factor * v[i], 0,
			   i + 1);
}

/* The verdict on one cell of @n iterations. */
static enum verdict verdict_on(const double *base_rates, const double *new_rates, size_t n)
{
	struct run base = {0}, new = {0};
	struct gate_config config;
	enum verdict verdict;
	struct gate gate;

	gate_config_init(&config);
	gate_config_metrics(&config, "faults/cpu");
	make_run(&base, "base", "faults/cpu", 1, base_rates, n, 1);
	make_run(&new, "new", "faults/cpu", 1, new_rates, n, 1);
	assert_int_equal(gate_init(&gate, &base, &new, &config, false, NULL), 0);
	verdict = gate.verdict;
	gate_release(&gate);
	gate_config_release(&config);
	run_release(&base);
	run_release(&new);
	return verdict;
}

/* Judge runs of @n iterations at @clients client counts, the new one's rates times @factor. */
static void judge_noise(struct gate *gate, enum noise noise, unsigned clients, size_t n,
			double factor, struct rng *rng, double require_mde)
{
	struct run base = {0}, new = {0};
	struct gate_config config;
	double v[2 * N];

	gate_config_init(&config);
	gate_config_metrics(&config, "faults/cpu");
	config.require_mde = require_mde;
	for (unsigned c = 1; c <= clients; c++) {
		fill(v, n, noise, rng);
		make_run(&base, "base", "faults/cpu", c, v, n, 1);
		make_run(&new, "new", "faults/cpu", c, v + n, n, factor);
	}
	run_sort_clients(&base);
	run_sort_clients(&new);
	assert_int_equal(gate_init(gate, &base, &new, &config, false, NULL), 0);
	gate_config_release(&config);
	run_release(&base);
	run_release(&new);
}

/* How many of @trials ended so. */
static unsigned count(enum noise noise, unsigned clients, size_t n, double factor, unsigned trials,
		      enum verdict verdict)
{
	unsigned hits = 0;
	struct rng rng;

	rng_init(&rng, 1 + noise);
	for (unsigned i = 0; i < trials; i++) {
		struct gate gate;

		judge_noise(&gate, noise, clients, n, factor, &rng, 0);
		hits += gate.verdict == verdict;
		gate_release(&gate);
	}
	return hits;
}

/* A regression is half of a false difference: 5% of both make 2.5%, and some for chance. */
static void test_false_alarms(void **state)
{
	(void)state;
	for (unsigned noise = 0; noise < NR_NOISES; noise++)
		for (size_t n = 10; n <= N; n += 20) {
			unsigned alarms = count(noise, 4, n, 1, 500, VERDICT_REGRESSION);

			print_message("noise %u, %zu iterations: %u of 500\n", noise, n, alarms);
			assert_in_range(alarms, 0, 24);
		}
}

#define NR_RECORDED 240

/* The rates of a recorded series (column 0 or 1), of one program all along. */
static void read_recorded(const char *path, int column, double v[NR_RECORDED])
{
	FILE *in = fopen(path, "re");
	char line[200];
	size_t n = 0;

	if (!in)
		fail_msg("cannot read %s: tests run in the top directory", path);
	while (fgets(line, sizeof(line), in)) {
		double rates[2];

		if (*line != '#' && sscanf(line, "%lf %lf", &rates[0], &rates[1]) == 2 &&
		    n < NR_RECORDED)
			v[n++] = rates[column];
	}
	fclose(in);
	assert_int_equal(n, NR_RECORDED);
}

/* Every stretch of a recorded series, its first half against its second. */
static void test_recorded(void **state)
{
	unsigned alarms = 0, trials = 0;

	(void)state;
	for (int file = 0; file < 4; file++) {
		double v[NR_RECORDED];

		read_recorded(file / 2 ? "tests/noise/pft_t2.txt" : "tests/noise/pft_t1.txt",
			      file % 2, v);
		for (size_t n = 10; n <= N; n += 20)
			for (size_t at = 0; at + 2 * n <= NR_RECORDED; at++, trials++)
				alarms += verdict_on(v + at, v + at + n, n) == VERDICT_REGRESSION;
	}
	print_message("recorded: %u of %u\n", alarms, trials);
	assert_true(alarms <= 0.05 * trials);
}

static void test_power(void **state)
{
	(void)state;
	/* 8% where an iteration varies by 5%: 30 of each detect about 5%. */
	assert_in_range(count(WHITE, 1, N, 0.92, 100, VERDICT_REGRESSION), 80, 100);
	assert_in_range(count(WHITE, 1, N, 1.08, 100, VERDICT_REGRESSION), 0, 0);
}

/* A change that is there is not blamed on it where the machine drifts. */
static void test_unsafe(void **state)
{
	char text[300];
	struct gate gate;
	struct rng rng;

	(void)state;
	rng_init(&rng, 3);
	judge_noise(&gate, DRIFT, 1, N, 0.5, &rng, 0);
	assert_int_equal(gate.verdict, VERDICT_INCONCLUSIVE);
	gate_sentence(&gate, &gate.cells[0], text, sizeof(text));
	assert_non_null(strstr(text, "cannot tell: 'base' drifts (Kendall's p "));
	assert_non_null(strstr(text, "faultscale ab"));
	assert_int_equal(gate_exit(&gate, false, false), 0);
	assert_int_equal(gate_exit(&gate, true, false), 11);
	gate_release(&gate);
}

/* What a machine that wanders by @share leaves of a change by @factor, in @n iterations. */
static enum verdict verdict_on_ramp(double share, double factor, size_t n)
{
	double base[N], new[N];

	for (size_t i = 0; i < n; i++) {
		base[i] = 1e5 * (1 + share * i / (n - 1));
		new[i] = factor *base[i];
	}
	return verdict_on(base, new, n);
}

/* A drift too small to matter spoils nothing; one that could have made the difference, or hide one, does:
 * twice both ranges, that is four times the drift of a run. */
static void test_small_wander(void **state)
{
	(void)state;
	for (size_t n = 5; n <= N; n += 25) {
		assert_int_equal(verdict_on_ramp(0.0005, 0.88, n), VERDICT_REGRESSION);
		assert_int_equal(verdict_on_ramp(0.0005, 1.126, n), VERDICT_IMPROVEMENT);
		assert_int_equal(verdict_on_ramp(0.0005, 1, n), VERDICT_SAME);
		assert_int_equal(verdict_on_ramp(0.004, 0.94, n), VERDICT_REGRESSION);
		assert_int_equal(verdict_on_ramp(0.006, 1, n), VERDICT_INCONCLUSIVE);
		assert_int_equal(verdict_on_ramp(0.0125, 0.94, n), VERDICT_INCONCLUSIVE);
		assert_int_equal(verdict_on_ramp(0.05, 0.94, n), VERDICT_INCONCLUSIVE);
	}
}

/* The interval has what the machine may have done, and a required sensitivity sees it. */
static void test_wander_is_told(void **state)
{
	static const double quiet[] = {1.001, 1, 1.0005, 1.001, 1.0002};
	struct run base = {0}, new = {0};
	struct gate_config config;
	struct gate gate;
	double v[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		v[i] = exp(0.001 * i);
	make_run(&base, "base", "faults/cpu", 1, v, 5, 1);
	make_run(&new, "new", "faults/cpu", 1, quiet, 5, 1);
	gate_config_init(&config);
	gate_config_metrics(&config, "faults/cpu");
	for (int blind = 0; blind < 2; blind++) {
		config.require_mde = blind ? 0.01 : 0;
		assert_int_equal(gate_init(&gate, &base, &new, &config, false, NULL), 0);
		assert_float_equal(gate.cells[0].wander, 2 * (0.004 + log(1.001)), 1e-9);
		assert_true(gate.cells[0].v.high - gate.cells[0].v.low > 0.02);
		assert_true(gate.cells[0].v.detects > 0.01);
		assert_int_equal(gate.verdict, blind ? VERDICT_INCONCLUSIVE : VERDICT_SAME);
		gate_release(&gate);
	}
	gate_config_release(&config);
	run_release(&base);
	run_release(&new);
}

/* One test alone convinces nobody: the larger p is the cell's, here Mann and Whitney's, then Welch's. */
static void test_larger_p(void **state)
{
	double apart[8], outlier[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		apart[i] = outlier[i] = 100 * low[i];
	outlier[3] = 1e-9;
	for (size_t i = 0; i < 2; i++) {
		struct run base = {0}, new = {0};
		struct gate_config config;
		struct unpaired test;
		struct gate gate;

		gate_config_init(&config);
		gate_config_metrics(&config, "faults/cpu");
		make_run(&base, "base", "faults/cpu", 1, low, 8, 1);
		make_run(&new, "new", "faults/cpu", 1, i ? outlier : apart, 8, 1);
		assert_int_equal(gate_init(&gate, &base, &new, &config, false, NULL), 0);
		assert_true(unpaired_test(&test, &gate.cells[0].base, &gate.cells[0].new));
		assert_true(i ? test.welch_p > 2 * test.rank_p : test.rank_p > 2 * test.welch_p);
		assert_true(gate.cells[0].v.p == fmax(test.welch_p, test.rank_p));
		gate_release(&gate);
		gate_config_release(&config);
		run_release(&base);
		run_release(&new);
	}
}

/* The p of the only cell that both runs have, where the new run has @more. */
static double p_with(unsigned more)
{
	struct run base = {0}, new = {0};
	struct gate_config config;
	double v[2 * N], p;
	struct gate gate;
	struct rng rng;

	rng_init(&rng, 4);
	fill(v, N, WHITE, &rng);
	gate_config_init(&config);
	gate_config_metrics(&config, "faults/cpu");
	make_run(&base, "base", "faults/cpu", 1, v, N, 1);
	for (unsigned c = 1; c <= 1 + more; c++)
		make_run(&new, "new", "faults/cpu", c, v + N, N, 0.97);
	assert_int_equal(gate_init(&gate, &base, &new, &config, false, NULL), 0);
	assert_int_equal(gate.nr, 1 + more);
	p = gate.cells[0].v.p;
	gate_release(&gate);
	gate_config_release(&config);
	run_release(&base);
	run_release(&new);
	return p;
}

/* Cells that cannot be tested take nothing of the error rate. */
static void test_untested(void **state)
{
	double p = p_with(0);

	(void)state;
	assert_true(p > 0 && p < 0.3);
	assert_true(p_with(3) == p);
}

/* A pass has to have been able to fail. */
static void test_require_mde(void **state)
{
	char text[300];
	struct gate gate;
	struct rng rng;

	(void)state;
	rng_init(&rng, 8);
	judge_noise(&gate, WHITE, 1, N, 1.3, &rng, 0);
	assert_int_equal(gate.verdict, VERDICT_IMPROVEMENT);
	gate_release(&gate);
	rng_init(&rng, 8);
	judge_noise(&gate, WHITE, 1, N, 1.3, &rng, 0.01);
	assert_int_equal(gate.verdict, VERDICT_INCONCLUSIVE);
	gate_sentence(&gate, &gate.cells[0], text, sizeof(text));
	assert_non_null(strstr(text, "blind"));
	gate_release(&gate);
}

/* Read @text as a config. Returns what gate_config_read() does. */
static int read_config(struct gate_config *config, const char *text, struct why *why)
{
	char path[] = "/tmp/gate-conf-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	gate_config_init(config);
	err = gate_config_read(config, path, why);
	unlink(path);
	return err;
}

static void test_config(void **state)
{
	struct gate_config c;

	(void)state;
	assert_int_equal(read_config(&c,
				     "# what we hold runs to\n\n"
				     "GATE_METRICS=\"faults/sec odd\"  # two\n"
				     "GATE_DELTA='3% faults/sec=5% faults/sec-8=10'\n"
				     "GATE_BETTER=odd=lower\nGATE_ALPHA=0.01\n"
				     "GATE_MAX_STEAL=100%\n",
				     NULL),
			 0);
	assert_string_equal(c.metrics, "faults/sec,odd");
	assert_float_equal(gate_config_delta(&c, "odd", "8"), 0.03, 1e-12);
	assert_float_equal(gate_config_delta(&c, "faults/sec", "4"), 0.05, 1e-12);
	assert_float_equal(gate_config_delta(&c, "faults/sec", "8"), 0.1, 1e-12);
	assert_int_equal(gate_config_better(&c, "odd"), BETTER_LOWER);
	assert_int_equal(gate_config_better(&c, "faults/sec"), BETTER_HIGHER);
	assert_float_equal(c.alpha, 0.01, 1e-12);
	assert_float_equal(c.max_steal, 1, 1e-12);
	gate_config_release(&c);
}

static void test_bad_config(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"\nGATE_DELTA=x\n",
		 ":2: GATE_DELTA: not a percentage between 0 and 100 (5%), with 'x'"},
		{"GATE_DELTA=faults/cpu=-1%\n", ":1: GATE_DELTA: not a percentage"},
		{"GATE_DELTA=101%\n", ":1: GATE_DELTA: not a percentage"},
		{"GATE_ALPHA=often\n", ":1: GATE_ALPHA: not a number from 0 up, with 'often'"},
		{"GATE_BETTER=x\n", ":1: GATE_BETTER: not METRIC=VALUE, with 'x'"},
		{"GATE_BETTER=x=up\n", ":1: GATE_BETTER: neither higher nor lower"},
		{"GATE_METRICS=\"a\n", ":1: GATE_METRICS: the quotes do not match"},
		{"GATE_ODD=1\n", ":1: no such setting, with 'GATE_ODD'; there are GATE_METRICS, "},
		{"rm -rf\n", ":1: not NAME=VALUE, with 'rm -rf'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gate_config c;
		struct why why = WHY_INIT;

		assert_int_equal(read_config(&c, rows[i].text, &why), -EINVAL);
		if (!strstr(why.text, rows[i].message))
			fail_msg("'%s' lacks '%s'", why.text, rows[i].message);
		gate_config_release(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),  cmocka_unit_test(test_ties),
		cmocka_unit_test(test_drift),	       cmocka_unit_test(test_false_alarms),
		cmocka_unit_test(test_recorded),       cmocka_unit_test(test_power),
		cmocka_unit_test(test_unsafe),	       cmocka_unit_test(test_small_wander),
		cmocka_unit_test(test_wander_is_told), cmocka_unit_test(test_require_mde),
		cmocka_unit_test(test_larger_p),       cmocka_unit_test(test_untested),
		cmocka_unit_test(test_config),	       cmocka_unit_test(test_bad_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
