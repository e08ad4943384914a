/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rss: the mm's counters of pages (struct percpu_counter, as since 6.2): a worker counts on its own
 * and adds to the shared count, under its lock, when it reaches the batch: max(32, 2 * CPUs).
 */
#ifndef PFT_MM_RSS_H
#define PFT_MM_RSS_H

#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/list.h"
#include "pft/base/spinlock.h"

enum mm_counter {
	MM_FILEPAGES, /* none here; the place is the kernel's */
	MM_ANONPAGES,
	MM_SWAPENTS,
	MM_SHMEMPAGES,
	NR_MM_COUNTERS
};

/* The kernel's 40 bytes; mm->rss_stat is an array of them. */
struct percpu_counter {
	struct spinlock lock; /* guards count; innermost */
	int64_t count;
	struct list_head list; /* of all, for CPUs that go offline: unused */
	int32_t *counters; /* the kernel's per-CPU pointer: here the workers know where */
};
_Static_assert(sizeof(struct percpu_counter) == 40, "the kernel's struct percpu_counter");

/* Add the worker's part to the shared count. */
static inline void percpu_counter_fold(struct percpu_counter *counter, int32_t *own, long sum)
{
	spin_lock(&counter->lock);
	arch_write_once(&counter->count, counter->count + sum);
	arch_write_once(own, 0);
	spin_unlock(&counter->lock);
}

/* Add @n; @own is the caller's part. Returns whether that folded. */
static inline bool percpu_counter_add(struct percpu_counter *counter, int32_t *own, long n,
				      int32_t batch)
{
	long sum = arch_read_once(own) + n;

	if (likely(sum < batch && sum > -batch)) {
		arch_write_once(own, (int32_t)sum);
		return false;
	}
	percpu_counter_fold(counter, own, sum);
	return true;
}

#endif
