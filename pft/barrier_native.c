/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/barrier.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not the _PRIVATE operations: the words may be shared between processes. */
static void futex_wait(uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void futex_wake_all(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void barrier_poke(struct barrier *b)
{
	__atomic_add_fetch(&b->event, 1, __ATOMIC_RELEASE);
	futex_wake_all(&b->event);
}

bool barrier_arrive(struct barrier *b)
{
	uint32_t phase = __atomic_load_n(&b->phase, __ATOMIC_ACQUIRE);

	if (phase == BARRIER_ABORTED)
		return false;
	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_ACQ_REL) == b->nr_workers)
		barrier_poke(b);
	while (__atomic_load_n(&b->phase, __ATOMIC_ACQUIRE) == phase)
		futex_wait(&b->phase, phase);
	return __atomic_load_n(&b->phase, __ATOMIC_ACQUIRE) != BARRIER_ABORTED;
}

uint32_t barrier_events(const struct barrier *b)
{
	return __atomic_load_n(&b->event, __ATOMIC_ACQUIRE);
}

bool barrier_complete(const struct barrier *b)
{
	return __atomic_load_n(&b->arrived, __ATOMIC_ACQUIRE) == b->nr_workers;
}

void barrier_wait(struct barrier *b, uint32_t seen)
{
	while (barrier_events(b) == seen)
		futex_wait(&b->event, seen);
}

void barrier_open(struct barrier *b)
{
	__atomic_store_n(&b->arrived, 0, __ATOMIC_RELAXED);
	__atomic_add_fetch(&b->phase, 1, __ATOMIC_RELEASE);
	futex_wake_all(&b->phase);
}

void barrier_abort(struct barrier *b)
{
	__atomic_store_n(&b->phase, BARRIER_ABORTED, __ATOMIC_RELEASE);
	futex_wake_all(&b->phase);
}
