/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rwsem_stat: what happened in the slow paths of rwsems, per class of locks. Where the kernel has such an
 * event (kernel/locking/lock_events_list.h), the name is its own.
 *
 * The fast paths count nothing. Whoever takes a lock knows how often it did:
 * fast = acquisitions - rwsem_rslow (or rwsem_wslow); a failed trylock is its caller's to count. Of the
 * slow ones:
 *	rslow = rlock_steal + rlock_fast + rlock + rlock_fail
 *	wslow = opt_lock + wlock + wlock_fail
 *	wslow = opt_lock + opt_fail + opt_refused, with spinning on
 */
#ifndef PFT_BASE_RWSEM_STAT_H
#define PFT_BASE_RWSEM_STAT_H

#include "pft/base/rwsem.h"
#include "pft/base/stat.h"

enum rwsem_event {
	RWSEM_RSLOW, /* readers that left the fast path */
	RWSEM_RLOCK_STEAL, /* ... and came in past queued writers */
	RWSEM_RLOCK_FAST, /* ... and found the writer and the queue gone: in without sleeping */
	RWSEM_RLOCK, /* ... and were queued, and granted the lock */
	RWSEM_RLOCK_FAIL, /* ... and were queued, and killed */
	RWSEM_RLOCK_HANDOFF, /* handoffs asked for a reader that had waited for 4 ms */
	RWSEM_SLEEP_READER, /* sleeps of queued readers */
	RWSEM_SLEEP_READER_NS, /* how long they were, together */
	RWSEM_WAKE_READER, /* queued readers granted the lock */
	RWSEM_WSLOW, /* writers that left the fast path */
	RWSEM_OPT_LOCK, /* ... and spun, and stole the lock */
	RWSEM_OPT_FAIL, /* ... and spun in vain */
	RWSEM_OPT_REFUSED, /* ... and did not spin: nonspinnable, or the owner asleep */
	RWSEM_OPT_NOSPIN, /* spins ended by the time limit on readers: the lock became nonspinnable */
	RWSEM_OPT_LIMIT, /* spins ended by SPIN_LIMIT_NS, the stand-in for need_resched */
	RWSEM_SPIN_NS, /* time in optimistic spinning, osq included, won or lost */
	RWSEM_WLOCK, /* ... and were queued, and got the lock */
	RWSEM_WLOCK_FAIL, /* ... and were queued, and killed */
	RWSEM_WLOCK_HANDOFF, /* handoffs asked for by writers that had waited for 4 ms */
	RWSEM_HANDOFF_SPIN, /* next in line, found the owner leaving, tried again without sleeping */
	RWSEM_SLEEP_WRITER, /* sleeps of queued writers */
	RWSEM_SLEEP_WRITER_NS, /* how long they were, together */
	RWSEM_WAKE_WRITER, /* wake-ups of the first queued writer */
	NR_RWSEM_EVENTS
};

/* The table of each class. */
extern const struct stat_table *const rwsem_stat[NR_RWSEM_CLASSES];
extern const char *const rwsem_class_names[NR_RWSEM_CLASSES];

#endif
