/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/sequential.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>

/* Enough that neighbours are closer than a step of the random walk at the last of 50 looks. */
#define NODES 128

#define KNOT_STEP 0.2

/* The density of z at the next look, of those walks that have not crossed yet. */
static void step(const double *z, const double *weight, double *density, double from, double to)
{
	double next[NODES], spread = sqrt((to - from) / to), keep = sqrt(from / to);

	for (size_t i = 0; i < NODES; i++) {
		next[i] = 0;
		for (size_t k = 0; k < NODES; k++)
			next[i] += weight[k] * density[k] *
				   gsl_ran_gaussian_pdf(z[i] - keep * z[k], spread);
	}
	for (size_t i = 0; i < NODES; i++)
		density[i] = next[i];
}

double sequential_crossing(const unsigned *looks, size_t nr, double bound)
{
	gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
	double z[NODES], weight[NODES], density[NODES], stay = 0;

	for (size_t i = 0; i < NODES; i++) {
		gsl_integration_glfixed_point(-bound, bound, i, &z[i], &weight[i], table);
		density[i] = gsl_ran_ugaussian_pdf(z[i]);
	}
	gsl_integration_glfixed_table_free(table);
	for (size_t k = 1; k < nr; k++)
		step(z, weight, density, looks[k - 1], looks[k]);
	for (size_t i = 0; i < NODES; i++)
		stay += weight[i] * density[i];
	return 1 - stay;
}

void sequential_init(struct sequential *s, unsigned first, unsigned every, unsigned last)
{
	unsigned most = SEQUENTIAL_MAX_LOOKS - 1;

	if ((last - first) / every >= most)
		every = (last - first) / most + 1;
	s->nr = 0;
	for (unsigned n = first; n < last; n += every)
		s->looks[s->nr++] = n;
	s->looks[s->nr++] = last;
	for (size_t i = 0; i < SEQUENTIAL_KNOTS; i++) {
		double bound = i * KNOT_STEP, one = 2 * gsl_cdf_ugaussian_Q(bound);
		double error = i ? sequential_crossing(s->looks, s->nr, bound) : 1;

		/* Between one look's error and the sum of all; quadrature cannot tell 1e-12 from 0. */
		s->log_error[i] = log(fmin(fmax(error, one), s->nr * one));
	}
}

/* log of the error of all looks with the bound @z at each: between the knots it is nearly a parabola,
 * so three of them give it to about 1e-4 of its value. */
static double log_error(const struct sequential *s, double z)
{
	size_t i = z / KNOT_STEP < SEQUENTIAL_KNOTS - 3 ? z / KNOT_STEP : SEQUENTIAL_KNOTS - 3;
	double t = z / KNOT_STEP - i;
	const double *y = &s->log_error[i];

	return y[0] + t * (y[1] - y[0]) + t * (t - 1) / 2 * (y[2] - 2 * y[1] + y[0]);
}

double sequential_p(const struct sequential *s, double p)
{
	double z = gsl_cdf_ugaussian_Qinv(p / 2);

	if (p >= 1)
		return 1;
	if (z > (SEQUENTIAL_KNOTS - 1) * KNOT_STEP)
		return s->nr * p;
	return fmin(1, exp(log_error(s, z)));
}

double sequential_level(const struct sequential *s, double alpha)
{
	double low = 0, high = 1;

	/* In log p, so that small levels are as exact as large ones. */
	for (double a = log(1e-12), b = 0, middle; b - a > 1e-7; low = exp(a), high = exp(b)) {
		middle = (a + b) / 2;
		if (sequential_p(s, exp(middle)) > alpha)
			b = middle;
		else
			a = middle;
	}
	return (low + high) / 2;
}

int sequential_look(const struct sequential *s, unsigned rounds)
{
	int look = -1;

	while (look + 1 < (int)s->nr && s->looks[look + 1] <= rounds)
		look++;
	return look;
}
