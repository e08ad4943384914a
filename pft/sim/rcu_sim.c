/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/rcu_sim.h"

#include "common/say.h"
#include "pft/sim/model.h"
#include "pft/sim/vcpu.h"

/* Who waits for readers; on the waiter's stack. */
struct grace {
	struct grace *next;
	struct vcpu *waiter;
	unsigned nr; /* readers that are still in */
	bool reader[VCPUS_MAX];
};

static struct grace *graces;
static struct vcpu *thread;
static void (*thread_loop)(void);

void rcu_register_thread(void)
{
}

void rcu_unregister_thread(void)
{
}

void rcu_read_lock(void)
{
	if (vcpu_self)
		vcpu_self->rcu_nesting++;
}

/* The caller has left its section: some may have waited for it alone. */
static void tell_graces(void)
{
	for (struct grace *grace = graces; grace; grace = grace->next) {
		if (!grace->reader[vcpu_self->number])
			continue;
		grace->reader[vcpu_self->number] = false;
		if (--grace->nr)
			continue;
		grace->waiter->event.time = vcpu_self->event.time;
		event_add(&grace->waiter->event);
	}
}

void rcu_read_unlock(void)
{
	if (!vcpu_self)
		return;
	if (!vcpu_self->rcu_nesting)
		BUG("an RCU section ends that was not begun");
	if (!--vcpu_self->rcu_nesting && graces)
		tell_graces();
}

bool rcu_read_lock_held(void)
{
	return vcpu_self && vcpu_self->rcu_nesting;
}

void synchronize_rcu(void)
{
	struct vcpu *self = vcpu_self;
	struct grace grace = {.waiter = self}, **link;
	uint64_t start;

	if (!self)
		return;
	vcpu_yield();
	model_drain(self);
	start = self->event.time;
	grace.next = graces;
	for (unsigned i = 0; i < nr_vcpus; i++) {
		grace.reader[i] = vcpus[i]->rcu_nesting && vcpus[i] != self;
		grace.nr += grace.reader[i];
	}
	if (grace.nr) {
		graces = &grace;
		vcpu_block();
		for (link = &graces; *link != &grace; link = &(*link)->next)
			;
		*link = grace.next;
	}
	self->event.time += ps_of(model_machine()->grace_ns);
	self->slept_ps += self->event.time - start;
}

static void run_loop(void *unused)
{
	(void)unused;
	thread_loop();
}

void rcu_thread_start(void (*loop)(void), void (*stop)(void))
{
	(void)stop; /* nobody forks */
	thread_loop = loop;
	thread = vcpu_start(0, run_loop, NULL);
}

void rcu_thread_join(void)
{
	vcpu_join(thread);
}
