/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rcuwait: one sleeper and any number of wakers, without a queue (include/linux/rcuwait.h). The
 * kernel needs RCU to look at the sleeping task safely; the tasks of slots are never freed.
 */
#ifndef PFT_BASE_RCUWAIT_H
#define PFT_BASE_RCUWAIT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/stat.h"
#include "pft/base/task.h"

/* The sleeper's slot plus one, 0 without one; as wide as the kernel's task pointer. */
struct rcuwait {
	uint64_t task;
};
_Static_assert(sizeof(struct rcuwait) == 8, "the kernel's struct rcuwait");

/* What is counted, over all rcuwaits. */
enum rcuwait_event {
	RCUWAIT_SLEEP, /* sleeps of waiters */
	RCUWAIT_SLEEP_NS, /* how long they were, together */
	RCUWAIT_WAKE, /* wake-ups that found a waiter */
	NR_RCUWAIT_EVENTS
};
extern const struct stat_table rcuwait_stat;

static inline void rcuwait_init(struct rcuwait *w)
{
	w->task = 0;
}

/* rcuwait_active(): whether somebody waits, or is about to. Orders nothing. */
static inline bool rcuwait_active(struct rcuwait *w)
{
	return arch_read_once(&w->task) != 0;
}

/* prepare_to_rcuwait(): publish the caller as the waiter; two at once are a BUG. */
void rcuwait_prepare(struct rcuwait *w);

/* schedule(), counted. */
void rcuwait_schedule(void);

/* finish_rcuwait() */
void rcuwait_finish(struct rcuwait *w);

/*
 * rcuwait_wake_up(): after a store that may have made the condition true. Its full barrier pairs with
 * the one of rcuwait_prepare(): the waiter sees the store, or this sees the waiter. Returns whether
 * there was one.
 */
bool rcuwait_wake_up(struct rcuwait *w);

/*
 * rcuwait_wait_event(): sleep until @condition, looked at again after each wake-up. @condition should
 * read what it needs with acquire. Returns 0, or -EINTR if @mode is TASK_KILLABLE and the caller was
 * killed first.
 */
#define rcuwait_wait_event(w, condition, mode) \
	({ \
		int rcuwait_rc = 0; \
		rcuwait_prepare(w); \
		for (;;) { \
			task_prepare(mode); \
			if (condition) \
				break; \
			if (task_signal_pending(mode)) { \
				rcuwait_rc = -EINTR; \
				break; \
			} \
			rcuwait_schedule(); \
		} \
		rcuwait_finish(w); \
		rcuwait_rc; \
	})

#endif
