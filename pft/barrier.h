/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * barrier: how the parent starts all workers at once, asleep on a futex until then, so that waiting
 * costs no CPU that is measured. It works between threads and, in shared memory, between processes.
 *
 * The workers arrive; the last one wakes the parent; the parent opens the next phase and wakes them
 * all with one call. A worker that ends before it arrives would keep the parent waiting: whoever
 * notices (the SIGCHLD handler) pokes the parent, which then looks at its children.
 */
#ifndef PFT_BARRIER_H
#define PFT_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

#define BARRIER_ABORTED UINT32_MAX

/* The three words are apart: late workers arriving must not slow those that still wait or run. */
struct barrier {
	uint32_t arrived __attribute__((aligned(128))); /* workers in this phase; atomic */
	uint32_t phase __attribute__((aligned(128))); /* counts up, or BARRIER_ABORTED; workers sleep on it */
	uint32_t event __attribute__((aligned(128))); /* counts up; the parent sleeps on it */
	uint32_t nr_workers;
} __attribute__((aligned(128)));

static inline void barrier_init(struct barrier *b, uint32_t nr_workers)
{
	*b = (struct barrier){.nr_workers = nr_workers};
}

/* Worker: arrive and sleep until the parent opens the next phase. False: the round was given up. */
bool barrier_arrive(struct barrier *b);

/* Parent: make a coming or present barrier_wait() return. Safe in a signal handler. */
void barrier_poke(struct barrier *b);

/* The number of pokes and complete arrivals so far: what barrier_wait() compares with. */
uint32_t barrier_events(const struct barrier *b);

/* Parent: whether all workers have arrived. */
bool barrier_complete(const struct barrier *b);

/* Parent: sleep until barrier_events() is not @seen any more. */
void barrier_wait(struct barrier *b, uint32_t seen);

/* Parent: start the next phase, waking all workers at once. */
void barrier_open(struct barrier *b);

/* Parent: give up. Every present and future barrier_arrive() returns false. */
void barrier_abort(struct barrier *b);

#endif
