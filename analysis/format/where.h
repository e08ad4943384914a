/* SPDX-License-Identifier: GPL-2.0-or-later */
/* where: the tables of offcpu and contention, as text, markdown or part of a page. */
#ifndef ANALYSIS_FORMAT_WHERE_H
#define ANALYSIS_FORMAT_WHERE_H

#include <stdio.h>

#include "analysis/format/grid.h"
#include "analysis/format/style.h"
#include "analysis/where.h"

/* By cause and client count: share of thread time, time and waits per 1000 faults, percentiles. */
void where_causes(FILE *out, const struct where *where, const struct style *style);

/* Per client count the @top stacks: the largest, or those that changed most. */
void where_stacks(FILE *out, const struct where *where, size_t top, const struct style *style);

/* Those of one cell as a @grid that is to be printed with @style. */
void where_cell_stacks(struct grid *grid, const struct where_cell *cell, size_t top,
		       const struct style *style);

/* "anon, 12 clients", and the same with ", the largest 10 of 31 stacks" behind it. In memory that the
 * caller frees. */
char *where_cell_name(const struct where_cell *cell);
char *where_stacks_name(const struct where_cell *cell, size_t top);

/* What stands beside them, each table only if there is something for it: mmap_lock, latency of
 * faults, alignment, time(1). */
void where_beside(FILE *out, const struct where *where, const struct style *style);

/* One line for each probe: what it saw, lost and cost, or why it did not run. */
void where_probes(FILE *out, const struct where *where);

#endif
