/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trend of `faultscale history` on series of commits without a change, and with one that was
 * planted behind the middle. A commit of the recorded series is six iterations in a row of tests/noise,
 * of one program all along.
 *
 *
 * trend_noise [TRIALS [table]]
 *
 * Reports in TAP; with `table` also how often a change is found, as docs/history.md has it.
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/history/trend.h"
#include "common/say.h"

#define COMMITS	  40
#define PER_POINT 6 /* recorded iterations of a commit */
#define RECORDED  (COMMITS * PER_POINT)
#define PLACE	  24 /* of the planted change */
#define NEAR	  2 /* commits that it may be found beside its place */
#define LEVEL	  0.05
#define DELTA	  0.02

static gsl_rng *rng;

/* Logs of the means of COMMITS runs. */
struct noise {
	const char *name;
	void (*draw)(double *v, double parameter);
	double parameter;
	bool is_held; /* to the level */
};

static void draw_ar1(double *v, double phi)
{
	double state = gsl_ran_gaussian(rng, 0.03);

	for (size_t i = 0; i < COMMITS; i++) {
		v[i] = state;
		state = phi * state + gsl_ran_gaussian(rng, 0.03 * sqrt(1 - phi * phi));
	}
}

static void draw_heavy(double *v, double freedom)
{
	for (size_t i = 0; i < COMMITS; i++)
		v[i] = 0.02 * gsl_ran_tdist(rng, freedom);
}

/* One run in @share is of a slow state of the machine. */
static void draw_two_modes(double *v, double share)
{
	for (size_t i = 0; i < COMMITS; i++)
		v[i] = gsl_ran_gaussian(rng, 0.01) - (gsl_rng_uniform(rng) < share ? 0.15 : 0);
}

/* Recorded iterations, six in a row to a commit, in a random order of the commits: measured on
 * different days, and not in one hour as these were. */
static void draw_recorded(double *v, double column)
{
	static double means[4][COMMITS];
	double *mine = means[(int)column];

	if (!mine[0]) {
		FILE *in = fopen(column < 2 ? "tests/noise/pft_t1.txt" : "tests/noise/pft_t2.txt",
				 "re");
		char line[200];
		size_t n = 0;

		while (in && fgets(line, sizeof(line), in)) {
			double rates[2];

			if (*line != '#' && sscanf(line, "%lf %lf", &rates[0], &rates[1]) == 2 &&
			    n < RECORDED)
				mine[n++ / PER_POINT] += log(rates[(int)column % 2]) / PER_POINT;
		}
		if (n != RECORDED)
			die(EXIT_FAILED, "cannot read tests/noise: run in the top directory");
		fclose(in);
	}
	memcpy(v, mine, sizeof(means[0]));
	gsl_ran_shuffle(rng, v, COMMITS, sizeof(*v));
}

static const struct noise all_noise[] = {
	{"white, 3 %", draw_ar1, 0, true},
	{"heavy tails", draw_heavy, 2, true},
	{"two modes", draw_two_modes, 0.2, true},
	{"recorded, 1 thread, faults/cpu", draw_recorded, 0, true},
	{"recorded, 1 thread, faults/sec", draw_recorded, 1, true},
	{"recorded, 2 threads, faults/cpu", draw_recorded, 2, true},
	{"recorded, 2 threads, faults/sec", draw_recorded, 3, true},
	{"AR(1), correlation 0.3", draw_ar1, 0.3, false},
	{"AR(1), correlation 0.6", draw_ar1, 0.6, false},
};
#define NR_NOISE (sizeof(all_noise) / sizeof(all_noise[0]))

/* How often what was found, out of so many trials. */
struct tally {
	unsigned long trials, any, shown; /* of changes anywhere */
	unsigned long near, near_shown; /* where it was planted */
};

static void try_once(struct tally *t, const struct noise *noise, double slow_down)
{
	bool any = false, shown = false, near = false, near_shown = false;
	struct trend_change *changes;
	double v[COMMITS];
	size_t nr;

	noise->draw(v, noise->parameter);
	for (size_t i = PLACE; i < COMMITS; i++)
		v[i] += log1p(-slow_down);
	changes = trend_changes(v, COMMITS, LEVEL, DELTA, &nr);
	for (size_t i = 0; i < nr; i++) {
		bool here = changes[i].at + NEAR >= PLACE && changes[i].at <= PLACE + NEAR;

		any = true;
		shown |= changes[i].shown;
		near |= here;
		near_shown |= here && changes[i].shown;
	}
	free(changes);
	t->trials++;
	t->any += any;
	t->shown += shown;
	t->near += near;
	t->near_shown += near_shown;
}

/* Bounds of Wilson's interval (J. Am. Stat. Assoc. 22, 1927), 95 %: @side is -1 or 1. */
static double bound(unsigned long k, unsigned long n, int side)
{
	double z = 1.959963984540054, p = (double)k / n, centre = p + z * z / (2 * n);

	return (centre + side * z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n))) /
	       (1 + z * z / n);
}

static int nr_checks, nr_failed;

static void check(bool good, const char *name, const char *what, unsigned long k, unsigned long n)
{
	nr_failed += !good;
	printf("%s %d - %s: %s %.1f%% [%.1f, %.1f] of %lu\n", good ? "ok" : "not ok", ++nr_checks,
	       name, what, 100.0 * k / n, 100 * bound(k, n, -1), 100 * bound(k, n, 1), n);
}

static void print_row(const struct noise *noise, const struct tally *by_effect, size_t nr)
{
	const struct tally *none = by_effect;

	printf("# | %s | %.1f [%.1f, %.1f] | %.1f [%.1f, %.1f] |", noise->name,
	       100.0 * none->any / none->trials, 100 * bound(none->any, none->trials, -1),
	       100 * bound(none->any, none->trials, 1), 100.0 * none->shown / none->trials,
	       100 * bound(none->shown, none->trials, -1),
	       100 * bound(none->shown, none->trials, 1));
	for (size_t e = 1; e < nr; e++)
		printf(" %.0f, %.0f |", 100.0 * by_effect[e].near / by_effect[e].trials,
		       100.0 * by_effect[e].near_shown / by_effect[e].trials);
	puts("");
}

int main(int argc, char **argv)
{
	static const double slow_downs[] = {0, 0.03, 0.05, 0.1, 0.2};
	const size_t nr_effects = argc > 2 ? sizeof(slow_downs) / sizeof(slow_downs[0]) : 1;
	unsigned long nr = argc > 1 ? strtoul(argv[1], NULL, 10) : 200;
	const char *seed = getenv("TREND_SEED");

	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, seed ? strtoul(seed, NULL, 10) : 1);
	for (size_t i = 0; i < NR_NOISE; i++) {
		const struct noise *noise = &all_noise[i];
		struct tally tallies[5] = {0};

		for (size_t e = 0; e < nr_effects; e++)
			for (unsigned long k = 0; k < nr; k++)
				try_once(&tallies[e], noise, slow_downs[e]);
		check(bound(tallies->any, nr, -1) <= (noise->is_held ? LEVEL : 2 * LEVEL),
		      noise->name, "trends with a change", tallies->any, nr);
		if (argc > 2)
			print_row(noise, tallies, nr_effects);
		fflush(stdout);
	}
	gsl_rng_free(rng);
	printf("1..%d\n", nr_checks);
	return nr_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
