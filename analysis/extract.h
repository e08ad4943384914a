/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extract: every sample of a run as text, or what gnuplot wants, as extract-mmtests.pl prints them. */
#ifndef ANALYSIS_EXTRACT_H
#define ANALYSIS_EXTRACT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/compare.h"

/* One line a sample: row, iteration directory, sample number, value. */
void extract_samples(FILE *out, const struct comparison *c, bool header);

/*
 * One line a row: client count, then mean and standard deviation, or (@candles) the five numbers of
 * a candlestick: mean - deviation, min, max, mean + deviation, mean.
 */
void extract_plot(FILE *out, const struct comparison *c, bool candles);

#endif
