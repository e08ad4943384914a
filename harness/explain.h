/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain: steps of a run beside the measured ones, with probes attached. They cost time, so what such a step
 * measures is kept apart, in explained.tsv, and never compared; what the probes found is in files of their
 * own (docs/format.md).
 */
#ifndef HARNESS_EXPLAIN_H
#define HARNESS_EXPLAIN_H

#include <stddef.h>

#include "common/say.h"
#include "harness/plan.h"
#include "harness/probes/probe_set.h"
#include "harness/progress.h"
#include "harness/result.h"
#include "harness/stop.h"

struct explain {
	const struct result *result;
	const char *pft; /* path of the program */
	unsigned nr_cpus; /* that this process may use */
	struct stop *stop;
	struct progress *progress;
	struct plan plan; /* of the explained steps */
	struct probe_set probes;
	size_t nr_done, nr_failed;
	struct why failure; /* of the first step that failed */
};

/*
 * Attach the probes that @list names (see probe_set_init()) for @iterations steps of each cell of @plan,
 * which is not changed, and make the files in the run's directory anew. Returns 0, or -errno with the reason
 * in @why. The caller releases @explain in any case.
 */
int explain_init(struct explain *explain, const struct plan *plan, unsigned iterations,
		 const char *list, const struct result *result, struct why *why);

/*
 * Run the steps: a round of all cells, then the next. Returns 0; -EINTR if somebody asked to stop; another
 * -errno with the reason in @why if a file could not be written.
 */
int explain_run(struct explain *explain, struct why *why);

/* Detach the probes, close the files, free. Returns 0, or -errno if something could not be written. */
int explain_release(struct explain *explain, struct why *why);

#endif
