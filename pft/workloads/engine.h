/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine: what the workloads of the engine have in common: an address space of the in-process
 * memory manager (pft/mm) as the options ask for it, workers that are workers of it, and rows of
 * all that it counts.
 *
 * Slots: worker i has slot i, the threads that a workload starts beside them (writers, handlers)
 * come behind the workers, the parent has one of those at the other end, as threads of the engine's own.
 */
#ifndef PFT_WORKLOADS_ENGINE_H
#define PFT_WORKLOADS_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/rwsem_stat.h"
#include "pft/base/spinlock.h"
#include "pft/mm/mm.h"
#include "pft/workload.h"

#define ENGINE_PAGE  4096UL
#define ENGINE_FLAGS (WL_COUNTS | WL_THREADS | WL_ENGINE)

/* The parameters that every workload of the engine has, to be put into its table. */
#define ENGINE_PARAMS \
	{"memcg", "3", "depth of the memcg that pages are charged to; 0: none"}, \
	{ \
		"check", "no", "walk over all that the memory manager has, at the end: yes or no" \
	}

/* All counters at one moment. */
struct engine_counts {
	struct mm_stats mm;
	uint64_t rwsem[NR_RWSEM_CLASSES][NR_RWSEM_EVENTS];
	uint64_t spinlock[NR_SPINLOCK_EVENTS];
};

/* First member of what the workloads keep in run->private. */
struct engine {
	struct mm *mm;
	bool entered; /* the parent has its slot, and nodes are set up */
	unsigned slot; /* the parent's */
	bool check;
	size_t arena; /* bytes of page frames */
	unsigned map_flags; /* for mm_mmap(): what --mem asks for */
	bool stopped; /* after is what counts, not what is there when rows are made */
	struct engine_counts before, after; /* see engine_ready(), engine_passed() */
};

/* Bytes of one fault. */
size_t engine_unit(const struct run *run);

/*
 * Make the address space, with frames for @pages pages beside what the workers' lists hold back, and
 * @helpers threads beside the workers. Returns 0, or -errno with the reason in @why;
 * engine_release() in any case.
 */
int engine_init_run(struct run *run, struct engine *engine, uint64_t pages, unsigned helpers,
		    struct why *why);

/* The same with swap, and a limit of the lowest group, as they are in @options; the rest of which is filled
 * in. */
int engine_init_options(struct run *run, struct engine *engine, struct mm_options *options,
			uint64_t pages, unsigned helpers, struct why *why);

/* The last of setup(): what is counted from now on is the workers'. */
void engine_ready(struct engine *engine);

/* In passed(): what is counted from now on is not in the rows. */
void engine_passed(struct engine *engine);

/* Unmap, check if asked for, give all back. */
void engine_release(struct run *run, struct engine *engine);

/* Map @length bytes, @flags beside the engine's own. Returns 0, or -errno with the reason in @why.
 */
int engine_map(struct engine *engine, size_t length, unsigned flags, unsigned long *address,
	       struct why *why);

/* thread_setup(): take the worker's slot. */
void engine_enter(struct worker *worker);

/* The same for a thread beside the workers, the @i-th. */
void engine_enter_helper(const struct run *run, unsigned i);

/* thread_teardown(), whether or not thread_setup() was reached; and for helpers. */
void engine_leave(void);

/* rows(): the options, and all that was counted since engine_ready(), until engine_passed() if that
 * was called. */
void engine_rows(const struct run *run, struct emit *emit);

/* rows(): where the objects of the memory manager lie, and what their fields are. */
void engine_announce(const struct engine *engine, struct emit *emit);

/* rows(): which lines went from CPU to CPU, and by which accesses: only a simulated machine knows. */
void engine_transfers(struct emit *emit);

/* What a fault's error means. */
const char *engine_error(int err);

/* Store to @pages pages from @address on, as the touching of anon does: a whole pass(). */
static inline __attribute__((always_inline)) int engine_touch(struct worker *worker, struct mm *mm,
							      unsigned long address, uint64_t pages)
{
	unsigned long end = address + pages * ENGINE_PAGE;

	for (; address < end; address += ENGINE_PAGE) {
		int err = mm_fault(mm, address, true);

		if (__builtin_expect(err, 0))
			return worker_fails(worker, -err, "fault at page %lu of %lu: %s",
					    (unsigned long)pages - (end - address) / ENGINE_PAGE,
					    (unsigned long)pages, engine_error(err));
	}
	worker->faults = pages;
	return 0;
}

#endif
