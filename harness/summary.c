/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/summary.h"

#include "common/units.h"

#define MAX_FAILURES 10 /* told one by one */

void summary_failures(FILE *out, const char *who, const struct exec *e)
{
	for (size_t i = 0; i < e->nr_failures && i < MAX_FAILURES; i++) {
		const struct exec_failure *f = &e->failures[i];
		const struct plan_step *step = &e->plan->steps[f->step];
		const struct plan_cell *cell = &e->plan->cells[step->cell];

		fprintf(out, "%s: step %zu failed (%s, %u client%s, iteration %u): %s\n", who,
			f->step, cell->variant, cell->clients, cell->clients == 1 ? "" : "s",
			step->iteration, f->reason);
	}
	if (e->nr_failures > MAX_FAILURES)
		fprintf(out, "%s: and %zu more; 'grep failed: %s/samples.tsv' shows them\n", who,
			e->nr_failures - MAX_FAILURES, e->result->dir);
}

void summary_end(FILE *out, const struct exec *e, size_t before, size_t nr_failed, double seconds)
{
	char time[32];

	fprintf(out, "%s: %zu of %zu steps done, %zu failed, in %s\n", e->result->dir,
		before + e->nr_done, e->plan->nr_steps, nr_failed,
		duration_format(time, sizeof(time), seconds));
}
