/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch: the engine's only door to shared memory, waiting and time.
 *
 * Everything that the engine (base, locks, zswap, mm) shares between workers is read and written through
 * these calls, so that the same sources run natively, at no cost over C11 atomics, and on a simulated
 * machine that sees each access. Names follow the kernel's where it has one; the order stands in the
 * name and defaults to nothing. Objects are plain integers and pointers, so that struct layouts stay the
 * kernel's.
 *
 *	arch_read_once(p), arch_write_once(p, v)	relaxed: READ_ONCE, WRITE_ONCE
 *	arch_load_acquire(p), arch_store_release(p, v)	smp_load_acquire, smp_store_release
 *	arch_cmpxchg_{relaxed,acquire,release,full}(p, &old, new)	true if *p was old and is new now;
 *			else false with the value found in old (atomic_try_cmpxchg)
 *	arch_xadd_{relaxed,acquire,release,full}(p, n)	add, return the value before (atomic_fetch_add)
 *	arch_xchg_{relaxed,acquire,release,full}(p, v)	store, return the value before
 *	arch_or_{...}(p, bits), arch_andnot_{...}(p, bits)	set or clear bits, return the value before
 *	arch_mb(), arch_rmb(), arch_wmb()		smp_mb, smp_rmb, smp_wmb
 *
 * Memory that only one worker can reach (not yet published, or under an exclusive lock whose data no
 * optimistic reader looks at) may be accessed plainly.
 */
#ifndef PFT_BASE_ARCH_H
#define PFT_BASE_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a cache line, and of the pair of lines that the adjacent-line prefetcher fetches together. */
#define ARCH_LINE 64
#define ARCH_PAIR 128

/* Most workers that one engine serves: slots are 0..ARCH_SLOTS-1. */
#define ARCH_SLOTS 1024

/* Private work that a machine model has to charge for; free natively. */
enum arch_work {
	ARCH_WORK_TRAP, /* a fault's entry and exit, and what else of it is not in the engine */
	ARCH_WORK_CLEAR, /* clearing that many bytes of a fresh frame */
	ARCH_WORK_COPY, /* copying that many bytes */
	ARCH_WORK_COMPRESS, /* compressing that many bytes */
	ARCH_WORK_DECOMPRESS,
	ARCH_WORK_SHOOTDOWN, /* flushing the TLBs of that many CPUs */
	ARCH_WORK_COMPUTE, /* that many nanoseconds of anything else */
};

/* Whether a bug is planted, to show that the search for bugs finds it (pft/sim/explore.h). Only in a build
 * of its own: else nothing of this is in the program. */
#ifdef SEEDED_BUGS
extern unsigned seeded_bug_wanted;
#define seeded_bug(bug) (seeded_bug_wanted == (bug))
#else
#define seeded_bug(bug) false
#endif
enum seeded_bug {
	SEEDED_NONE,
	SEEDED_RECHECK, /* a reader does not look again at vm_lock_seq under the VMA's lock */
	SEEDED_ORDER, /* mm_lock_seq is raised before the stores to the VMA, as 6.4.0 allowed it to seem */
	SEEDED_WAKE, /* a writer looks whether it must wait before it announces that it does */
	SEEDED_REUSE, /* a VMA that is found by RCU is taken for what it was, without a second look */
	NR_SEEDED_BUGS
};

#ifdef ARCH_SIM
#include "pft/sim/arch_sim.h"
#else
#include "pft/base/arch_native.h"
#endif

#endif
