/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event: which event is sampled. "cache-misses" is the best that this machine has for them: IBS, SPE or
 * PEBS tell the very instruction, the data's address and where it came from; else the PMU's counter, else
 * the CPU's clock, which finds hot instructions rather than missing ones.
 */
#ifndef HARNESS_SAMPLE_EVENT_H
#define HARNESS_SAMPLE_EVENT_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct sample_event {
	struct perf_event_attr attr; /* one that could be opened for the calling thread */
	char *name; /* as --sample has it, or the better event that was found */
	bool spe; /* its samples are in an AUX area, as spe_decode() takes them */
	bool spe_sources; /* and say where data came from: spe_has_sources() */
	bool far_only; /* accesses of all kinds: those that left the core are the misses */
	bool transfers; /* of a simulated machine: all are told, and nothing is opened */
	unsigned iterations; /* how often each cell is sampled */
	struct why note; /* what is not as it was asked for, in one line; empty: nothing */
};

/* Opens for the calling thread; perf_event_open_self() in use, something else in tests. */
typedef int sample_open_fn(const struct perf_event_attr *attr, int group);

/*
 * Choose by @spec, "EVENT[,period=N][,iterations=N]"; PMUs are looked for below @root (""). Returns 0;
 * -EINVAL for a spec that somebody has to mend; another -errno if nothing can be sampled here, with the
 * capability or sysctl that would help in @why. The caller releases the event in any case.
 */
int sample_event_init(struct sample_event *event, const char *spec, const char *root,
		      sample_open_fn *open, struct why *why);

/* Free what the struct holds. */
void sample_event_release(struct sample_event *event);

#endif
