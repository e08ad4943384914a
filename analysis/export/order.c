/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/export/order.h"

#include <math.h>
#include <stdlib.h>

#include "common/xalloc.h"

static int rank(const struct export_cell *cell)
{
	return cell->judged ? NR_VERDICTS - (int)cell->verdict : NR_VERDICTS + 1;
}

static int by_badness(const void *left, const void *right)
{
	const struct export_cell *a = *(const struct export_cell *const *)left;
	const struct export_cell *b = *(const struct export_cell *const *)right;
	double change_a = isfinite(a->change) ? a->change : 0;
	double change_b = isfinite(b->change) ? b->change : 0;

	if (rank(a) != rank(b))
		return rank(a) - rank(b);
	if (change_a != change_b)
		return change_a < change_b ? -1 : 1;
	return a < b ? -1 : a > b;
}

const struct export_cell **export_worst_first(const struct export *e)
{
	const struct export_cell **order = xcalloc(e->nr, sizeof(struct export_cell *));

	for (size_t i = 0; i < e->nr; i++)
		order[i] = &e->cells[i];
	qsort(order, e->nr, sizeof(struct export_cell *), by_badness);
	return order;
}
