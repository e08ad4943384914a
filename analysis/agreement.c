/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/agreement.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#include "common/xalloc.h"

#define LEAST_PAIRS 3 /* of which ranks say anything */

bool agreement_sign(double published, double predicted)
{
	if (fabs(published) < AGREEMENT_FLAT && fabs(predicted) < AGREEMENT_FLAT)
		return true;
	return (published > 0) == (predicted > 0) && (published < 0) == (predicted < 0);
}

void agreement_add(struct agreement *a, double published, double predicted)
{
	if (a->nr == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 16;
		a->published = xreallocarray(a->published, a->cap, sizeof(*a->published));
		a->predicted = xreallocarray(a->predicted, a->cap, sizeof(*a->predicted));
	}
	a->published[a->nr] = published;
	a->predicted[a->nr++] = predicted;
}

static double rank_correlation(const struct agreement *a)
{
	double *work, rho;

	if (a->nr < LEAST_PAIRS)
		return NAN;
	work = xcalloc(2 * a->nr, sizeof(*work));
	rho = gsl_stats_spearman(a->published, 1, a->predicted, 1, a->nr, work);
	free(work);
	return rho;
}

void agreement_finish(struct agreement *a)
{
	double sum = 0;

	a->right = 0;
	a->worst_error = 0;
	for (size_t i = 0; i < a->nr; i++) {
		double error = fabs(a->predicted[i] - a->published[i]);

		a->right += agreement_sign(a->published[i], a->predicted[i]);
		a->worst_error = fmax(a->worst_error, error);
		sum += error;
	}
	a->mean_error = a->nr ? sum / (double)a->nr : NAN;
	a->rho = rank_correlation(a);
}

void agreement_release(struct agreement *a)
{
	free(a->published);
	free(a->predicted);
	*a = (struct agreement){0};
}
