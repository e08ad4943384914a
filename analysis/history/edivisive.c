/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/edivisive.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "common/xalloc.h"

/* Sums of the same numbers in another order differ in their last digits: so much less is as good. */
#define AS_GOOD (1 - 1e-9)

/* Values between two changes, or an end of the series. */
struct segment {
	size_t from, to;
};

/* Sums of the distances |v[i] - v[k]| over i < row, k < column, of the segment at hand. */
struct distances {
	double *sums; /* [(n + 1) * (n + 1)] */
	size_t n;
};

struct split {
	double q; /* the paper's Q, below 0: none */
	size_t at; /* in the series */
};

static double *cell_of(const struct distances *d, size_t row, size_t column)
{
	return &d->sums[row * (d->n + 1) + column];
}

static void measure(struct distances *d, const double *v, size_t n)
{
	d->n = n;
	for (size_t k = 0; k <= n; k++)
		*cell_of(d, 0, k) = 0;
	for (size_t i = 0; i < n; i++) {
		double row = 0;

		*cell_of(d, i + 1, 0) = 0;
		for (size_t k = 0; k < n; k++) {
			row += fabs(v[i] - v[k]);
			*cell_of(d, i + 1, k + 1) = *cell_of(d, i, k + 1) + row;
		}
	}
}

/* The sum over i in @a, k in @b. */
static double block(const struct distances *d, struct segment a, struct segment b)
{
	return *cell_of(d, a.to, b.to) - *cell_of(d, a.from, b.to) - *cell_of(d, a.to, b.from) +
	       *cell_of(d, a.from, b.from);
}

/* How unlike the values before @at and those from there to @to are: the paper's equations 4 and 5. */
static double unlikeness(const struct distances *d, size_t at, size_t to)
{
	struct segment x = {0, at}, y = {at, to};
	double m = (double)at, n = (double)(to - at);

	return m * n / (m + n) *
	       (2 / (m * n) * block(d, x, y) - block(d, x, x) / (m * (m - 1)) -
		block(d, y, y) / (n * (n - 1)));
}

/* The best place for a change in @s. The second half need not reach the end of the segment: else a change
 * that was taken back would hide itself. */
static struct split best_in(struct distances *d, const double *v, struct segment s, size_t least)
{
	struct split best = {-1, 0};
	size_t n = s.to - s.from;

	if (n < 2 * least)
		return best;
	measure(d, v + s.from, n);
	for (size_t at = least; at + least <= n; at++)
		for (size_t to = at + least; to <= n; to++) {
			double q = unlikeness(d, at, to);

			if (q > best.q)
				best = (struct split){q, s.from + at};
		}
	return best;
}

static struct split best_of(struct distances *d, const double *v, const struct segment *segments,
			    size_t nr, size_t least)
{
	struct split best = {-1, 0};

	for (size_t i = 0; i < nr; i++) {
		struct split split = best_in(d, v, segments[i], least);

		if (split.q > best.q)
			best = split;
	}
	return best;
}

static double mean_of(const double *v, struct segment s)
{
	double sum = 0;

	for (size_t i = s.from; i < s.to; i++)
		sum += v[i];
	return sum / (double)(s.to - s.from);
}

/* The correlation of neighbours within @segments, one of which is cut at @at. A mean that is taken off
 * lowers it by (1 + 3 r) / n (Kendall, Biometrika 41, 1954), which is given back. */
static double likeness(const double *v, const struct segment *segments, size_t nr, size_t at)
{
	double products = 0, squares = 0, n = (double)segments[nr - 1].to, parts = (double)nr + 1,
	       r;

	for (size_t i = 0; i < nr; i++) {
		bool is_cut = segments[i].from < at && at < segments[i].to;
		struct segment halves[2] = {segments[i], {at, segments[i].to}};

		if (is_cut)
			halves[0].to = at;
		for (size_t h = 0; h < (is_cut ? 2 : 1); h++) {
			double mean = mean_of(v, halves[h]);

			for (size_t k = halves[h].from; k < halves[h].to; k++) {
				squares += (v[k] - mean) * (v[k] - mean);
				if (k > halves[h].from)
					products += (v[k] - mean) * (v[k - 1] - mean);
			}
		}
	}
	if (!(squares > 0) || n <= 4 * parts)
		return 0;
	r = (products / squares * n + parts) / (n - 3 * parts);
	return fmin(fmax(r, 0), 0.95);
}

/* Put the values of @s in a random order, or, where neighbours correlate with @r, what is new in each
 * of them. */
static void shuffle(double *to, const double *v, struct segment s, double r, struct rng *rng)
{
	double mean = mean_of(v, s), first = sqrt(1 - r * r);

	for (size_t i = s.from; i < s.to; i++)
		to[i] = i == s.from ? first * (v[i] - mean) : v[i] - mean - r * (v[i - 1] - mean);
	rng_shuffle(rng, to + s.from, s.to - s.from, sizeof(*to));
	to[s.from] /= first;
	for (size_t i = s.from + 1; i < s.to; i++)
		to[i] += r * to[i - 1];
}

/* Whether orders drawn anew within the segments have so good a split rarely enough. Stops as soon as that
 * can no longer be. */
static bool is_rare(const struct edivisive *ask, struct distances *d, const double *v,
		    struct split best, const struct segment *segments, size_t nr, struct rng *rng)
{
	double allowed = ask->level * (ask->permutations + 1);
	double r = ask->wanders ? likeness(v, segments, nr, best.at) : 0;
	double *shuffled = xcalloc(segments[nr - 1].to, sizeof(*shuffled));
	unsigned as_good = 1; /* the order that there is */

	for (unsigned i = 0; i < ask->permutations && as_good <= allowed; i++) {
		for (size_t s = 0; s < nr; s++)
			shuffle(shuffled, v, segments[s], r, rng);
		as_good += best_of(d, shuffled, segments, nr, ask->least).q >= best.q * AS_GOOD;
	}
	free(shuffled);
	return as_good <= allowed;
}

/* Cut the segment that holds @at in two. */
static void cut(struct segment *segments, size_t nr, size_t at)
{
	size_t i = nr;

	for (; segments[i - 1].from >= at; i--)
		segments[i] = segments[i - 1];
	segments[i] = (struct segment){at, segments[i - 1].to};
	segments[i - 1].to = at;
}

size_t edivisive_find(const struct edivisive *ask, const double *v, size_t n, size_t *at)
{
	struct segment *segments = xcalloc(n + 1, sizeof(*segments));
	struct distances d = {.sums = xcalloc((n + 1) * (n + 1), sizeof(*d.sums))};
	size_t nr = 1;
	struct rng rng;

	rng_init(&rng, ask->seed);
	segments[0].to = n;
	for (;;) {
		struct split best = best_of(&d, v, segments, nr, ask->least);

		if (!(best.q > 0) || !is_rare(ask, &d, v, best, segments, nr, &rng))
			break;
		cut(segments, nr++, best.at);
	}
	for (size_t i = 1; i < nr; i++)
		at[i - 1] = segments[i].from;
	free(segments);
	free(d.sums);
	return nr - 1;
}
