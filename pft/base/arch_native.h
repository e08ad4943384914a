/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch_native: arch.h on the machine itself: C11 atomics as the compiler's builtins, and futex(2). */
#ifndef PFT_BASE_ARCH_NATIVE_H
#define PFT_BASE_ARCH_NATIVE_H

#include "pft/base/arch.h"

#define arch_read_once(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define arch_write_once(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define arch_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define arch_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* Strong: the kernel's try_cmpxchg does not fail without cause either. A failure orders nothing. */
#define arch_cmpxchg_order(p, old, new, order) \
	__atomic_compare_exchange_n((p), (old), (new), false, (order), __ATOMIC_RELAXED)
#define arch_cmpxchg_relaxed(p, old, new) arch_cmpxchg_order(p, old, new, __ATOMIC_RELAXED)
#define arch_cmpxchg_acquire(p, old, new) arch_cmpxchg_order(p, old, new, __ATOMIC_ACQUIRE)
#define arch_cmpxchg_release(p, old, new) arch_cmpxchg_order(p, old, new, __ATOMIC_RELEASE)
#define arch_cmpxchg_full(p, old, new) arch_cmpxchg_order(p, old, new, __ATOMIC_SEQ_CST)

#define arch_xadd_relaxed(p, n) __atomic_fetch_add((p), (n), __ATOMIC_RELAXED)
#define arch_xadd_acquire(p, n) __atomic_fetch_add((p), (n), __ATOMIC_ACQUIRE)
#define arch_xadd_release(p, n) __atomic_fetch_add((p), (n), __ATOMIC_RELEASE)
#define arch_xadd_full(p, n) __atomic_fetch_add((p), (n), __ATOMIC_SEQ_CST)

#define arch_xchg_relaxed(p, v) __atomic_exchange_n((p), (v), __ATOMIC_RELAXED)
#define arch_xchg_acquire(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQUIRE)
#define arch_xchg_release(p, v) __atomic_exchange_n((p), (v), __ATOMIC_RELEASE)
#define arch_xchg_full(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)

#define arch_or_relaxed(p, bits) __atomic_fetch_or((p), (bits), __ATOMIC_RELAXED)
#define arch_or_acquire(p, bits) __atomic_fetch_or((p), (bits), __ATOMIC_ACQUIRE)
#define arch_or_release(p, bits) __atomic_fetch_or((p), (bits), __ATOMIC_RELEASE)
#define arch_or_full(p, bits) __atomic_fetch_or((p), (bits), __ATOMIC_SEQ_CST)
#define arch_andnot_relaxed(p, bits) __atomic_fetch_and((p), ~(bits), __ATOMIC_RELAXED)
#define arch_andnot_release(p, bits) __atomic_fetch_and((p), ~(bits), __ATOMIC_RELEASE)
#define arch_andnot_full(p, bits) __atomic_fetch_and((p), ~(bits), __ATOMIC_SEQ_CST)

/* smp_mb(), smp_rmb(), smp_wmb(): the acquire and release fences are a little stronger than needed,
 * and free on x86. ThreadSanitizer knows no fences, and gcc makes an error of that: for it a
 * read-modify-write of one word that all share, which orders more. */
#ifdef __has_feature
#define ARCH_TSAN __has_feature(thread_sanitizer)
#elif defined(__SANITIZE_THREAD__)
#define ARCH_TSAN 1
#else
#define ARCH_TSAN 0
#endif
#if ARCH_TSAN
extern uint32_t arch_fence_word;
#define arch_mb() ((void)__atomic_fetch_add(&arch_fence_word, 0, __ATOMIC_SEQ_CST))
#define arch_rmb() arch_mb()
#define arch_wmb() arch_mb()
#else
#define arch_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define arch_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define arch_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif

/* Looks before the waiter for a spinlock sleeps: some ten microseconds, far more than any section that is
 * not preempted holds a lock. */
static inline unsigned arch_spins(void)
{
	return 1000;
}

/* What a spinning worker does between two looks: cpu_relax(). */
static inline void arch_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield" ::: "memory");
#else
	__asm__ __volatile__("" ::: "memory");
#endif
}

/* One slot's public state, alone on its lines. */
struct arch_slot {
	bool asleep; /* in arch_wait(): for optimistic spinners, the native owner->on_cpu */
} __attribute__((aligned(ARCH_PAIR)));

extern struct arch_slot arch_slots[ARCH_SLOTS];
extern _Thread_local unsigned arch_this_slot;

/* The slot of the calling worker, given once by arch_slot_enter(): the engine's smp_processor_id(). */
static inline unsigned arch_slot(void)
{
	return arch_this_slot;
}

/* Take slot @slot for the calling thread, which keeps it until it ends. */
void arch_slot_enter(unsigned slot);

/*
 * Whether the worker in @slot is running, as far as can be known: natively it is unless it sleeps in
 * arch_wait(); preemption by the kernel is not seen (the kernel itself would see it).
 */
static inline bool arch_on_cpu(unsigned slot)
{
	return !arch_read_once(&arch_slots[slot].asleep);
}

/* Whether the caller should stop spinning and let another run; a native thread cannot know: false. */
static inline bool arch_need_resched(void)
{
	return false;
}

/*
 * Sleep while *@word == @value, until arch_wake() or a spurious return: the caller looks again. With
 * @timeout_ns > 0 at most that long. Returns 0 or -ETIMEDOUT. Orders nothing by itself: the caller's
 * acquire load of *@word after the return pairs with the waker's release store before arch_wake().
 */
int arch_wait(uint32_t *word, uint32_t value, uint64_t timeout_ns);

/* Wake at most @nr sleepers on @word. */
void arch_wake(uint32_t *word, unsigned nr);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t arch_now_ns(void);

/* How many CPUs the machine has: num_online_cpus(). */
unsigned arch_cpus(void);

/* Announce private work (enum arch_work) of @size units to a machine model, with the memory that it
 * writes, or NULL; nothing natively. */
static inline void arch_work(enum arch_work kind, const void *memory, size_t size)
{
	(void)kind;
	(void)memory;
	(void)size;
}

#endif
