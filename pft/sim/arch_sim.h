/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch_sim: arch.h on the simulated machine. Each access first lets all CPUs run that are behind in time,
 * then costs what the model says, then happens; so the machine is sequentially consistent, and the orders
 * in the names are the same here.
 */
#ifndef PFT_SIM_ARCH_SIM_H
#define PFT_SIM_ARCH_SIM_H

/* Where a header of the simulator is compiled alone. */
#ifndef ARCH_SIM
#define ARCH_SIM
#endif
#include "pft/base/arch.h"

/* What the model is told of an access. */
enum sim_access {
	SIM_LOAD,
	SIM_STORE,
	SIM_ATOMIC, /* read-modify-write, locked */
};

/* Make the access cost what it costs; returns @address. The caller reads or writes it then. */
const volatile void *sim_access(const volatile void *address, enum sim_access kind);

/* The accesses that write, of @size bytes. Values are as wide as they can be: the caller casts them. */
void sim_store(volatile void *address, uint64_t value, size_t size);
bool sim_cmpxchg(volatile void *address, void *old, uint64_t new, size_t size);
uint64_t sim_xadd(volatile void *address, uint64_t n, size_t size);
uint64_t sim_xchg(volatile void *address, uint64_t value, size_t size);
uint64_t sim_or(volatile void *address, uint64_t bits, size_t size);
uint64_t sim_andnot(volatile void *address, uint64_t bits, size_t size);

/* A full barrier. */
void sim_mb(void);

#define arch_read_once(p)	 (*(const volatile __typeof__(*(p)) *)sim_access((p), SIM_LOAD))
#define arch_load_acquire(p)	 arch_read_once(p)
#define arch_write_once(p, v)	 sim_store((p), (uint64_t)(v), sizeof(*(p)))
#define arch_store_release(p, v) arch_write_once(p, v)

#define arch_cmpxchg_full(p, old, new)	  sim_cmpxchg((p), (old), (uint64_t)(new), sizeof(*(p)))
#define arch_cmpxchg_relaxed(p, old, new) arch_cmpxchg_full(p, old, new)
#define arch_cmpxchg_acquire(p, old, new) arch_cmpxchg_full(p, old, new)
#define arch_cmpxchg_release(p, old, new) arch_cmpxchg_full(p, old, new)

/* As a statement, so that nobody need look at the value. */
#define SIM_RMW(op, p, v) \
	({ \
		__typeof__(*(p)) sim_found = \
			(__typeof__(*(p)))sim_##op((p), (uint64_t)(v), sizeof(*(p))); \
		sim_found; \
	})
#define arch_xadd_full(p, n)	     SIM_RMW(xadd, p, n)
#define arch_xadd_relaxed(p, n)	     SIM_RMW(xadd, p, n)
#define arch_xadd_acquire(p, n)	     SIM_RMW(xadd, p, n)
#define arch_xadd_release(p, n)	     SIM_RMW(xadd, p, n)
#define arch_xchg_full(p, v)	     SIM_RMW(xchg, p, v)
#define arch_xchg_relaxed(p, v)	     SIM_RMW(xchg, p, v)
#define arch_xchg_acquire(p, v)	     SIM_RMW(xchg, p, v)
#define arch_xchg_release(p, v)	     SIM_RMW(xchg, p, v)
#define arch_or_full(p, bits)	     SIM_RMW(or, p, bits)
#define arch_or_relaxed(p, bits)     SIM_RMW(or, p, bits)
#define arch_or_acquire(p, bits)     SIM_RMW(or, p, bits)
#define arch_or_release(p, bits)     SIM_RMW(or, p, bits)
#define arch_andnot_full(p, bits)    SIM_RMW(andnot, p, bits)
#define arch_andnot_relaxed(p, bits) SIM_RMW(andnot, p, bits)
#define arch_andnot_release(p, bits) SIM_RMW(andnot, p, bits)

#define arch_mb()  sim_mb()
#define arch_rmb() ((void)0)
#define arch_wmb() ((void)0)
#define ARCH_TSAN  0

/* cpu_relax() */
void arch_relax(void);

/* Looks before the waiter for a spinlock sleeps: as the model says. */
unsigned arch_spins(void);

extern unsigned arch_this_slot; /* of the virtual CPU that runs */

static inline unsigned arch_slot(void)
{
	return arch_this_slot;
}

/* As on the machine itself: arch_native.h says what they do. Whether a worker runs is known exactly. */
void arch_slot_enter(unsigned slot);
bool arch_on_cpu(unsigned slot);
int arch_wait(uint32_t *word, uint32_t value, uint64_t timeout_ns);
void arch_wake(uint32_t *word, unsigned nr);
uint64_t arch_now_ns(void);
unsigned arch_cpus(void);
void arch_work(enum arch_work kind, const void *memory, size_t size);

/* Nobody else is to run on the caller's CPU. */
static inline bool arch_need_resched(void)
{
	return false;
}

#endif
