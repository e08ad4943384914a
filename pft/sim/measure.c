/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure: a virtual CPU's clocks; its time is the system's, for there is no user code. */
#include "pft/measure.h"

#include "pft/sim/model.h"

static void snapshot(struct snapshot *s)
{
	const struct vcpu *self = vcpu_self;

	vcpu_yield();
	*s = (struct snapshot){
		.ns = self->event.time / PS_PER_NS,
		.system_us = (self->event.time - self->slept_ps) / (PS_PER_NS * 1000),
		.voluntary_switches = self->counts.sleeps,
		.cpu = self->cpu,
	};
	s->node = self->cpu < machine_cpus(model_machine()) ? model_node_of_cpu(self->cpu) : 0;
}

void snapshot_start(struct snapshot *s)
{
	snapshot(s);
	vcpu_self->counting = true;
}

void snapshot_end(struct snapshot *s)
{
	model_drain(vcpu_self);
	snapshot(s);
	vcpu_self->counting = false;
}
