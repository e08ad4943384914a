/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/model.h"

#include "common/say.h"
#include "pft/base/compiler.h"
#include "pft/sim/arena.h"
#include "pft/sim/caches.h"
#include "pft/sim/transfer.h"
#include "pft/sim/truth.h"

static struct machine machine;
static uint64_t atomic_ps;
static uint64_t memory_busy[MACHINE_NODES_MAX]; /* until when each node's memory is, ps */

void model_init(const struct machine *m)
{
	machine = *m;
	atomic_ps = ps_of(m->atomic_ns);
	caches_init(m);
	transfer_init(m);
}

const struct machine *model_machine(void)
{
	return &machine;
}

unsigned model_nodes(void)
{
	return (unsigned)machine.nodes;
}

/* hwloc numbers the threads of a core one after the other. */
static struct core *core_of_cpu(unsigned cpu)
{
	return &caches.cores[cpu / machine.threads];
}

unsigned model_node_of_cpu(unsigned cpu)
{
	return core_of_cpu(cpu)->node;
}

static void take_thread(struct core *core, struct vcpu *vcpu)
{
	unsigned i;

	for (i = 0; core->threads[i]; i++)
		if (i + 1 == MACHINE_THREADS_MAX)
			BUG("more than %u threads on core %u", MACHINE_THREADS_MAX, core->number);
	core->threads[i] = vcpu;
	vcpu->core = core;
}

static void leave_thread(struct vcpu *vcpu)
{
	for (unsigned i = 0; i < MACHINE_THREADS_MAX; i++)
		if (vcpu->core->threads[i] == vcpu)
			vcpu->core->threads[i] = NULL;
}

/* A core beside the machine's that nobody is on any more, or a new one. */
static struct core *core_beside(unsigned node)
{
	for (unsigned i = machine_cores(&machine); i < caches.nr_cores; i++)
		if (!caches.cores[i].threads[0] && caches.cores[i].node == node)
			return &caches.cores[i];
	return caches_add_core(node, &machine);
}

void model_move_beside(struct vcpu *vcpu, unsigned node)
{
	if (vcpu->core)
		leave_thread(vcpu);
	take_thread(core_beside(node), vcpu);
	vcpu->cpu = machine_cpus(&machine) + vcpu->core->number - machine_cores(&machine);
}

void model_enter(struct vcpu *vcpu, int node)
{
	rng_init(&vcpu->rng, machine.seed + ((uint64_t)vcpu->number << 32));
	if (node >= 0) {
		model_move_beside(vcpu, (unsigned)node);
		return;
	}
	vcpu->core = vcpu_self->core;
	vcpu->cpu = vcpu_self->cpu;
}

void model_leave(struct vcpu *vcpu)
{
	leave_thread(vcpu);
}

bool model_move(struct vcpu *vcpu, unsigned cpu)
{
	struct core *core = core_of_cpu(cpu);

	for (unsigned i = 0; i < MACHINE_THREADS_MAX; i++)
		if (core->threads[i] && core->threads[i] != vcpu && core->threads[i]->cpu == cpu)
			return false;
	leave_thread(vcpu);
	vcpu->cpu = cpu;
	take_thread(core, vcpu);
	return true;
}

void model_drain(struct vcpu *vcpu)
{
	if (vcpu->nr_pending) {
		vcpu->draining = true;
		vcpu_block();
	}
	if (vcpu->stores_done > vcpu->event.time)
		vcpu->event.time = vcpu->stores_done;
}

/* Whether a store of @vcpu waits for @line, so that it may use the line's new contents already. */
static bool pending(const struct vcpu *vcpu, const struct line *line)
{
	for (unsigned i = 0; i < vcpu->nr_pending; i++)
		if (vcpu->pending[i] == line)
			return true;
	return false;
}

/* Addresses of the program's own variables and stacks move with it: they are told as one. */
static void note(struct vcpu *vcpu, const volatile void *address, enum sim_access kind)
{
	struct truth *truth;

	vcpu->cause = arena_offset(address) < ARENA_BYTES ? (uintptr_t)address : ARCH_LINE;
	truth = truth_of(vcpu->cause, vcpu->cause & ~(uintptr_t)(ARCH_LINE - 1));
	truth->loads += kind == SIM_LOAD;
	truth->stores += kind != SIM_LOAD;
}

void model_access(struct vcpu *vcpu, const volatile void *address, enum sim_access kind)
{
	struct line *line = line_of(address);
	uint64_t cost;

	if (unlikely(truth_started()) && vcpu->counting)
		note(vcpu, address, kind);
	if (vcpu->counting) {
		vcpu->counts.loads += kind == SIM_LOAD;
		vcpu->counts.stores += kind == SIM_STORE;
		vcpu->counts.atomics += kind == SIM_ATOMIC;
	}
	if (kind == SIM_ATOMIC) {
		model_drain(vcpu);
		vcpu->event.time += atomic_ps;
	}
	if (transfer_hit(vcpu->core, line, kind != SIM_LOAD, vcpu, &cost)) {
		vcpu->event.time += cost;
	} else if (kind == SIM_STORE && machine.store_buffer) {
		vcpu->event.time += caches.l1.ps;
		if (pending(vcpu, line))
			return;
		if (vcpu->nr_pending == machine.store_buffer)
			model_drain(vcpu);
		transfer_request(vcpu, line, REQUEST_STORE);
	} else if (vcpu->nr_pending && pending(vcpu, line)) {
		vcpu->event.time += caches.l1.ps;
	} else {
		transfer_request(vcpu, line, kind == SIM_LOAD ? REQUEST_READ : REQUEST_WRITE);
	}
}

/* Whether another thread of the core works. */
static bool shares_core(const struct vcpu *vcpu)
{
	for (unsigned i = 0; i < MACHINE_THREADS_MAX; i++) {
		const struct vcpu *other = vcpu->core->threads[i];

		if (other && other != vcpu && !other->asleep)
			return true;
	}
	return false;
}

void model_work(struct vcpu *vcpu, uint64_t ps)
{
	if (machine.smt_factor > 1 && shares_core(vcpu))
		ps = (uint64_t)((double)ps * machine.smt_factor);
	vcpu->event.time += ps;
	if (vcpu->counting)
		vcpu->counts.work_ps += ps;
}

void model_stream(struct vcpu *vcpu, const void *memory, size_t size, double gbs, bool reads)
{
	uint64_t offset = arena_offset(memory), start = vcpu->event.time, *busy;
	unsigned node = offset < ARENA_BYTES ? arena_node(offset) : vcpu->core->node;

	/* Its stores are behind those that wait, and come after them. */
	model_drain(vcpu);
	if (offset < ARENA_BYTES)
		caches_age(vcpu->core, (uint32_t)(offset / ARCH_LINE),
			   (unsigned)(size / ARCH_LINE));
	if (gbs > 0)
		model_work(vcpu, ps_of((double)size / gbs));
	if (machine.memory_gbs <= 0)
		return;
	busy = &memory_busy[node];
	if (*busy < start)
		*busy = start;
	*busy += ps_of((double)size * (reads ? 2 : 1) / machine.memory_gbs);
	if (*busy > vcpu->event.time)
		vcpu->event.time = *busy;
}
