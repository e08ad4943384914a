/* SPDX-License-Identifier: GPL-2.0-or-later */
/* overview: what a person wants to see of a run first: what it is, and its means in a table. */
#ifndef ANALYSIS_FORMAT_OVERVIEW_H
#define ANALYSIS_FORMAT_OVERVIEW_H

#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/curve.h"

/* A few lines about @run, from its meta.tsv: how it ended, when, on what; nothing without one. */
void overview_facts(FILE *out, const struct run *run);

/* A row for each row of @c: mean, coefficient of variation and share of the ideal in each column, and
 * the change to the first one. */
void overview_table(FILE *out, const struct comparison *c, const struct curves *curves);

#endif
