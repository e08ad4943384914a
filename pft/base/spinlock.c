/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/spinlock.h"

#define LOCKED 0x1U
#define LOCKED_MASK 0xffU
#define PENDING 0x100U
#define LOCKED_PENDING_MASK 0xffffU
#define TAIL_SHIFT 16

/* How long a front waiter naps that has looked arch_spins() times. */
#define NAP_NS 50000

/* What a queued waiter's word says. */
enum { WAITING, AT_FRONT, ASLEEP };

/* A waiter in the queue: mcs_spinlock. Each slot has one, for a worker waits for one lock. */
struct waiter {
	struct waiter *next;
	uint32_t state;
} __attribute__((aligned(ARCH_PAIR)));

static struct waiter waiters[ARCH_SLOTS];

static const char *const names[NR_SPINLOCK_EVENTS] = {
	[SPINLOCK_PENDING] = "spinlock_pending",
	[SPINLOCK_QUEUED] = "spinlock_queued",
	[SPINLOCK_SLEPT] = "spinlock_slept",
};
STAT_TABLE(spinlock_stat, names, NR_SPINLOCK_EVENTS);

/* Wait until no bit of @mask is set; returns the word. Acquire: pairs with spin_unlock(). */
static uint32_t wait_for_word(struct spinlock *lock, uint32_t mask)
{
	uint32_t seen;
	unsigned spins = 0;

	while ((seen = arch_load_acquire(&lock->word)) & mask) {
		arch_relax();
		if (++spins < arch_spins())
			continue;
		stat_inc(&spinlock_stat, SPINLOCK_SLEPT);
		arch_wait(&lock->word, seen, NAP_NS);
		spins = 0;
	}
	return seen;
}

/* Wait until the waiter before hands the front over. Acquire: pairs with pass_front(). */
static void wait_for_front(struct waiter *self)
{
	uint32_t seen = WAITING;
	unsigned spins;

	for (spins = 0; spins < arch_spins(); spins++) {
		if (arch_load_acquire(&self->state) == AT_FRONT)
			return;
		arch_relax();
	}
	stat_inc(&spinlock_stat, SPINLOCK_SLEPT);
	arch_cmpxchg_relaxed(&self->state, &seen, ASLEEP); /* fails if we are AT_FRONT by now */
	while (arch_load_acquire(&self->state) != AT_FRONT)
		arch_wait(&self->state, ASLEEP, 0);
}

/* Make @next the front waiter. Release: pairs with wait_for_front(). */
static void pass_front(struct waiter *next)
{
	if (arch_xchg_release(&next->state, AT_FRONT) == ASLEEP)
		arch_wake(&next->state, 1);
}

/* Queue up, wait to be at the front, then for the lock. */
static void lock_in_queue(struct spinlock *lock)
{
	uint16_t last, tail = arch_slot() + 1;
	struct waiter *self = &waiters[arch_slot()], *next;
	uint32_t seen;

	stat_inc(&spinlock_stat, SPINLOCK_QUEUED);
	arch_write_once(&self->next, NULL);
	arch_write_once(&self->state, WAITING);
	if (spin_trylock(lock)) /* the lock was freed meanwhile */
		return;

	/* Release: who finds this tail must find the waiter initialised. */
	last = arch_xchg_full(&lock->tail, tail);
	if (last) {
		arch_store_release(&waiters[last - 1].next, self);
		wait_for_front(self);
	}
	seen = wait_for_word(lock, LOCKED_PENDING_MASK);
	if (seen >> TAIL_SHIFT == tail && arch_cmpxchg_relaxed(&lock->word, &seen, LOCKED))
		return; /* nobody came after: the queue is empty now */

	/* The tail keeps others out. Somebody is queued behind, or sets PENDING just now, will find
	 * the tail and queue behind. */
	arch_write_once(&lock->locked, (uint8_t)LOCKED);
	while (!(next = arch_load_acquire(&self->next)))
		arch_relax();
	pass_front(next);
}

/* queued_spin_lock_slowpath(): the first waiter takes the pending byte and spins on the word, all
 * others queue. @seen is the word as the fast path found it. */
void spin_lock_slow(struct spinlock *lock, uint32_t seen)
{
	unsigned spins;

	/* The pending waiter is just taking over: give it a moment, then pending is free. */
	for (spins = 0; seen == PENDING && spins < 512; spins++) {
		arch_relax();
		seen = arch_read_once(&lock->word);
	}
	if (seen & ~LOCKED_MASK) {
		lock_in_queue(lock);
		return;
	}
	seen = arch_or_acquire(&lock->word, PENDING);
	if (seen & ~LOCKED_MASK) {
		if (!(seen & PENDING)) /* a queue formed: our bit must not block its front */
			arch_andnot_relaxed(&lock->word, PENDING);
		lock_in_queue(lock);
		return;
	}
	stat_inc(&spinlock_stat, SPINLOCK_PENDING);
	if (seen & LOCKED_MASK)
		wait_for_word(lock, LOCKED_MASK);
	/* Only the pending waiter may take over now: no need for an atomic. */
	arch_write_once(&lock->locked_pending, (uint16_t)LOCKED);
}
