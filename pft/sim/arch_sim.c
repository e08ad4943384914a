/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/arch_sim.h"

#include <limits.h>

#include "common/say.h"
#include "pft/base/compiler.h"
#include "pft/sim/model.h"
#include "pft/sim/schedule.h"

static struct vcpu *by_slot[ARCH_SLOTS];
static uint64_t explored_ps; /* the time of all CPUs while schedules are explored */

/* The door: whoever is behind in time comes first. Nothing is simulated before the first CPU runs. */
static inline void enter(const volatile void *address, enum sim_access kind)
{
	if (unlikely(!vcpu_self))
		return;
	vcpu_yield();
	if (unlikely(schedule_explores))
		vcpu_self->event.time = explored_ps += PS_PER_NS;
	else
		model_access(vcpu_self, address, kind);
}

const volatile void *sim_access(const volatile void *address, enum sim_access kind)
{
	enter(address, kind);
	return address;
}

/* Not under the eyes of AddressSanitizer: free-list pointers lie in objects that are freed, and poisoned. */
#define UNSEEN __attribute__((no_sanitize("address")))

static inline UNSEEN uint64_t load(const volatile void *address, size_t size)
{
	switch (size) {
	case 1:
		return *(const volatile uint8_t *)address;
	case 2:
		return *(const volatile uint16_t *)address;
	case 4:
		return *(const volatile uint32_t *)address;
	case 8:
		return *(const volatile uint64_t *)address;
	default:
		BUG("an access of %zu bytes", size);
	}
}

static inline UNSEEN void store(volatile void *address, uint64_t value, size_t size)
{
	switch (size) {
	case 1:
		*(volatile uint8_t *)address = (uint8_t)value;
		return;
	case 2:
		*(volatile uint16_t *)address = (uint16_t)value;
		return;
	case 4:
		*(volatile uint32_t *)address = (uint32_t)value;
		return;
	case 8:
		*(volatile uint64_t *)address = value;
		return;
	default:
		BUG("an access of %zu bytes", size);
	}
}

void sim_store(volatile void *address, uint64_t value, size_t size)
{
	enter(address, SIM_STORE);
	store(address, value, size);
}

bool sim_cmpxchg(volatile void *address, void *old, uint64_t new, size_t size)
{
	uint64_t found;

	enter(address, SIM_ATOMIC);
	found = load(address, size);
	if (found == load(old, size)) {
		store(address, new, size);
		return true;
	}
	store(old, found, size);
	return false;
}

uint64_t sim_xadd(volatile void *address, uint64_t n, size_t size)
{
	uint64_t found;

	enter(address, SIM_ATOMIC);
	found = load(address, size);
	store(address, found + n, size);
	return found;
}

uint64_t sim_xchg(volatile void *address, uint64_t value, size_t size)
{
	uint64_t found;

	enter(address, SIM_ATOMIC);
	found = load(address, size);
	store(address, value, size);
	return found;
}

uint64_t sim_or(volatile void *address, uint64_t bits, size_t size)
{
	uint64_t found;

	enter(address, SIM_ATOMIC);
	found = load(address, size);
	store(address, found | bits, size);
	return found;
}

uint64_t sim_andnot(volatile void *address, uint64_t bits, size_t size)
{
	uint64_t found;

	enter(address, SIM_ATOMIC);
	found = load(address, size);
	store(address, found & ~bits, size);
	return found;
}

void sim_mb(void)
{
	if (!vcpu_self)
		return;
	vcpu_yield();
	model_drain(vcpu_self);
	vcpu_self->event.time += ps_of(model_machine()->atomic_ns);
}

void arch_relax(void)
{
	/* A spinner's time has to pass, or it would spin for ever. */
	vcpu_self->event.time += ps_of(model_machine()->pause_ns) + 1;
	if (unlikely(schedule_explores)) {
		schedule_relax(vcpu_self);
		vcpu_yield();
	}
}

unsigned arch_spins(void)
{
	return (unsigned)model_machine()->spin_looks;
}

void arch_slot_enter(unsigned slot)
{
	if (slot >= ARCH_SLOTS)
		BUG("slot %u of %u", slot, ARCH_SLOTS);
	arch_this_slot = slot;
	if (!vcpu_self)
		return;
	vcpu_self->slot = slot;
	by_slot[slot] = vcpu_self;
}

bool arch_on_cpu(unsigned slot)
{
	vcpu_yield();
	return by_slot[slot] && !by_slot[slot]->asleep;
}

int arch_wait(uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
	struct vcpu *self = vcpu_self;

	enter(word, SIM_LOAD);
	if (*(volatile uint32_t *)word != value)
		return 0;
	model_drain(self);
	self->event.time += ps_of(model_machine()->sleep_ns);
	/* The wake-up may have come on the way to sleep. */
	vcpu_yield();
	return vcpu_wait(word, value, timeout_ns * PS_PER_NS);
}

void arch_wake(uint32_t *word, unsigned nr)
{
	const struct machine *m = model_machine();

	vcpu_yield();
	vcpu_wake(word, nr, ps_of(m->wake_ns), ps_of(m->wakeup_ns));
}

uint64_t arch_now_ns(void)
{
	if (!vcpu_self)
		return 0;
	vcpu_self->event.time += ps_of(model_machine()->clock_ns);
	return vcpu_self->event.time / PS_PER_NS;
}

unsigned arch_cpus(void)
{
	return machine_cpus(model_machine());
}

/* The time of a fault's own work: a little different each time, or all CPUs would march in step. */
static uint64_t trap_ps(struct vcpu *vcpu, const struct machine *m)
{
	uint64_t all = ps_of(m->work_ns), spread = (uint64_t)((double)all * m->work_spread / 100);

	return spread ? all - spread + rng_below(&vcpu->rng, 2 * spread + 1) : all;
}

void arch_work(enum arch_work kind, const void *memory, size_t size)
{
	const struct machine *m = model_machine();
	struct vcpu *self = vcpu_self;

	if (!self)
		return;
	vcpu_yield();
	switch (kind) {
	case ARCH_WORK_TRAP:
		model_work(self, trap_ps(self, m));
		return;
	case ARCH_WORK_CLEAR:
		model_stream(self, memory, size, m->clear_gbs, false);
		return;
	case ARCH_WORK_COPY:
		model_stream(self, memory, size, m->copy_gbs, true);
		return;
	case ARCH_WORK_COMPRESS:
		model_work(self, ps_of(m->compress_ns));
		return;
	case ARCH_WORK_DECOMPRESS:
		model_work(self, ps_of(m->decompress_ns));
		return;
	case ARCH_WORK_SHOOTDOWN:
		model_work(self, ps_of(m->shootdown_ns + m->shootdown_cpu_ns * (double)size));
		return;
	case ARCH_WORK_COMPUTE:
		model_work(self, size * PS_PER_NS);
		return;
	}
}
