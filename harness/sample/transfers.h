/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfers: --sample transfers: what a simulated machine tells of the lines that went from CPU to CPU, as
 * the rows of misses.tsv. Nothing is sampled: all of them are there. */
#ifndef HARNESS_SAMPLE_TRANSFERS_H
#define HARNESS_SAMPLE_TRANSFERS_H

#include "common/misses.h"
#include "harness/sample/objects.h"

/* Add them: data is what lies in the line that went, symbol is the field whose access took it, with words
 * that say so if the prefetcher took the line for being the other of the field's pair. A weight is ns of
 * waiting. */
void transfers_add(const struct objects *objects, struct miss_table *table);

#endif
