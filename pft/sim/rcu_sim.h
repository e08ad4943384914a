/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rcu_sim: read-side critical sections and grace periods of the simulated machine. A section costs
 * nothing, as in a kernel that is not preempted; a grace period ends, and takes as long as the machine
 * says above that, when all CPUs that were in a section have left it.
 */
#ifndef PFT_SIM_RCU_SIM_H
#define PFT_SIM_RCU_SIM_H

#include <stdbool.h>

/* As in rcu_native.h. */
void rcu_register_thread(void);
void rcu_unregister_thread(void);
void synchronize_rcu(void);
void rcu_thread_start(void (*loop)(void), void (*stop)(void));
void rcu_thread_join(void);
void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);

#endif
