/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spacing of mmtests' macro threads_large_stride, so that our rows stand beside old results:
 * close steps where few workers fight, wide ones later. What differs: a count that the macro names
 * twice (max 100 on 4 CPUs: 30 and 30) runs once. There the second run erased the first one's log.
 */
#include "harness/ladder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/xalloc.h"

static void add(struct ladder *ladder, unsigned clients)
{
	for (size_t i = 0; i < ladder->nr; i++)
		if (ladder->clients[i] == clients)
			return;
	XGROW(ladder->clients, ladder->nr, ladder->cap);
	ladder->clients[ladder->nr++] = clients;
}

/* seq(1): from @first to @last in steps of @stride; returns the last count, or @before if there is
 * none. */
static unsigned add_range(struct ladder *ladder, const struct ladder_limits *limits, unsigned first,
			  unsigned stride, unsigned last, unsigned before)
{
	for (; first <= last; first += stride) {
		before = first;
		if (first >= limits->min && (!limits->cutoff || first <= limits->cutoff))
			add(ladder, first);
	}
	return before;
}

int ladder_init(struct ladder *ladder, const struct ladder_limits *limits, struct why *why)
{
	unsigned min = limits->min, max = limits->max, nr_cpus = limits->nr_cpus, last = 0;

	*ladder = (struct ladder){0};
	if (limits->cap && max > limits->cap)
		max = limits->cap;
	if (min > max)
		return why_not(why, EINVAL, "no worker count from %u up to %u", min, max);
	if (max > 8 * nr_cpus) {
		unsigned stride = (max - 2 * nr_cpus) / 8;

		last = add_range(ladder, limits, min, 3, 8, last);
		last = add_range(ladder, limits, 12, 9, 32, last);
		last = add_range(ladder, limits, 48, 31, nr_cpus, last);
		last = add_range(ladder, limits, 2 * nr_cpus, stride ? stride : 31, max, last);
	} else if (max > 32) {
		last = add_range(ladder, limits, min, 3, 8, last);
		last = add_range(ladder, limits, 12, 9, 32, last);
		last = add_range(ladder, limits, 48, 31, max, last);
	} else if (max > 8) {
		last = add_range(ladder, limits, min, 2, 8, last);
		last = add_range(ladder, limits, 12, 6, max, last);
	} else {
		last = add_range(ladder, limits, min, 2, max, last);
	}
	if (last != max)
		add_range(ladder, limits, max, 1, max, last);
	if (!ladder->nr)
		return why_not(why, EINVAL, "no worker count left at or below the cutoff of %u",
			       limits->cutoff);
	return 0;
}

void ladder_release(struct ladder *ladder)
{
	free(ladder->clients);
	*ladder = (struct ladder){0};
}
