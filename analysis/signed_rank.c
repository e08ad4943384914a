/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/signed_rank.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/xalloc.h"

/* Twice the ranks, so that halves are whole. */
struct ranks {
	unsigned *twice; /* of the values that are not 0 */
	size_t nr;
	unsigned long above; /* sum over the values above 0 */
	unsigned long sum; /* over all */
};

struct magnitude {
	double size;
	bool positive;
};

static int by_size(const void *pa, const void *pb)
{
	const struct magnitude *a = pa, *b = pb;

	return (a->size > b->size) - (a->size < b->size);
}

static void ranks_init(struct ranks *r, const double *values, size_t n)
{
	struct magnitude *m = xcalloc(n, sizeof(*m));

	*r = (struct ranks){.twice = xcalloc(n, sizeof(*r->twice))};
	for (size_t i = 0; i < n; i++)
		m[i] = (struct magnitude){fabs(values[i]), values[i] > 0};
	qsort(m, n, sizeof(*m), by_size);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && m[end].size == m[i].size; end++)
			;
		/* Ranks i + 1 .. end, whose mean is (i + 1 + end) / 2. */
		for (size_t k = i; k < end && m[i].size > 0; k++) {
			r->twice[r->nr++] = i + 1 + end;
			r->sum += i + 1 + end;
			r->above += m[k].positive ? i + 1 + end : 0;
		}
	}
	free(m);
}

/* How many of the 2^n choices of signs give each sum of the positive (doubled) ranks: [sum + 1], for
 * the caller to free. One rank after the other doubles the choices. */
static double *sign_choices(const unsigned *twice, size_t n, unsigned long sum)
{
	double *ways = xcalloc(sum + 1, sizeof(*ways));
	unsigned long reached = 0;

	ways[0] = 1;
	for (size_t i = 0; i < n; i++) {
		reached += twice[i];
		for (unsigned long s = reached; s >= twice[i]; s--)
			ways[s] += ways[s - twice[i]];
	}
	return ways;
}

/* P(sum <= the smaller of the two sides), in one tail. */
static double exact_tail(const struct ranks *r, unsigned long least)
{
	double *ways = sign_choices(r->twice, r->nr, r->sum), tail = 0;

	for (unsigned long s = 0; s <= least; s++)
		tail += ways[s];
	free(ways);
	return ldexp(tail, -(int)r->nr);
}

static double normal_tail(const struct ranks *r, unsigned long least)
{
	double squares = 0;

	for (size_t i = 0; i < r->nr; i++)
		squares += (double)r->twice[i] * r->twice[i];
	/* The doubled sum has mean sum / 2 and variance squares / 4; half a rank is 1 here. */
	return gsl_cdf_ugaussian_P((least + 1 - r->sum / 2.0) / sqrt(squares / 4));
}

double signed_rank_p(const double *values, size_t n)
{
	unsigned long least;
	struct ranks r;
	double p = 1;

	ranks_init(&r, values, n);
	least = r.above < r.sum - r.above ? r.above : r.sum - r.above;
	if (r.nr)
		p = 2 * (n <= SIGNED_RANK_EXACT ? exact_tail(&r, least) : normal_tail(&r, least));
	free(r.twice);
	return p < 1 ? p : 1;
}

/* How many of the smallest pair means lie outside the interval: the largest k whose
 * P(sum of ranks < k) is at most half the level. */
static size_t cut_off(size_t n, double level)
{
	size_t nr_means = n * (n + 1) / 2, k = 0;
	double tail = 0, limit, *ways;
	unsigned *ranks;

	if (n > SIGNED_RANK_EXACT) {
		double sd = sqrt(n * (n + 1.0) * (2.0 * n + 1) / 24);
		double at = nr_means / 2.0 + 0.5 + gsl_cdf_ugaussian_Pinv(level / 2) * sd;

		return at > 0 ? at : 0;
	}
	ranks = xcalloc(n, sizeof(*ranks));
	for (size_t i = 0; i < n; i++)
		ranks[i] = i + 1;
	ways = sign_choices(ranks, n, nr_means);
	limit = ldexp(level / 2, (int)n);
	while (k < nr_means / 2 && tail + ways[k] <= limit)
		tail += ways[k++];
	free(ways);
	free(ranks);
	return k;
}

struct hodges_lehmann hodges_lehmann(const double *values, size_t n, double level)
{
	struct hodges_lehmann hl = {NAN, -INFINITY, INFINITY};
	size_t nr = n * (n + 1) / 2, k, m = 0;
	double *means;

	if (!n)
		return hl;
	means = xcalloc(nr, sizeof(*means));
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			means[m++] = (values[i] + values[j]) / 2;
	gsl_sort(means, 1, nr);
	hl.estimate = gsl_stats_median_from_sorted_data(means, 1, nr);
	k = cut_off(n, level);
	if (k) {
		hl.low = means[k - 1];
		hl.high = means[nr - k];
	}
	free(means);
	return hl;
}
