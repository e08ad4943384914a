/* SPDX-License-Identifier: GPL-2.0-or-later */
/* whatif: the tables of predictions, as text or markdown. */
#ifndef ANALYSIS_FORMAT_WHATIF_H
#define ANALYSIS_FORMAT_WHATIF_H

#include <stdio.h>

#include "analysis/format/style.h"
#include "analysis/prediction.h"
#include "analysis/published.h"
#include "analysis/run.h"

/*
 * For each state of the prefetcher in @run: faults/cpu and faults/sec of each design, the change against the
 * first one, and in square brackets what was published of the same change.
 */
void whatif_table(FILE *out, struct run *run, const struct published *published,
		  const struct style *style);

/* Each published table beside its prediction, with the signs, the errors and the rank correlation. */
void whatif_predictions(FILE *out, const struct predictions *p, const struct style *style);

#endif
