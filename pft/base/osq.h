/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * osq: the queue of a sleeping lock's optimistic spinners (kernel/locking/osq_lock.c): an MCS lock of
 * four bytes, with one static node per slot, whose spinners may leave before it is their turn.
 *
 * Guards nothing but the right to spin on the lock's owner. Order: taken with no lock held; nothing
 * that sleeps may happen while it is held, and a slot holds one at most.
 */
#ifndef PFT_BASE_OSQ_H
#define PFT_BASE_OSQ_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"

/* optimistic_spin_queue: tail is 0 when free, else the slot of the last in the queue, plus one. */
struct osq {
	uint32_t tail;
};

/*
 * When a spinner has to stop for others. The kernel asks need_resched(), and sees a preempted owner by
 * its on_cpu; a thread can see neither, so it also gives up after SPIN_LIMIT_NS: longer than a lock is
 * held in the engine as a rule, shorter than a time slice. Without it a worker that was
 * preempted with the lock held would be waited for, spinning, by all others.
 */
#define SPIN_LIMIT_NS 200000
struct spin_limit {
	uint64_t end_ns;
	uint32_t looks;
	bool hit; /* it was the time, not arch_need_resched() */
};

static inline void osq_init(struct osq *osq)
{
	osq->tail = 0;
}

/* osq_is_locked() */
static inline bool osq_is_locked(struct osq *osq)
{
	return arch_read_once(&osq->tail) != 0;
}

/* Start the clock of one optimistic spin at @now_ns. */
void spin_limit_init(struct spin_limit *limit, uint64_t now_ns);

/* need_resched(), or the time is over; reads the clock at every 64th look. */
static inline bool spin_limit_reached(struct spin_limit *limit)
{
	if (arch_need_resched() || limit->hit)
		return true;
	if (++limit->looks % 64 == 0 && arch_now_ns() > limit->end_ns)
		limit->hit = true;
	return limit->hit;
}

/* Queue and spin until it is the caller's turn: true, with acquire. False: left the queue because of
 * @limit, or because the one in front is asleep. */
bool osq_lock(struct osq *osq, struct spin_limit *limit);

/* Let the next one spin; release. */
void osq_unlock(struct osq *osq);

#endif
