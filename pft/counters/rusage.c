/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What getrusage(2) says of the thread. measure.c asks it in any case, for the classic line; no call is
 * added. */
#include "pft/counters/counter.h"

enum { USER_NS, SYSTEM_NS, VOLUNTARY, INVOLUNTARY };

static int rusage_plan(struct counter_plan *plan, const char *events, struct why *why)
{
	(void)events;
	(void)why;
	counter_plan_add(plan, "user_ns", "ns");
	counter_plan_add(plan, "system_ns", "ns");
	counter_plan_add(plan, "voluntary_switches", "1");
	counter_plan_add(plan, "involuntary_switches", "1");
	return 0;
}

static void rusage_read(struct counting *c)
{
	const struct snapshot *start = &c->measure->start, *end = &c->measure->end;

	counting_ok(c, USER_NS, 1e3 * (double)(end->user_us - start->user_us));
	counting_ok(c, SYSTEM_NS, 1e3 * (double)(end->system_us - start->system_us));
	counting_ok(c, VOLUNTARY, (double)(end->voluntary_switches - start->voluntary_switches));
	counting_ok(c, INVOLUNTARY,
		    (double)(end->involuntary_switches - start->involuntary_switches));
}

const struct counter counter_rusage = {
	.name = "rusage",
	.summary = "getrusage(2) of each worker: CPU time, context switches (the default)",
	.plan = rusage_plan,
	.prepare = counter_nothing,
	.start = counter_nothing,
	.stop = counter_nothing,
	.read = rusage_read,
	.finish = counter_nothing,
};
