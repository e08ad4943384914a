/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * task: the worker of a slot as sleepers and wakers know it: what of task_struct the locks need.
 *
 * The sleeper announces itself, looks at its condition, then sleeps; the waker makes the condition
 * true, then wakes. Both sides write the same state word with full read-modify-writes, so one of them
 * comes second and sees what the other did before: no wake-up is lost. Wake-ups may come late
 * (wake_q runs after the lock was dropped) and hit the next sleep of the same slot, so every sleeper
 * looks again, as in the kernel.
 */
#ifndef PFT_BASE_TASK_H
#define PFT_BASE_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"

/* The bits of the state word; none set: running. */
#define TASK_SLEEPS 1u /* about to sleep, or asleep */
#define TASK_WAKEKILL 2u /* task_kill() ends this sleep */
#define TASK_FATAL 4u /* a fatal signal is pending: fatal_signal_pending() */

/* How to sleep: the kernel's TASK_ names. */
enum task_mode {
	TASK_UNINTERRUPTIBLE = TASK_SLEEPS,
	TASK_KILLABLE = TASK_SLEEPS | TASK_WAKEKILL,
};

struct task {
	uint32_t state;
} __attribute__((aligned(ARCH_PAIR)));

extern struct task tasks[ARCH_SLOTS];

/* set_current_state(): announce that the caller will sleep, before it looks at its condition. */
static inline void task_prepare(enum task_mode mode)
{
	arch_or_full(&tasks[arch_slot()].state, (uint32_t)mode);
}

/* __set_current_state(TASK_RUNNING): the caller does not sleep after all, or does no more. */
static inline void task_running(void)
{
	arch_andnot_relaxed(&tasks[arch_slot()].state, TASK_SLEEPS | TASK_WAKEKILL);
}

/* signal_pending_state(): whether a sleep in @mode must end with -EINTR. */
static inline bool task_signal_pending(enum task_mode mode)
{
	return (mode & TASK_WAKEKILL) && (arch_read_once(&tasks[arch_slot()].state) & TASK_FATAL);
}

/* schedule(): sleep until woken after the last task_prepare(). Returns the nanoseconds slept, 0 if
 * the wake-up had come before. */
uint64_t task_schedule(void);

/* wake_up_process(): what the caller wrote before is seen by the worker of @slot when it looks. */
void task_wake(unsigned slot);

/* Send the worker of @slot a fatal signal, which stays pending: its killable sleeps end. */
void task_kill(unsigned slot);

/* Take the fatal signal back; for tests, and for a slot that gets a new worker. */
void task_revive(unsigned slot);

/* wake_q: wake-ups gathered under a lock, to be sent after it is dropped. */
#define WAKE_Q_MAX 256
struct wake_q {
	unsigned nr;
	uint16_t slots[WAKE_Q_MAX];
};

static inline void wake_q_init(struct wake_q *q)
{
	q->nr = 0;
}

/* Add the worker of @slot; more than WAKE_Q_MAX of them is a BUG. */
void wake_q_add(struct wake_q *q, unsigned slot);

/* wake_up_q(): wake all of them and empty the queue. */
void wake_up_q(struct wake_q *q);

#endif
