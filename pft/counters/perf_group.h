/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf_group: the events of a plan, opened by the calling thread for itself on whatever CPU it runs,
 * group by group: the members of one are on the PMU at the same time, so that their ratios hold. All
 * are the five verbs of a counter.
 */
#ifndef PFT_COUNTERS_PERF_GROUP_H
#define PFT_COUNTERS_PERF_GROUP_H

#include "pft/counters/counter.h"

void perf_group_prepare(struct counting *c);
void perf_group_start(struct counting *c);
void perf_group_stop(struct counting *c);
void perf_group_read(struct counting *c);
void perf_group_finish(struct counting *c);

#endif
