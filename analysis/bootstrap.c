/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/bootstrap.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stats.h"
#include "common/xalloc.h"

/* What is bootstrapped: two samples and the statistic whose ratio is wanted. */
struct pair {
	enum bootstrap_of of;
	enum better better;
	const double *x, *b;
	size_t nx, nb;
	double theta_x, theta_b; /* the statistic of each */
};

/* The statistic of @values, which a median reorders. */
static double statistic(const struct pair *p, double *values, size_t n)
{
	return p->of == BOOTSTRAP_MEAN ? mean_of(values, n, p->better)
				       : gsl_stats_median(values, 1, n);
}

static void draw(gsl_rng *rng, const double *from, double *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[gsl_rng_uniform_int(rng, n)];
}

/*
 * One sample's share in the sums of the acceleration: the influence of each element on the ratio,
 * by leaving it out. @is_base says which of the two it is.
 */
static void add_influence(const struct pair *p, bool is_base, double *square, double *cube)
{
	const double *values = is_base ? p->b : p->x;
	size_t n = is_base ? p->nb : p->nx;
	double *ratios = xmalloc(n * sizeof(*ratios)), *rest = xmalloc(n * sizeof(*rest));
	double mean;

	for (size_t i = 0; i < n; i++) {
		double s;

		memcpy(rest, values, i * sizeof(*values));
		memcpy(rest + i, values + i + 1, (n - 1 - i) * sizeof(*values));
		s = statistic(p, rest, n - 1);
		ratios[i] = is_base ? p->theta_x / s : s / p->theta_b;
	}
	mean = gsl_stats_mean(ratios, 1, n);
	for (size_t i = 0; i < n; i++) {
		double influence = (n - 1) * (mean - ratios[i]) / n;

		*square += pow(influence, 2);
		*cube += pow(influence, 3);
	}
	free(ratios);
	free(rest);
}

/* The quantile that BCa takes for the wanted @p, given bias @z0 and acceleration @a. */
static double corrected(double p, double z0, double a)
{
	double z = z0 + gsl_cdf_ugaussian_Pinv(p);

	return gsl_cdf_ugaussian_P(z0 + z / (1 - a * z));
}

/* Replace the quantiles @low and @high by those of BCa, where they can be had. */
static void bca_levels(const struct pair *p, const double *ratios, size_t nr, double *low,
		       double *high)
{
	double theta = p->theta_x / p->theta_b, below = 0, square = 0, cube = 0, z0, a, l, h;

	for (size_t i = 0; i < nr; i++)
		below += ratios[i] < theta ? 1 : ratios[i] == theta ? 0.5 : 0;
	if (below <= 0 || below >= nr)
		return;
	z0 = gsl_cdf_ugaussian_Pinv(below / nr);
	add_influence(p, false, &square, &cube);
	add_influence(p, true, &square, &cube);
	a = square > 0 ? cube / (6 * pow(square, 1.5)) : 0;
	l = corrected(*low, z0, a);
	h = corrected(*high, z0, a);
	if (isfinite(l) && isfinite(h) && l < h) {
		*low = l;
		*high = h;
	}
}

/* Draw both samples anew @nr times. Returns how many of the ratios are numbers. */
static size_t resample(const struct pair *p, gsl_rng *rng, double *tx, double *tb, double *ratios,
		       size_t nr)
{
	size_t good = 0;

	for (size_t i = 0; i < nr; i++) {
		draw(rng, p->x, tx, p->nx);
		draw(rng, p->b, tb, p->nb);
		ratios[good] = statistic(p, tx, p->nx) / statistic(p, tb, p->nb);
		good += isfinite(ratios[good]);
	}
	return good;
}

static gsl_rng *seeded(const struct bootstrap *boot, uint64_t stream)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, (boot->seed ^ stream ^ stream >> 32) & 0xffffffff);
	return rng;
}

void bootstrap_ratio(struct ratio_interval *out, const struct bootstrap *boot, enum bootstrap_of of,
		     enum better better, const double *x, size_t nx, const double *b, size_t nb,
		     uint64_t stream)
{
	struct pair p = {.of = of, .better = better, .x = x, .b = b, .nx = nx, .nb = nb};
	double *tx, *tb, *ratios, low = (1 - boot->level) / 2, high = 1 - low;
	size_t nr = boot->resamples;
	gsl_rng *rng;

	*out = (struct ratio_interval){NAN, NAN, NAN};
	if (!nx || !nb)
		return;
	tx = memcpy(xmalloc(nx * sizeof(*tx)), x, nx * sizeof(*x));
	tb = memcpy(xmalloc(nb * sizeof(*tb)), b, nb * sizeof(*b));
	ratios = xmalloc(nr * sizeof(*ratios));
	rng = seeded(boot, stream);
	p.theta_x = statistic(&p, tx, nx);
	p.theta_b = statistic(&p, tb, nb);
	if (isfinite(p.theta_x / p.theta_b))
		out->ratio = p.theta_x / p.theta_b;
	if (!isnan(out->ratio) && nx > 1 && nb > 1 && resample(&p, rng, tx, tb, ratios, nr) == nr) {
		gsl_sort(ratios, 1, nr);
		if (!boot->percentile)
			bca_levels(&p, ratios, nr, &low, &high);
		out->low = gsl_stats_quantile_from_sorted_data(ratios, 1, nr, low);
		out->high = gsl_stats_quantile_from_sorted_data(ratios, 1, nr, high);
	}
	gsl_rng_free(rng);
	free(tx);
	free(tb);
	free(ratios);
}

/* The mean of as many draws from @values as there are. */
static double drawn_mean(gsl_rng *rng, const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[gsl_rng_uniform_int(rng, n)];
	return sum / n;
}

void bootstrap_difference(struct interval *out, const struct bootstrap *boot, const double *x,
			  size_t nx, const double *b, size_t nb, uint64_t stream)
{
	double *differences, low = (1 - boot->level) / 2;
	size_t good = 0, nr = boot->resamples;
	gsl_rng *rng;

	*out = (struct interval){NAN, NAN};
	if (nx < 2 || nb < 2)
		return;
	differences = xmalloc(nr * sizeof(*differences));
	rng = seeded(boot, stream);
	for (size_t i = 0; i < nr; i++) {
		differences[i] = drawn_mean(rng, x, nx) - drawn_mean(rng, b, nb);
		good += isfinite(differences[i]);
	}
	if (good == nr) {
		gsl_sort(differences, 1, nr);
		out->low = gsl_stats_quantile_from_sorted_data(differences, 1, nr, low);
		out->high = gsl_stats_quantile_from_sorted_data(differences, 1, nr, 1 - low);
	}
	gsl_rng_free(rng);
	free(differences);
}
