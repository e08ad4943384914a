/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times the uncontended fast paths of rwsem, osq and seqcount, each beside the fewest atomics that could do
 * its work, written by hand with the compiler's builtins and without the owner word: interleaved,
 * medians of repeats.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/units.h"
#include "pft/base/rwsem.h"
#include "pft/base/seqcount.h"

/* Many short ones: some 0.2 ms each, so that a time slice does not always end in the same row. */
#define REPEATS 301
#define PASSES 10000

static struct rw_semaphore sem;
static struct osq osq;
static uint32_t seq;
static int64_t word __attribute__((aligned(ARCH_PAIR)));
static uint32_t small __attribute__((aligned(ARCH_PAIR)));
static uint64_t sink;

#define ADD(p, n, order) __atomic_fetch_add((p), (n), __ATOMIC_##order)
#define CAS(p, old, new, order) \
	__atomic_compare_exchange_n((p), (old), (new), false, __ATOMIC_##order, __ATOMIC_RELAXED)

/* A function @name that runs its body PASSES times: no call is timed. */
#define TIMED(name, ...) \
	static void name(void) \
	{ \
		for (unsigned pass = 0; pass < PASSES; pass++) { \
			__VA_ARGS__ \
		} \
	}

TIMED(read_try_hand, int64_t old = __atomic_load_n(&word, __ATOMIC_RELAXED);
      if (CAS(&word, &old, old + 256, ACQUIRE)) ADD(&word, -256, RELEASE);)
TIMED(read_try, if (down_read_trylock(&sem)) up_read(&sem, RWSEM_VMA_LOCK);)
TIMED(read_hand, ADD(&word, 256, ACQUIRE); ADD(&word, -256, RELEASE);)
TIMED(read_lock, down_read(&sem, RWSEM_MMAP_LOCK); up_read(&sem, RWSEM_MMAP_LOCK);)
TIMED(write_hand, int64_t old = 0;
      if (CAS(&word, &old, 1, ACQUIRE)) ADD(&word, -1, RELEASE);)
TIMED(write_lock, down_write(&sem, RWSEM_MMAP_LOCK); up_write(&sem, RWSEM_MMAP_LOCK);)
TIMED(downgrade_hand, int64_t old = 0;
      if (CAS(&word, &old, 1, ACQUIRE)) ADD(&word, 255, RELEASE);
      ADD(&word, -256, RELEASE);)
TIMED(downgrade, down_write(&sem, RWSEM_MMAP_LOCK); downgrade_write(&sem, RWSEM_MMAP_LOCK);
      up_read(&sem, RWSEM_MMAP_LOCK);)
TIMED(osq_hand, uint32_t self = 1; __atomic_exchange_n(&small, self, __ATOMIC_SEQ_CST);
      CAS(&small, &self, 0, RELEASE);)
TIMED(osq_pair, struct spin_limit limit = {.end_ns = UINT64_MAX};
      if (osq_lock(&osq, &limit)) osq_unlock(&osq);)
TIMED(seq_hand, sink += __atomic_load_n(&small, __ATOMIC_ACQUIRE);
      __atomic_thread_fence(__ATOMIC_ACQUIRE);
      sink += __atomic_load_n(&small, __ATOMIC_RELAXED);)
TIMED(seq_read, uint32_t start = seqcount_begin(&seq); sink += start;
      sink += seqcount_retry(&seq, start);)

static const struct row {
	const char *name;
	void (*hand)(void);
	void (*ours)(void);
} rows[] = {
	{"down_read_trylock + up_read", read_try_hand, read_try},
	{"down_read + up_read", read_hand, read_lock},
	{"down_write + up_write", write_hand, write_lock},
	{"down_write + downgrade_write + up_read", downgrade_hand, downgrade},
	{"osq_lock + osq_unlock", osq_hand, osq_pair},
	{"seqcount_begin + seqcount_retry", seq_hand, seq_read},
};
#define NR_ROWS (sizeof(rows) / sizeof(*rows))

static double time_once(void (*fn)(void))
{
	uint64_t start = now_ns();

	fn();
	return (double)(now_ns() - start) / PASSES;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	static double hand[NR_ROWS][REPEATS], ours[NR_ROWS][REPEATS];

	arch_slot_enter(0);
	rwsem_init(&sem);
	osq_init(&osq);
	/* For all that the compiler knows, others may reach them. */
	__asm__ __volatile__("" ::"r"(&seq), "r"(&small), "r"(&word), "r"(&sem), "r"(&osq)
			     : "memory");
	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		for (unsigned i = 0; i < NR_ROWS; i++) {
			hand[i][repeat] = time_once(rows[i].hand);
			ours[i][repeat] = time_once(rows[i].ours);
		}
	}
	printf("%-42s %10s %10s %6s\n", "", "hand, ns", "ours, ns", "ratio");
	for (unsigned i = 0; i < NR_ROWS; i++) {
		double h, o;

		qsort(hand[i], REPEATS, sizeof(**hand), by_value);
		qsort(ours[i], REPEATS, sizeof(**ours), by_value);
		h = hand[i][REPEATS / 2];
		o = ours[i][REPEATS / 2];
		printf("%-42s %10.2f %10.2f %6.2f\n", rows[i].name, h, o, o / h);
	}
	check_stdout();
	return 0;
}
