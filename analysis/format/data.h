/* SPDX-License-Identifier: GPL-2.0-or-later */
/* data: comparisons for programs. 15 significant digits; what does not exist is empty or null,
 * with a reason. */
#ifndef ANALYSIS_FORMAT_DATA_H
#define ANALYSIS_FORMAT_DATA_H

#include <stdio.h>

#include "analysis/compare.h"

/* One line per row, statistic and run. */
void csv_comparison(FILE *out, const struct comparison *c);

/* One line per time and run. */
void csv_durations(FILE *out, const struct columns *columns);

/* One object: runs, and rows with a cell per run. */
void json_comparison(FILE *out, const struct comparison *c);

/* One object: runs with their times. */
void json_durations(FILE *out, const struct columns *columns);

#endif
