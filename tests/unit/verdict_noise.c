/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts of ab, and the rules that others use, on noise: series recorded on a shared guest and
 * generated ones, with a planted slow-down or without. A trial takes 60 measurements in the order of
 * time. ab deals them out in pairs, drawing who comes first, and looks as it does; the other rules get
 * all of them, first 30 runs of a and then 30 of b, as is usual, or in turns.
 *
 *	verdict_noise [TRIALS [table]]
 *
 * Reports in TAP; with `table` also the power at slow-downs, as docs/verdict.md has it.
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/gate.h"
#include "analysis/stats.h"
#include "analysis/verdict.h"
#include "common/xalloc.h"
#include "harness/ab_order.h"

#define ROUNDS	 30
#define NR	 (2 * ROUNDS)
#define RECORDED 240

static const struct judge_rule ask = {
	.delta = 0.02, .alpha = 0.05, .min_rounds = 10, .look_every = 5, .max_rounds = ROUNDS};
static struct verdict_rule rule;
static struct gate_config gate_rules;
static gsl_rng *rng;
static double recorded[4][RECORDED]; /* t1 cpu, t1 wall, t2 cpu, t2 wall */
static unsigned long trials_so_far; /* each has an order of its own */

/* NR measurements of one machine in the order of time. */
struct noise {
	const char *name;
	void (*draw)(double *x, int parameter);
	int parameter;
};

static void draw_recorded(double *x, int which)
{
	unsigned long start = gsl_rng_uniform_int(rng, RECORDED - NR + 1);

	memcpy(x, recorded[which] + start, NR * sizeof(*x));
}

/* Lag-1 correlation of so many percent; one measurement deviates by 15 %. */
static void draw_ar1(double *x, int percent)
{
	double phi = percent / 100.0, state = gsl_ran_gaussian(rng, 0.15);

	for (size_t i = 0; i < NR; i++) {
		x[i] = 1e6 * exp(state);
		state = phi * state + gsl_ran_gaussian(rng, 0.15 * sqrt(1 - phi * phi));
	}
}

/* The same of a quiet machine: one measurement deviates by 0.1 %. */
static void draw_quiet(double *x, int percent)
{
	draw_ar1(x, percent);
	for (size_t i = 0; i < NR; i++)
		x[i] = 1e6 * pow(x[i] / 1e6, 1 / 150.0);
}

/* Loses so many percent on the way. */
static void draw_drift(double *x, int percent)
{
	for (size_t i = 0; i < NR; i++)
		x[i] = 1e6 * exp(log(1 - percent / 100.0) * i / NR + gsl_ran_gaussian(rng, 0.08));
}

/* Two states 30 % apart; one measurement in ten is of the other state than the one before. */
static void draw_bimodal(double *x, int unused)
{
	bool slow = gsl_rng_uniform(rng) < 0.5;

	(void)unused;
	for (size_t i = 0; i < NR; i++) {
		slow ^= gsl_rng_uniform(rng) < 0.1;
		x[i] = 1e6 * (slow ? 0.7 : 1) * exp(gsl_ran_gaussian(rng, 0.03));
	}
}

/* Student's t with 2 degrees of freedom has no variance. */
static void draw_heavy(double *x, int unused)
{
	(void)unused;
	for (size_t i = 0; i < NR; i++)
		x[i] = 1e6 * exp(0.05 * gsl_ran_tdist(rng, 2));
}

/* Every second measurement is 25 % slower, as with a job that takes turns with us. */
static void draw_rhythm(double *x, int unused)
{
	size_t phase = gsl_rng_uniform_int(rng, 2);

	(void)unused;
	for (size_t i = 0; i < NR; i++)
		x[i] = 1e6 * ((i + phase) % 2 ? 0.75 : 1) * exp(gsl_ran_gaussian(rng, 0.05));
}

static const struct noise all_noise[] = {
	{"recorded, 1 thread, faults/cpu", draw_recorded, 0},
	{"recorded, 1 thread, faults/sec", draw_recorded, 1},
	{"recorded, 2 threads, faults/cpu", draw_recorded, 2},
	{"recorded, 2 threads, faults/sec", draw_recorded, 3},
	{"AR(1), correlation 0.3", draw_ar1, 30},
	{"AR(1), correlation 0.9", draw_ar1, 90},
	{"drift, 50 % slower at the end", draw_drift, 50},
	{"two modes", draw_bimodal, 0},
	{"heavy tails", draw_heavy, 0},
	{"rhythm of two", draw_rhythm, 0},
	{"AR(1), correlation 0.9, of 0.1 %", draw_quiet, 90},
};
#define NR_NOISE (sizeof(all_noise) / sizeof(all_noise[0]))

/* What a rule says of b. */
enum finding { NOTHING, SLOWER, FASTER };

/* Sides of the unpaired rules: half of the measurements each. */
struct sides {
	double a[ROUNDS], b[ROUNDS];
};

static void deal(struct sides *s, const double *x, bool in_turns, double slow_down)
{
	for (size_t i = 0; i < ROUNDS; i++) {
		s->a[i] = in_turns ? x[2 * i] : x[i];
		s->b[i] = (in_turns ? x[2 * i + 1] : x[ROUNDS + i]) * (1 - slow_down);
	}
}

static enum finding direction(bool found, bool slower)
{
	return !found ? NOTHING : slower ? SLOWER : FASTER;
}

/* mmtests' star: what compare marks. */
static enum finding rule_star(struct sides *s)
{
	struct summary a, b;

	summary_init(&a, s->a, ROUNDS, BETTER_HIGHER);
	summary_init(&b, s->b, ROUNDS, BETTER_HIGHER);
	return direction(fabs(interval_distance(&b, &a)) > 1,
			 b.value[STAT_MEAN] < a.value[STAT_MEAN]);
}

static enum finding rule_welch(struct sides *s)
{
	double ma = gsl_stats_mean(s->a, 1, ROUNDS), mb = gsl_stats_mean(s->b, 1, ROUNDS);
	double va = gsl_stats_variance(s->a, 1, ROUNDS) / ROUNDS;
	double vb = gsl_stats_variance(s->b, 1, ROUNDS) / ROUNDS;
	double freedom = pow(va + vb, 2) / ((va * va + vb * vb) / (ROUNDS - 1));

	/* A heavy tail may reach infinity, for which GSL would abort. */
	return direction(isfinite(freedom) &&
				 2 * gsl_cdf_tdist_Q(fabs(ma - mb) / sqrt(va + vb), freedom) < 0.05,
			 mb < ma);
}

/* Mann and Whitney's U with p < 0.05, which is benchstat's rule. */
static enum finding rule_mann_whitney(struct sides *s)
{
	double u = 0, mean = ROUNDS * ROUNDS / 2.0;
	double sd = sqrt(ROUNDS * ROUNDS * (2 * ROUNDS + 1) / 12.0);

	for (size_t i = 0; i < ROUNDS; i++)
		for (size_t k = 0; k < ROUNDS; k++)
			u += s->b[i] < s->a[k] ? 1 : s->b[i] == s->a[k] ? 0.5 : 0;
	return direction(2 * gsl_cdf_ugaussian_Q((fabs(u - mean) - 0.5) / sd) < 0.05, u > mean);
}

static enum finding rule_five_percent(struct sides *s)
{
	double ratio = gsl_stats_mean(s->b, 1, ROUNDS) / gsl_stats_mean(s->a, 1, ROUNDS);

	return direction(fabs(ratio - 1) > 0.05, ratio < 1);
}

static void add_run(struct run *run, const char *name, const double *rates)
{
	run_init(run, name, "/nonexistent", RUN_MMTESTS);
	for (size_t i = 0; i < ROUNDS; i++)
		series_add(run_series(run, run_variant(run, ""), "1", "faults/cpu"), rates[i], 0,
			   i + 1);
	run_sort_clients(run);
}

/* The gate itself; what it cannot tell, or takes for unsafe, is nothing found. */
static enum finding rule_gate(struct sides *s)
{
	struct run base, new;
	enum verdict verdict;
	struct gate gate;

	add_run(&base, "base", s->a);
	add_run(&new, "new", s->b);
	if (gate_init(&gate, &base, &new, &gate_rules, false, NULL))
		BUG("a gate that cannot be");
	verdict = gate.verdict;
	gate_release(&gate);
	run_release(&base);
	run_release(&new);
	return direction(verdict == VERDICT_REGRESSION || verdict == VERDICT_IMPROVEMENT,
			 verdict == VERDICT_REGRESSION);
}

#define GATE 0 /* in the table below */

static const struct {
	const char *name;
	enum finding (*find)(struct sides *sides);
	bool in_turns;
} others[] = {
	{"**faultscale gate**, blocks", rule_gate, false},
	{"mmtests' star, blocks", rule_star, false},
	{"Welch, blocks", rule_welch, false},
	{"Mann-Whitney = benchstat, blocks", rule_mann_whitney, false},
	{"means 5 % apart, blocks", rule_five_percent, false},
	{"mmtests' star, in turns", rule_star, true},
	{"Welch, in turns", rule_welch, true},
	{"Mann-Whitney = benchstat, in turns", rule_mann_whitney, true},
	{"means 5 % apart, in turns", rule_five_percent, true},
};
#define NR_OTHERS (sizeof(others) / sizeof(others[0]))

/* Log ratios of b to a, as ab would have measured them: cell @cell of the trial. */
static void pair_up(double *d, const double *x, size_t cell, double slow_down)
{
	for (size_t i = 0; i < ROUNDS; i++) {
		bool b_first = ab_b_first(trials_so_far, cell, i);

		d[i] = log(x[2 * i + !b_first] / x[2 * i + b_first]) + log1p(-slow_down);
	}
}

/* Go on until ab would stop. Returns the rounds that took. */
static unsigned follow(struct verdict_cell *cells, size_t nr)
{
	for (size_t i = 0; i < rule.looks.nr; i++) {
		verdict_decide(&rule, cells, nr, rule.looks.looks[i]);
		if (verdict_stop(&rule, cells, nr, rule.looks.looks[i]))
			return rule.looks.looks[i];
	}
	BUG("no stop at the last look");
}

/* How often what was found, out of so many trials. */
struct tally {
	unsigned long trials, slower, faster, same;
	unsigned long rounds;
	unsigned long missed; /* the interval does not hold the truth */
};

static void count(struct tally *t, enum finding finding)
{
	t->trials++;
	t->slower += finding == SLOWER;
	t->faster += finding == FASTER;
}

static void try_ab(struct tally *t, const double *x, double slow_down)
{
	double d[ROUNDS], truth = log1p(-slow_down);
	struct verdict_cell cell = {.better = BETTER_HIGHER, .log_ratio = d};

	pair_up(d, x, 0, slow_down);
	t->rounds += follow(&cell, 1);
	t->same += cell.verdict == VERDICT_SAME;
	t->missed += cell.low > truth || cell.high < truth;
	count(t, cell.verdict == VERDICT_REGRESSION    ? SLOWER
		 : cell.verdict == VERDICT_IMPROVEMENT ? FASTER
						       : NOTHING);
}

/* Bounds of Wilson's interval (J. Am. Stat. Assoc. 22, 1927): of @z deviations, below where it is
 * negative. */
static double wilson(unsigned long k, unsigned long n, double z)
{
	double p = (double)k / n, centre = p + z * z / (2 * n);

	return (centre + z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n))) / (1 + z * z / n);
}

/* The same of 95 %: @side is -1 or 1. */
static double bound(unsigned long k, unsigned long n, int side)
{
	return wilson(k, n, side * 1.959963984540054);
}

static void run_trials(const struct noise *noise, unsigned long nr, double slow_down,
		       struct tally *ab, struct tally *by_others)
{
	struct sides sides;
	double x[NR];

	for (unsigned long i = 0; i < nr; i++, trials_so_far++) {
		noise->draw(x, noise->parameter);
		try_ab(ab, x, slow_down);
		for (size_t o = 0; by_others && o < NR_OTHERS; o++) {
			deal(&sides, x, others[o].in_turns, slow_down);
			count(&by_others[o], others[o].find(&sides));
		}
	}
}

static int nr_checks, nr_failed;

static void check(bool good, const char *name, const char *what, unsigned long k, unsigned long n)
{
	nr_failed += !good;
	printf("%s %d - %s: %s %.1f%% [%.1f, %.1f] of %lu\n", good ? "ok" : "not ok", ++nr_checks,
	       name, what, 100.0 * k / n, 100 * bound(k, n, -1), 100 * bound(k, n, 1), n);
}

/* No more alarms than were asked for, as far as so many trials can tell: by 99.9 %, as some thirty of
 * these are checked at once. */
static void check_alarms(const char *name, const char *what, unsigned long k, unsigned long n)
{
	check(wilson(k, n, -3.090232306167813) <= ask.alpha, name, what, k, n);
}

/* The client counts of a sweep: four recorded series at once, and one error rate over them. */
static void try_sweep(unsigned long nr)
{
	struct verdict_cell cells[4];
	double x[4][NR], d[4][ROUNDS];
	unsigned long alarms = 0;

	for (unsigned long i = 0; i < nr; i++, trials_so_far++) {
		for (size_t c = 0; c < 4; c++) {
			draw_recorded(x[c], c);
			pair_up(d[c], x[c], c, 0);
			cells[c] =
				(struct verdict_cell){.better = BETTER_HIGHER, .log_ratio = d[c]};
		}
		follow(cells, 4);
		for (size_t c = 0; c < 4; c++)
			if (cells[c].verdict == VERDICT_REGRESSION ||
			    cells[c].verdict == VERDICT_IMPROVEMENT) {
				alarms++;
				break;
			}
	}
	check_alarms("four cells at once", "false alarms in any", alarms, nr);
}

static const double slow_downs[] = {0, 0.03, 0.05, 0.1, 0.2};
#define NR_SLOW_DOWNS (sizeof(slow_downs) / sizeof(slow_downs[0]))

static void print_row(const char *series, const char *name, const struct tally *by_effect)
{
	unsigned long k = by_effect[0].slower + by_effect[0].faster, n = by_effect[0].trials;

	printf("# | %s | %s | %.1f [%.1f, %.1f] |", series, name, 100.0 * k / n,
	       100 * bound(k, n, -1), 100 * bound(k, n, 1));
	for (size_t e = 1; e < NR_SLOW_DOWNS; e++)
		printf(" %.0f |", 100.0 * by_effect[e].slower / by_effect[e].trials);
	if (by_effect[0].rounds)
		for (size_t e = 0; e < NR_SLOW_DOWNS; e++)
			printf("%s%.0f", e ? ", " : " ",
			       (double)by_effect[e].rounds / by_effect[e].trials);
	puts(" |");
}

static void try_series(const struct noise *noise, unsigned long nr, bool table)
{
	struct tally ab[NR_SLOW_DOWNS] = {0}, by_others[NR_OTHERS][NR_SLOW_DOWNS] = {0};
	struct tally now[NR_OTHERS];

	for (size_t e = 0; e < (table ? NR_SLOW_DOWNS : 1); e++) {
		memset(now, 0, sizeof(now));
		run_trials(noise, nr, slow_downs[e], &ab[e], now);
		for (size_t o = 0; o < NR_OTHERS; o++)
			by_others[o][e] = now[o];
	}
	check_alarms(noise->name, "false alarms", ab->slower + ab->faster, nr);
	check_alarms(noise->name, "false regressions of the gate", by_others[GATE]->slower, nr);
	check_alarms(noise->name, "intervals beside the truth", ab->missed, nr);
	if (!table)
		return;
	print_row(noise->name, "**faultscale ab**", ab);
	for (size_t o = 0; o < NR_OTHERS; o++)
		print_row("", others[o].name, by_others[o]);
	fflush(stdout);
}

static void read_recorded(void)
{
	static const char *const paths[] = {"tests/noise/pft_t1.txt", "tests/noise/pft_t2.txt"};
	char line[200];

	for (size_t p = 0; p < 2; p++) {
		FILE *in = fopen(paths[p], "re");
		size_t i = 0;

		if (!in)
			BUG("cannot open '%s'", paths[p]);
		while (i < RECORDED && fgets(line, sizeof(line), in))
			i += sscanf(line, "%lf %lf", &recorded[2 * p][i],
				    &recorded[2 * p + 1][i]) == 2;
		fclose(in);
		if (i < RECORDED)
			BUG("'%s' has only %zu rows", paths[p], i);
	}
}

int main(int argc, char **argv)
{
	unsigned long nr = argc > 1 ? strtoul(argv[1], NULL, 10) : 500;
	const char *seed = getenv("VERDICT_SEED");

	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, seed ? strtoul(seed, NULL, 10) : 1);
	trials_so_far = gsl_rng_get(rng);
	read_recorded();
	if (verdict_rule_init(&rule, &ask, NULL))
		BUG("a bad rule");
	gate_config_init(&gate_rules);
	free(gate_rules.metrics);
	gate_rules.metrics = xstrdup("faults/cpu");
	for (size_t i = 0; i < NR_NOISE; i++)
		try_series(&all_noise[i], nr, argc > 2);
	try_sweep(nr);
	gate_config_release(&gate_rules);
	gsl_rng_free(rng);
	printf("1..%d\n", nr_checks);
	return nr_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
