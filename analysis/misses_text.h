/* SPDX-License-Identifier: GPL-2.0-or-later */
/* misses_text: tables of misses for people. */
#ifndef ANALYSIS_MISSES_TEXT_H
#define ANALYSIS_MISSES_TEXT_H

#include <stdio.h>

#include "analysis/misses.h"

/* The first @top rows of a group, all with 0: share, samples, events per fault, and where. */
void misses_print(FILE *out, const struct miss_group *group, size_t top);

/* The lines of data that were accessed, those with most HITM, then samples, first; below each the fields on
 * it, with who reads and who writes them. Read with MISSES_BY_DATA. */
void misses_print_data(FILE *out, const struct miss_group *group, size_t top);

/* The changes between two groups that were aligned; rows of one group alone come apart. */
void misses_print_changes(FILE *out, const struct miss_group *a, const struct miss_group *b,
			  size_t top);

#endif
