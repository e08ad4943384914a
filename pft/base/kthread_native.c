/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "pft/base/kthread.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/base/task.h"

/* Bits of the slots below RCU_SLOT that are taken: bit 0 is RCU_SLOT - 1. */
static uint64_t slots_taken;

unsigned kthread_slot_get(void)
{
	uint64_t taken = arch_read_once(&slots_taken);
	unsigned bit;

	do {
		if (!~taken)
			return 0;
		bit = (unsigned)__builtin_ctzl(~taken);
	} while (!arch_cmpxchg_full(&slots_taken, &taken, taken | 1UL << bit));
	return RCU_SLOT - 1 - bit;
}

void kthread_slot_put(unsigned slot)
{
	arch_andnot_full(&slots_taken, 1UL << (RCU_SLOT - 1 - slot));
}

static void *run(void *arg)
{
	struct kthread *kthread = arg;

	arch_slot_enter(kthread->slot);
	task_revive(kthread->slot);
	node_memory_enter(kthread->node);
	rcu_register_thread();
	kthread->run(kthread);
	rcu_unregister_thread();
	return NULL;
}

int kthread_start(struct kthread *kthread, struct why *why)
{
	pthread_t *thread = malloc(sizeof(*thread));
	sigset_t all, old;
	int rc = ENOMEM;

	if (thread) {
		sigfillset(&all); /* signals are for the program's own threads */
		pthread_sigmask(SIG_BLOCK, &all, &old);
		rc = pthread_create(thread, NULL, run, kthread);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	if (rc) {
		free(thread);
		return why_not(why, rc, "cannot start a thread of the engine");
	}
	kthread->native = thread;
	return 0;
}

void kthread_join(struct kthread *kthread)
{
	pthread_t *thread = kthread->native;

	if (!thread)
		return;
	pthread_join(*thread, NULL);
	free(thread);
	kthread->native = NULL;
}
