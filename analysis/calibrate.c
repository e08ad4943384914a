/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calibrate: a judge that looks at a machine instead of a change. Both sides are the same, so all that
 * differs is noise: how much, of which kind, and what could be seen through it.
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibration.h"
#include "analysis/drift.h"
#include "analysis/judge.h"
#include "analysis/signed_rank.h"
#include "analysis/unpaired.h"
#include "analysis/verdict_rounds.h"
#include "common/rng.h"
#include "common/tsv.h"
#include "common/xalloc.h"

/* Replays of the rounds, with their signs drawn anew, for the rate of false alarms. */
#define REPLAYS 2000

static const unsigned lengths[] = {10, 20, 30, 60, 120};
#define NR_LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* What was found out about one cell. */
struct noise {
	double spread; /* robust deviation of one measurement, share of the median */
	double lag1; /* correlation of neighbours */
	double trend, trend_p; /* change from start to end, log; p of Kendall's test of it */
	double outliers; /* share beyond five deviations */
	double order, order_p; /* second of a pair against the first, log */
	double deviation; /* of a round's log ratio */
	double alarms; /* share of replays with a verdict */
	double steal,
		foreign; /* shares of all CPU time, of one CPU, that others took; NaN: unknown */
	double others; /* correlation of what they took with the rounds' rates; NaN: unknown */
	double frequency; /* of the CPUs, in Hz, in the mean; NaN: unknown, as are the next two */
	double clock_spread; /* its deviation, share of the mean */
	double clock; /* its correlation with the rounds' rates */
	double gate; /* what 30 iterations of each run would show to the gate, log */
	double detects[NR_LENGTHS]; /* in so many rounds, log */
};

/* @x: logs of the measurements in the order of time. */
static void look_at_series(struct noise *noise, const double *x, size_t n)
{
	double *work = xcalloc(n, sizeof(*work)), median;

	noise->spread = gsl_stats_mad(x, 1, n, work);
	memcpy(work, x, n * sizeof(*work));
	median = gsl_stats_median(work, 1, n);
	for (size_t i = 0; i < n; i++)
		noise->outliers += (fabs(x[i] - median) > 5 * noise->spread) / (double)n;
	free(work);
	if (gsl_stats_sd(x, 1, n) > 0)
		noise->lag1 = gsl_stats_lag1_autocorrelation(x, 1, n);
	noise->trend = drift_of(x, n);
	noise->trend_p = drift_p(x, n);
}

/* The share of replays that a comparison of equal sides would call a change. */
static double replay(const struct verdict_rule *rule, const double *d, size_t n)
{
	double *signs = xcalloc(n, sizeof(*signs));
	unsigned alarms = 0;
	struct rng rng;

	rng_init(&rng, n);
	for (unsigned i = 0; i < REPLAYS; i++) {
		struct verdict_cell cell = {.better = BETTER_HIGHER, .log_ratio = signs};
		size_t look = 0;

		for (size_t k = 0; k < n; k++)
			signs[k] = rng_next(&rng) >> 63 ? d[k] : -d[k];
		do
			verdict_decide(rule, &cell, 1, rule->looks.looks[look]);
		while (!verdict_stop(rule, &cell, 1, rule->looks.looks[look++]));
		alarms += cell.verdict != VERDICT_SAME && cell.verdict != VERDICT_INCONCLUSIVE;
	}
	free(signs);
	return (double)alarms / REPLAYS;
}

static void look_at_pairs(struct noise *noise, const struct judge_rule *ask, const double *d,
			  size_t n)
{
	struct judge_rule replayed = *ask;
	struct hodges_lehmann hl = hodges_lehmann(d, n, 0.05);
	struct verdict_rule rule;

	noise->deviation = verdict_deviation(d, n, hl.high - hl.low, gsl_cdf_ugaussian_Qinv(0.025));
	for (size_t i = 0; i < NR_LENGTHS; i++) {
		struct sequential looks;
		double level;

		sequential_init(&looks, 10, 5, lengths[i]);
		level = sequential_level(&looks, ask->alpha);
		noise->detects[i] = verdict_detects(gsl_cdf_ugaussian_Qinv(level / 2),
						    noise->deviation / sqrt(lengths[i]));
	}
	replayed.min_rounds = n < 10 ? n : 10;
	replayed.look_every = 5;
	replayed.max_rounds = n;
	if (verdict_rule_init(&rule, &replayed, NULL))
		BUG("a rule that was checked");
	noise->alarms = replay(&rule, d, n);
}

/* Steal and other programs: how much, and whether it shows in the rates. */
static void look_at_others(struct noise *noise, const struct rounds *rounds, size_t cell)
{
	double *rates = xcalloc(rounds->nr, sizeof(*rates));
	double *taken = xcalloc(rounds->nr, sizeof(*taken));
	size_t n = 0;

	noise->steal = noise->foreign = 0;
	for (size_t i = 0; i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		if (isnan(pair->steal + pair->foreign))
			continue;
		rates[n] = log(pair->a * pair->b) / 2;
		taken[n++] = pair->steal + pair->foreign;
		noise->steal += pair->steal;
		noise->foreign += pair->foreign;
	}
	noise->steal /= (double)n; /* none: NaN */
	noise->foreign /= (double)n;
	noise->others = NAN;
	if (n > 2 && gsl_stats_sd(rates, 1, n) > 0 && gsl_stats_sd(taken, 1, n) > 0)
		noise->others = gsl_stats_correlation(rates, 1, taken, 1, n);
	free(rates);
	free(taken);
}

/* Whether the clock is steady, and whether it shows in the rates where not. */
static void look_at_clock(struct noise *noise, const struct rounds *rounds, size_t cell)
{
	double *rates = xcalloc(rounds->nr, sizeof(*rates));
	double *clocks = xcalloc(rounds->nr, sizeof(*clocks));
	size_t n = 0;

	for (size_t i = 0; i < rounds->nr; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		if (isnan(pair->frequency))
			continue;
		rates[n] = log(pair->a * pair->b) / 2;
		clocks[n++] = pair->frequency;
	}
	noise->frequency = noise->clock_spread = noise->clock = NAN;
	if (n > 2) {
		noise->frequency = gsl_stats_mean(clocks, 1, n);
		noise->clock_spread = gsl_stats_sd(clocks, 1, n) / noise->frequency;
		if (noise->clock_spread > 0 && gsl_stats_sd(rates, 1, n) > 0)
			noise->clock = gsl_stats_correlation(rates, 1, clocks, 1, n);
	}
	free(rates);
	free(clocks);
}

/* Two runs recorded apart, as analysis/gate.c has it: so many iterations each, widened. */
static double gate_detects(const struct noise *noise, double alpha, double iterations)
{
	return verdict_detects(gsl_cdf_ugaussian_Qinv(alpha / 2),
			       noise->spread * sqrt(2 / iterations * unpaired_wider(noise->lag1)));
}

static void look_at_cell(struct noise *noise, const struct judge_rule *ask,
			 const struct rounds *rounds, size_t cell)
{
	size_t n = rounds->nr;
	double *x = verdict_rounds_in_time(rounds, cell), *d = xcalloc(n, sizeof(*d));
	double *order = xcalloc(n, sizeof(*order));

	*noise = (struct noise){0};
	for (size_t i = 0; i < n; i++) {
		const struct rounds_pair *pair = rounds_at(rounds, i, cell);

		d[i] = log(pair->b / pair->a);
		order[i] = x[2 * i + 1] - x[2 * i];
	}
	look_at_series(noise, x, 2 * n);
	look_at_pairs(noise, ask, d, n);
	look_at_others(noise, rounds, cell);
	look_at_clock(noise, rounds, cell);
	noise->gate = gate_detects(noise, ask->alpha, 30);
	noise->order = hodges_lehmann(order, n, 0.05).estimate;
	noise->order_p = signed_rank_p(order, n);
	free(order);
	free(d);
	free(x);
}

/* What it takes for runs that are recorded apart. */
static void advise_gate(FILE *out, const struct judge_rule *ask, const struct noise *noise)
{
	double needed = 30 * pow(noise->gate / log1p(0.05), 2);

	if (noise->lag1 > 0.3 || noise->trend_p < 0.01)
		fputs("  gate: unsafe here, as neighbours are alike or the machine drifts, and "
		      "runs one after the other differ by themselves: compare by ab, or by gate "
		      "with --baseline=history:...\n",
		      out);
	else
		fprintf(out,
			"  gate: 30 iterations of each run detect %.1f%%, "
			"5%% takes %.0f: PFT_ITERATIONS\n",
			-verdict_percent(-noise->gate), ceil(fmax(needed, 5)));
	if (noise->steal > ask->max_steal || noise->foreign > ask->max_foreign)
		fprintf(out,
			"  guards: invalid here, unless GATE_MAX_STEAL=%.0f%% "
			"GATE_MAX_FOREIGN=%.0f%%, and --max-steal, --max-foreign of ab, let more "
			"pass\n",
			ceil(100 * noise->steal) + 1, fmin(ceil(100 * noise->foreign) + 5, 100));
}

/* What follows from it, a line each. */
static void advise(FILE *out, const struct noise *noise)
{
	if (noise->others < -0.5)
		fputs("  rates are low where others take CPU time: stop them, or use a machine of "
		      "your own\n",
		      out);
	if (noise->clock > 0.5 && noise->clock_spread > 0.005)
		fputs("  rates go with the clock: a fixed frequency (cpupower frequency-set -g "
		      "performance, no turbo) helps\n",
		      out);
	if (noise->outliers > 0.05)
		fputs("  many outliers: find what else runs here, or take more rounds\n", out);
	if (noise->order_p < 0.01)
		fprintf(out,
			"  the second of two measurements differs by %+.1f%%: with first touches "
			"of fresh memory PFT_PREFAULT=yes helps\n",
			verdict_percent(noise->order));
	if (noise->detects[2] > log1p(0.05))
		fputs("  30 rounds do not show 5%: try a larger PFT_MAPPING_SIZE, --metric "
		      "faults/cpu, PFT_PIN, or more rounds\n",
		      out);
}

static void print_clock(FILE *out, const struct noise *noise)
{
	if (isnan(noise->frequency)) {
		fputs("  frequency: unknown, as the kernel tells none (no cpufreq in /sys, as in "
		      "most guests)\n",
		      out);
		return;
	}
	fprintf(out, "  frequency: %.2f GHz, varies by %.1f%%", noise->frequency / 1e9,
		100 * noise->clock_spread);
	if (!isnan(noise->clock))
		fprintf(out, ", correlates with the rates by %.2f", noise->clock);
	fputc('\n', out);
}

static void print_cell(FILE *out, const struct judge_rule *ask, const struct rounds_cell *cell,
		       const struct noise *noise)
{
	fprintf(out,
		"%s-%u: one measurement varies by %.1f%%, neighbours correlate by %.2f, "
		"drift %+.1f%% (p %.2g), outliers %.1f%%, false alarms %.1f%%\n  detects",
		cell->name, cell->clients, 100 * noise->spread, noise->lag1,
		verdict_percent(noise->trend), noise->trend_p, 100 * noise->outliers,
		100 * noise->alarms);
	for (size_t i = 0; i < NR_LENGTHS; i++)
		fprintf(out, "%s %.1f%% in %u", i ? "," : "", -verdict_percent(-noise->detects[i]),
			lengths[i]);
	fputs(" rounds\n", out);
	if (!isnan(noise->steal))
		fprintf(out, "  others: the host took %.1f%%, other programs %.0f%% of a CPU\n",
			100 * noise->steal, 100 * noise->foreign);
	print_clock(out, noise);
	advise_gate(out, ask, noise);
	advise(out, noise);
}

/* The same as a table: docs/format.md. */
static void print_rows(FILE *out, const char *metric, const struct rounds_cell *cell,
		       const struct noise *noise)
{
	const struct {
		const char *what;
		double value;
	} rows[] = {
		{"spread", noise->spread},	   {"lag1", noise->lag1},
		{"trend", noise->trend},	   {"trend_p", noise->trend_p},
		{"outliers", noise->outliers},	   {"order", noise->order},
		{"order_p", noise->order_p},	   {"deviation", noise->deviation},
		{"false_alarms", noise->alarms},   {"steal", noise->steal},
		{"foreign", noise->foreign},	   {"others", noise->others},
		{"frequency", noise->frequency},   {"frequency_spread", noise->clock_spread},
		{"frequency_rates", noise->clock}, {"gate_30", noise->gate},
	};
	double number;
	char what[40];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) + NR_LENGTHS; i++) {
		size_t length = i - sizeof(rows) / sizeof(rows[0]);
		bool fixed = i < sizeof(rows) / sizeof(rows[0]);

		tsv_write_field(out, cell->name, '\t');
		fprintf(out, "%u\t", cell->clients);
		tsv_write_field(out, metric, '\t');
		if (fixed)
			snprintf(what, sizeof(what), "%s", rows[i].what);
		else
			snprintf(what, sizeof(what), "detects_%u", lengths[length]);
		number = fixed ? rows[i].value : noise->detects[length];
		if (isnan(number))
			fprintf(out, "%s\t-\n", what);
		else
			fprintf(out, "%s\t%.6g\n", what, number);
	}
}

static void report(const struct judge_rule *ask, const struct rounds *rounds, struct judgement *j)
{
	size_t len, table_len;
	FILE *out = xmemstream(&j->report, &len), *table = xmemstream(&j->table, &table_len);

	tsv_write_head(table, &calibration_schema);
	for (size_t i = 0; i < rounds->nr_cells; i++) {
		struct noise noise;

		look_at_cell(&noise, ask, rounds, i);
		print_cell(out, ask, &rounds->cells[i], &noise);
		print_rows(table, rounds->metric, &rounds->cells[i], &noise);
	}
	fclose(out);
	fclose(table);
}

/* Nothing is decided before the end; then the verdict of ab about equal sides is given as well. */
static int look(const struct judge_rule *ask, const struct rounds *rounds, bool last,
		struct judgement *j, struct why *why)
{
	struct judge_rule unguarded = *ask; /* what others do is what it looks for */
	int err;

	unguarded.max_steal = unguarded.max_foreign = 1;
	unguarded.run = NULL;
	err = judge.look(&unguarded, rounds, last, j, why);
	if (err || !j->stop || j->verdict == VERDICT_INVALID || rounds->nr < 2)
		return err;
	free(j->report);
	report(ask, rounds, j);
	j->verdict = VERDICT_SAME;
	return 0;
}

const struct judge calibrator = {.look = look, .same_sides = true};
