/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sampler: samples one process and all that it starts, from its exec to its end. An event that is
 * inherited can only be mapped if it belongs to a CPU (perf_mmap()), so there is one, with a ring buffer,
 * on each.
 */
#ifndef HARNESS_SAMPLE_SAMPLER_H
#define HARNESS_SAMPLE_SAMPLER_H

#include "harness/child.h"
#include "harness/sample/event.h"
#include "harness/sample/record.h"

struct sampler_ring;

struct sampler {
	struct child_watch watch; /* for child_run_watched() */
	const struct sample_event *event;
	struct sampler_ring *rings;
	unsigned nr_rings;
	void *scratch; /* what was in a ring */
	struct sample_log log;
	int err; /* of a ring that could not be understood, with why */
	struct why why;
};

/* Ready to watch a child; nothing is opened before it is forked. */
void sampler_init(struct sampler *sampler, const struct sample_event *event);

/* The child has ended: the log is complete. Returns 0, or -errno with the reason in @why. */
int sampler_finish(struct sampler *sampler, struct why *why);

/* Close what is open and free the log. */
void sampler_release(struct sampler *sampler);

#endif
