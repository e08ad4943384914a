/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prediction: what simulated runs say beside what was published: one table for each published one whose
 * machine and designs were simulated.
 */
#ifndef ANALYSIS_PREDICTION_H
#define ANALYSIS_PREDICTION_H

#include <stddef.h>

#include "analysis/agreement.h"
#include "analysis/published.h"
#include "analysis/run.h"

struct prediction_row {
	const struct published_figure *figure;
	double base_value; /* simulated, of the base design */
	double change; /* simulated, percent, positive when better */
};

struct prediction {
	const char *table, *machine, *source; /* of the published figures */
	struct prediction_row *rows;
	size_t nr, cap;
	struct agreement agreement;
};

struct predictions {
	struct prediction *tables; /* in the order of the published ones */
	size_t nr, cap;
	struct agreement all; /* over all rows */
};

/* The mean of @metric of @design at @clients on @machine in any of @runs; NaN if it was not simulated.
 * @prefetch: "on", "off", or "-" for any. */
double prediction_value(struct run *const *runs, size_t nr_runs, const char *machine,
			const char *design, const char *prefetch, unsigned clients,
			const char *metric);

/* Put the @runs beside what was @published, which must both outlive the tables. Those without a single
 * figure in common are left out. */
void predictions_init(struct predictions *p, struct run *const *runs, size_t nr_runs,
		      const struct published *published);

/* Free the tables. */
void predictions_release(struct predictions *p);

#endif
