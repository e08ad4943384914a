/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rcu_native: read-side critical sections and grace periods by liburcu, flavour memb.
 *
 * Lock and unlock cost 0.8 ns with memb, 1.2 with bp, which looks for its registration each time, 79
 * with mb, which has fences in the reader (Zen 3 guest, above an empty call, best of 21). qsbr reads
 * for nothing, as a kernel without preemption does, but with the quiescent state that each section
 * then owes it costs 0.9; and a worker that sleeps in a rwsem would hold up every grace period,
 * even one that the rwsem's holder waits for. memb moves the barriers to the updater by membarrier(2).
 */
#ifndef PFT_BASE_RCU_NATIVE_H
#define PFT_BASE_RCU_NATIVE_H

#include <stdbool.h>
#include <urcu/static/urcu-memb.h>

/*
 * TSan sees neither membarrier(2) nor liburcu. These two anchors tell it what a grace period
 * means: what readers did before they unlocked is ordered before synchronize_rcu() returns, and
 * what was done before synchronize_rcu() is ordered before the readers that lock after it.
 */
#ifdef __SANITIZE_THREAD__
#define RCU_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RCU_TSAN 1
#endif
#endif
#ifdef RCU_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
extern char rcu_anchor_readers, rcu_anchor_updaters;
#define rcu_tsan_acquire(anchor) __tsan_acquire(anchor)
#define rcu_tsan_release(anchor) __tsan_release(anchor)
/* The library's own copies, which are not instrumented: its plain accesses would be reported. */
void urcu_memb_read_lock(void);
void urcu_memb_read_unlock(void);
#define _urcu_memb_read_lock urcu_memb_read_lock
#define _urcu_memb_read_unlock urcu_memb_read_unlock
#else
#define rcu_tsan_acquire(anchor) ((void)0)
#define rcu_tsan_release(anchor) ((void)0)
#endif

/* Register or unregister the calling thread as a reader. */
void rcu_register_thread(void);
void rcu_unregister_thread(void);

/* Wait until every reader that is in a critical section now has left it. Not within one. */
void synchronize_rcu(void);

/*
 * For rcu.c: start the callback thread, registered and on the CPUs that the process had at its first
 * rcu_register_thread(); wait for its end. Before each fork() @stop is called once.
 */
void rcu_thread_start(void (*loop)(void), void (*stop)(void));
void rcu_thread_join(void);

/* Begin and end a read-side critical section; they nest. */
static inline void rcu_read_lock(void)
{
	_urcu_memb_read_lock();
	rcu_tsan_acquire(&rcu_anchor_updaters);
}

static inline void rcu_read_unlock(void)
{
	rcu_tsan_release(&rcu_anchor_readers);
	_urcu_memb_read_unlock();
}

/* Whether the caller is in a read-side critical section; for asserts. */
static inline bool rcu_read_lock_held(void)
{
	return _urcu_memb_read_ongoing();
}

#endif
