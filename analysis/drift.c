/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/drift.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "common/xalloc.h"

double drift_normal_p(double off, double step, double sd)
{
	if (!(sd > 0))
		return 1;
	return fmin(1, 2 * gsl_cdf_ugaussian_Q(fmax(0, fabs(off) - step / 2) / sd));
}

/* t (t - 1) (2 t + 5) for each group of t equal values, what ties take off Kendall's variance; each
 * member of a group adds its share. */
static double tie_share(double t)
{
	return (t - 1) * (2 * t + 5);
}

double drift_p(const double *v, size_t n)
{
	double s = 0, var = (double)n * (n - 1) * (2.0 * n + 5);

	for (size_t i = 0; i < n; i++) {
		size_t equal = 0;

		for (size_t k = 0; k < n; k++)
			equal += v[k] == v[i];
		for (size_t k = i + 1; k < n; k++)
			s += (v[k] > v[i]) - (v[k] < v[i]);
		var -= tie_share(equal);
	}
	return drift_normal_p(s, 2, sqrt(var / 18));
}

double drift_of(const double *v, size_t n)
{
	double *slopes = xcalloc(n * n / 2 + 1, sizeof(*slopes)), slope;
	size_t nr = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			slopes[nr++] = (v[k] - v[i]) / (double)(k - i);
	gsl_sort(slopes, 1, nr);
	slope = nr ? gsl_stats_median_from_sorted_data(slopes, 1, nr) : 0;
	free(slopes);
	return slope * ((double)n - 1);
}
