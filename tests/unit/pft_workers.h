/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_workers: run a function on some workers at once, for the concurrent tests of the engine. */
#ifndef TESTS_UNIT_PFT_WORKERS_H
#define TESTS_UNIT_PFT_WORKERS_H

#include <pthread.h>

#include "pft/base/arch.h"
#include "pft/base/rcu.h"

#define WORKERS_MAX 64

struct worker_start {
	pthread_t thread;
	unsigned slot;
	uint32_t *go;
	void (*fn)(unsigned slot, void *arg);
	void *arg;
};

static void *worker_thread(void *opaque)
{
	struct worker_start *start = opaque;

	arch_slot_enter(start->slot);
	rcu_register_thread();
	while (!arch_load_acquire(start->go))
		arch_wait(start->go, 0, 0);
	start->fn(start->slot, start->arg);
	rcu_unregister_thread();
	return NULL;
}

/* Run @fn(slot, @arg) on @n workers in slots 1..@n (the caller keeps slot 0); returns when all have. */
static inline void workers_run(unsigned n, void (*fn)(unsigned slot, void *arg), void *arg)
{
	struct worker_start workers[WORKERS_MAX];
	uint32_t go = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		workers[i] = (struct worker_start){.slot = i + 1, .go = &go, .fn = fn, .arg = arg};
		pthread_create(&workers[i].thread, NULL, worker_thread, &workers[i]);
	}
	arch_store_release(&go, 1);
	arch_wake(&go, n);
	for (i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
}

#endif
