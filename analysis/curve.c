/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static bool is_on(const struct curve *curve, const struct row *row, size_t column)
{
	return curve->metric == row->metric && curve->column == column &&
	       !strcmp(curve->label, row->label);
}

static void add_curve(struct curves *curves, const struct row *row, size_t column)
{
	XGROW(curves->curves, curves->nr, curves->cap);
	curves->curves[curves->nr++] =
		(struct curve){.metric = row->metric, .label = row->label, .column = column};
}

static void add_point(struct curve *curve, const struct row *row)
{
	double mean = row->cells[curve->column].sum.value[STAT_MEAN];

	if (isnan(mean))
		return;
	curve->points = xreallocarray(curve->points, curve->nr + 1, sizeof(*curve->points));
	curve->points[curve->nr++] =
		(struct curve_point){.clients = strtod(row->clients, NULL), .mean = mean};
}

void curves_init(struct curves *curves, const struct comparison *c)
{
	*curves = (struct curves){0};
	for (size_t r = 0; r < c->nr_rows; r++)
		for (size_t i = 0; i < c->columns.nr && !curves_find(curves, &c->rows[r], i); i++)
			add_curve(curves, &c->rows[r], i);
	for (size_t k = 0; k < curves->nr; k++)
		for (size_t r = 0; r < c->nr_rows; r++)
			if (is_on(&curves->curves[k], &c->rows[r], curves->curves[k].column))
				add_point(&curves->curves[k], &c->rows[r]);
}

void curves_release(struct curves *curves)
{
	for (size_t i = 0; i < curves->nr; i++)
		free(curves->curves[i].points);
	free(curves->curves);
	*curves = (struct curves){0};
}

const struct curve *curves_find(const struct curves *curves, const struct row *row, size_t column)
{
	for (size_t i = 0; i < curves->nr; i++)
		if (is_on(&curves->curves[i], row, column))
			return &curves->curves[i];
	return NULL;
}

double curve_ideal(const struct curve *curve, double clients)
{
	enum ideal ideal = metric_ideal(curve->metric->metric);

	if (!curve->nr || ideal == IDEAL_NONE)
		return NAN;
	if (ideal == IDEAL_FLAT)
		return curve->points[0].mean;
	if (curve->points[0].clients <= 0)
		return NAN;
	return curve->points[0].mean / curve->points[0].clients * clients;
}

double curve_mean(const struct curve *curve, double clients)
{
	for (size_t i = 0; i < curve->nr; i++) {
		const struct curve_point *p = &curve->points[i];
		double share;

		if (p->clients == clients)
			return p->mean;
		if (p->clients < clients)
			continue;
		if (!i)
			break;
		share = (clients - p[-1].clients) / (p->clients - p[-1].clients);
		return p[-1].mean + share * (p->mean - p[-1].mean);
	}
	return NAN;
}
