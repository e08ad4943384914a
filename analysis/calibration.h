/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calibration: what 'faultscale calibrate' found out about a machine, for the statements of ab and
 * gate: what could have been seen, and what it takes to see more. A short session may be quieter than
 * the machine usually is; then the machine's usual noise counts. No verdict depends on it.
 */
#ifndef ANALYSIS_CALIBRATION_H
#define ANALYSIS_CALIBRATION_H

#include <stddef.h>

#include "common/tsv.h"

/* The columns of calibration.tsv. */
extern const struct tsv_schema calibration_schema;

/* The noise of one cell; shares and logs. */
struct calibration_cell {
	char *variant, *clients, *metric;
	double spread; /* of one measurement */
	double lag1; /* correlation of neighbours */
	double deviation; /* of a round's log ratio */
	double false_alarms; /* share of replays */
};

struct calibration {
	char *text; /* which it is, how old, or why it is none; NULL: there is nothing to tell */
	struct calibration_cell *cells; /* none where it is of an unlike machine */
	size_t nr, cap;
};

/*
 * The newest calibration beside the run in directory @path whose machine and steps are like the run's,
 * but for kernel, version of pft and warm-up; or, without cells, the newest that is not, and why. What
 * cannot be read is passed over.
 */
void calibration_find(struct calibration *calibration, const char *path);

/* What it knows of @metric of @variant ("A | B" where the sides' differ: the noisier) at @clients, or
 * NULL. */
const struct calibration_cell *calibration_cell(const struct calibration *calibration,
						const char *variant, const char *clients,
						const char *metric);

/* Free what it holds. */
void calibration_release(struct calibration *calibration);

#endif
