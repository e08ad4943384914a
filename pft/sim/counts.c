/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counts: what the model counted of each worker, as a source of counts. */
#include "pft/counters/counter.h"
#include "pft/sim/vcpu.h"

struct field {
	const char *name;
	const char *unit;
	size_t offset;
	double scale;
};

#define FIELD(name, unit, field, scale) \
	{ \
		name, unit, offsetof(struct sim_counts, field), scale \
	}

static const struct field fields[] = {
	FIELD("loads", "1", loads, 1),
	FIELD("stores", "1", stores, 1),
	FIELD("atomics", "1", atomics, 1),
	FIELD("l1_hits", "1", l1_hits, 1),
	FIELD("l2_hits", "1", l2_hits, 1),
	FIELD("llc_hits", "1", llc_hits, 1),
	FIELD("memory", "1", memory, 1),
	FIELD("memory_remote", "1", memory_remote, 1),
	FIELD("transfers_llc", "1", transfers_llc, 1),
	FIELD("transfers_socket", "1", transfers_socket, 1),
	FIELD("transfers_cross", "1", transfers_cross, 1),
	FIELD("invalidations", "1", invalidations, 1),
	FIELD("inclusion_victims", "1", victims, 1),
	FIELD("prefetches", "1", prefetches, 1),
	FIELD("prefetch_steals", "1", steals, 1),
	FIELD("wait_ns", "ns", wait_ps, 1.0 / PS_PER_NS),
	FIELD("work_ns", "ns", work_ps, 1.0 / PS_PER_NS),
	FIELD("sleeps", "1", sleeps, 1),
};

static int simulated_plan(struct counter_plan *plan, const char *events, struct why *why)
{
	(void)events;
	(void)why;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		counter_plan_add(plan, fields[i].name, fields[i].unit);
	return 0;
}

/* Each worker reads its own, on its own virtual CPU, which does nothing else. */
static void simulated_read(struct counting *c)
{
	const char *counts = (const char *)&vcpu_self->counts;

	for (size_t i = 0; i < c->plan->nr; i++)
		counting_ok(c, i,
			    (double)*(const uint64_t *)(counts + fields[i].offset) *
				    fields[i].scale);
}

const struct counter counter_simulated = {
	.name = "sim",
	.summary = "what the model counted of each worker's accesses",
	.plan = simulated_plan,
	.prepare = counter_nothing,
	.start = counter_nothing,
	.stop = counter_nothing,
	.read = simulated_read,
	.finish = counter_nothing,
};
