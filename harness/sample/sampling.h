/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sampling: steps of a run beside the measured ones, with a sampler that looks on. They cost time, so what
 * they measure is thrown away; what the samples show is misses.tsv in the run's directory.
 */
#ifndef HARNESS_SAMPLE_SAMPLING_H
#define HARNESS_SAMPLE_SAMPLING_H

#include <stddef.h>

#include "common/say.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/result.h"
#include "harness/sample/event.h"
#include "harness/sample/resolve.h"
#include "harness/stop.h"

struct sampling {
	/* Set by the caller. */
	const struct plan *plan; /* whose cells are sampled */
	const struct result *result;
	const char *pft; /* path of the program */
	unsigned nr_cpus; /* that this process may use */
	struct stop *stop;
	struct progress *progress;
	const struct sample_event *event;
	/* What came of it. */
	struct resolver resolver;
	size_t nr_done, nr_failed;
	struct why failure; /* of the first step that failed */
};

/*
 * Sample each cell, a round of all cells and then the next, into a misses.tsv made anew. Returns 0, though
 * steps may have failed; -EINTR if somebody asked to stop; another -errno with the reason in @why if the
 * file could not be written.
 */
int sampling_run(struct sampling *sampling, struct why *why);

#endif
