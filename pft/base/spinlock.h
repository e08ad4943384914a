/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spinlock: the kernel's queued spinlock (kernel/locking/qspinlock.c) in its four bytes: a locked
 * byte, a pending byte, and the slot of the last waiter in an MCS queue. One atomic to lock, a
 * plain byte store to unlock, first come first served, every waiter but two spins on a line of its
 * own.
 *
 * A kernel spinlock is not preempted; a thread is. So after some spins a waiter sleeps: in the
 * queue until it is handed the front, at the front in short naps, because an unlock that had to
 * look for sleepers would no longer be a plain store.
 *
 * A worker waits for one spinlock at a time, but may hold several. The slots (arch.h) are the
 * queue's nodes: two threads that share a slot must not both take spinlocks.
 */
#ifndef PFT_BASE_SPINLOCK_H
#define PFT_BASE_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/stat.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the bytes of struct spinlock are laid out for little endian"
#endif

struct spinlock {
	union {
		uint32_t word;
		struct {
			uint8_t locked;
			uint8_t pending; /* one waiter spins on the word itself */
			uint16_t tail; /* slot + 1 of the last in the queue, 0: nobody */
		};
		uint16_t locked_pending;
	};
};

_Static_assert(sizeof(struct spinlock) == 4, "the kernel's spinlock has four bytes");

#define SPINLOCK_INIT {{0}}

/* Where a lock is used by many: waits that spun, waits that slept. Summed over all spinlocks. */
enum spinlock_event {
	SPINLOCK_PENDING, /* waited as the one that is next */
	SPINLOCK_QUEUED, /* waited in the queue */
	SPINLOCK_SLEPT, /* went to sleep while waiting: the holder or a waiter was preempted */
	NR_SPINLOCK_EVENTS
};
extern const struct stat_table spinlock_stat;

void spin_lock_slow(struct spinlock *lock, uint32_t seen);

static inline void spin_lock_init(struct spinlock *lock)
{
	lock->word = 0;
}

/* Take the lock. Acquire: pairs with the release of the spin_unlock() before. */
static inline void spin_lock(struct spinlock *lock)
{
	uint32_t seen = 0;

	if (likely(arch_cmpxchg_acquire(&lock->word, &seen, 1)))
		return;
	spin_lock_slow(lock, seen);
}

/* Take the lock if it is free and nobody waits for it. Acquire if true. */
static inline bool spin_trylock(struct spinlock *lock)
{
	uint32_t seen = arch_read_once(&lock->word);

	return likely(!seen) && arch_cmpxchg_acquire(&lock->word, &seen, 1);
}

/* Give the lock back. Release: pairs with the acquire of whoever takes it next. */
static inline void spin_unlock(struct spinlock *lock)
{
	arch_store_release(&lock->locked, (uint8_t)0);
}

/* Whether somebody holds the lock; for asserts. */
static inline bool spin_is_locked(struct spinlock *lock)
{
	return arch_read_once(&lock->locked);
}

#endif
