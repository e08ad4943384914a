/* SPDX-License-Identifier: GPL-2.0-or-later */
/* threads: thread.h, kthread.h, barrier.h and tlb.h by virtual CPUs. */
#include <limits.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/barrier.h"
#include "pft/base/kthread.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/base/task.h"
#include "pft/base/tlb.h"
#include "pft/sim/model.h"
#include "pft/thread.h"

/* What a new thread calls: run() returns something that nobody looks at. */
struct call {
	void *(*run)(void *arg);
	void *arg;
};

static void call_run(void *arg)
{
	struct call call = *(struct call *)arg;

	free(arg);
	call.run(call.arg);
}

int thread_start(struct thread *thread, void *(*run)(void *arg), void *arg, uint64_t stack)
{
	struct call *call = xcalloc(1, sizeof(*call));

	(void)stack;
	*call = (struct call){run, arg};
	thread->handle = vcpu_start(-1, call_run, call);
	return 0;
}

void thread_join(struct thread *thread)
{
	vcpu_join(thread->handle);
	thread->handle = NULL;
}

bool *thread_flag(void)
{
	return &vcpu_self->flag;
}

int thread_id(void)
{
	return (int)vcpu_self->number;
}

/* Bits of the slots below RCU_SLOT that are taken: bit 0 is RCU_SLOT - 1. */
static uint64_t slots_taken;

unsigned kthread_slot_get(void)
{
	unsigned bit;

	if (!~slots_taken)
		return 0;
	bit = (unsigned)__builtin_ctzl(~slots_taken);
	slots_taken |= 1UL << bit;
	return RCU_SLOT - 1 - bit;
}

void kthread_slot_put(unsigned slot)
{
	slots_taken &= ~(1UL << (RCU_SLOT - 1 - slot));
}

static void kthread_main(void *arg)
{
	struct kthread *kthread = arg;

	arch_slot_enter(kthread->slot);
	task_revive(kthread->slot);
	node_memory_enter(kthread->node);
	kthread->run(kthread);
}

int kthread_start(struct kthread *kthread, struct why *why)
{
	(void)why;
	kthread->native = vcpu_start((int)kthread->node, kthread_main, kthread);
	return 0;
}

void kthread_join(struct kthread *kthread)
{
	if (kthread->native)
		vcpu_join(kthread->native);
	kthread->native = NULL;
}

void tlb_shootdown(unsigned cpus)
{
	arch_work(ARCH_WORK_SHOOTDOWN, NULL, cpus);
}

void barrier_poke(struct barrier *b)
{
	b->event++;
	vcpu_wake(&b->event, UINT_MAX, 0, 0);
}

bool barrier_arrive(struct barrier *b)
{
	uint32_t phase;

	vcpu_yield();
	phase = b->phase;
	if (phase == BARRIER_ABORTED)
		return false;
	if (++b->arrived == b->nr_workers)
		barrier_poke(b);
	while (b->phase == phase)
		vcpu_wait(&b->phase, phase, 0);
	return b->phase != BARRIER_ABORTED;
}

uint32_t barrier_events(const struct barrier *b)
{
	vcpu_yield();
	return b->event;
}

bool barrier_complete(const struct barrier *b)
{
	return b->arrived == b->nr_workers;
}

void barrier_wait(struct barrier *b, uint32_t seen)
{
	while (b->event == seen)
		vcpu_wait(&b->event, seen, 0);
}

void barrier_open(struct barrier *b)
{
	vcpu_yield();
	b->arrived = 0;
	b->phase++;
	vcpu_wake(&b->phase, UINT_MAX, 0, 0);
}

void barrier_abort(struct barrier *b)
{
	b->phase = BARRIER_ABORTED;
	vcpu_wake(&b->phase, UINT_MAX, 0, 0);
}
