/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/holm.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdlib.h>

#include "common/xalloc.h"

void holm_adjust(double *p, size_t n)
{
	size_t *order = xcalloc(n, sizeof(*order));
	double least = 0;

	gsl_sort_index(order, p, 1, n);
	for (size_t i = 0; i < n; i++) {
		least = fmax(least, fmin(1, (n - i) * p[order[i]]));
		p[order[i]] = least;
	}
	free(order);
}
