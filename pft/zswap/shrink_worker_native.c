/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/shrink_worker_native.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pft/base/arch.h"
#include "pft/base/rcu.h"

struct zswap_thread {
	pthread_t thread;
	unsigned slot;
	void (*loop)(struct zswap *zswap);
	struct zswap *zswap;
};

static void *run(void *opaque)
{
	struct zswap_thread *self = opaque;

	arch_slot_enter(self->slot);
	rcu_register_thread();
	self->loop(self->zswap);
	rcu_unregister_thread();
	return NULL;
}

int zswap_thread_start(struct zswap_thread **result, unsigned slot, void (*loop)(struct zswap *),
		       struct zswap *zswap, struct why *why)
{
	struct zswap_thread *thread = malloc(sizeof(*thread));
	sigset_t all, old;
	int rc;

	if (!thread)
		return why_not(why, ENOMEM, "no memory for zswap's worker");
	*thread = (struct zswap_thread){.slot = slot, .loop = loop, .zswap = zswap};
	sigfillset(&all); /* signals are for the program's own threads */
	pthread_sigmask(SIG_BLOCK, &all, &old);
	rc = pthread_create(&thread->thread, NULL, run, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		free(thread);
		return why_not(why, rc, "cannot start zswap's worker: %s", strerror(rc));
	}
	*result = thread;
	return 0;
}

void zswap_thread_join(struct zswap_thread *thread)
{
	pthread_join(thread->thread, NULL);
	free(thread);
}
