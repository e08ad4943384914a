/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rcu: the kernel's calls. Readers and grace periods come from rcu_native.h (or a simulator's own
 * file), the callbacks from here.
 *
 * A thread registers before its first rcu_read_lock() and unregisters before it ends. A process
 * may fork() while only the forking thread is registered; the child is registered then, and its
 * callbacks run in the child.
 *
 *	rcu_register_thread(), rcu_unregister_thread(), synchronize_rcu()
 *	rcu_read_lock(), rcu_read_unlock(), rcu_read_lock_held()
 *	rcu_dereference(p)		load the pointer @p of a reader's path
 *	rcu_dereference_protected(p)	the same under the updaters' lock
 *	rcu_assign_pointer(p, v)	publish: pairs with rcu_dereference()
 */
#ifndef PFT_BASE_RCU_H
#define PFT_BASE_RCU_H

#include "pft/base/arch.h"

#ifdef ARCH_SIM
#include "pft/sim/rcu_sim.h"
#else
#include "pft/base/rcu_native.h"
#endif

/* What waits for a grace period; the kernel's 16 bytes, to be overlaid on dead fields. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

/* The slot on which callbacks run, taken by no worker. */
#define RCU_SLOT (ARCH_SLOTS - 1)

/* Acquire where the kernel trusts the address dependency: the same load on x86, and compilers and
 * TSan understand it. */
#define rcu_dereference(p) arch_load_acquire(&(p))
#define rcu_dereference_protected(p) arch_read_once(&(p))
#define rcu_assign_pointer(p, v) arch_store_release(&(p), (v))

/*
 * Call @func(@head) on RCU_SLOT after a grace period. Does not sleep or allocate: callbacks queue
 * up in a list per slot, and the callback thread, started by the first call, is woken once per
 * batch. Callbacks of one slot run in the order in which they were queued.
 */
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

/* Wait until every callback queued before has run. Not within a critical section or a callback. */
void rcu_barrier(void);

#endif
