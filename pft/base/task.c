/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/task.h"

#include "common/say.h"

struct task tasks[ARCH_SLOTS];

uint64_t task_schedule(void)
{
	uint32_t *word = &tasks[arch_slot()].state, state;
	uint64_t start, end;

	/* Pairs with the full or of a waker: its condition is seen once the state is. */
	state = arch_load_acquire(word);
	if (!(state & TASK_SLEEPS))
		return 0;
	start = arch_now_ns();
	do {
		arch_wait(word, state, 0);
		state = arch_load_acquire(word);
	} while (state & TASK_SLEEPS);
	end = arch_now_ns();
	return end > start ? end - start : 1;
}

void task_wake(unsigned slot)
{
	uint32_t *word = &tasks[slot].state;

	/* Full: pairs with task_prepare(), either order of the two is good. */
	if (arch_andnot_full(word, TASK_SLEEPS | TASK_WAKEKILL) & TASK_SLEEPS)
		arch_wake(word, 1);
}

void task_kill(unsigned slot)
{
	/* Full: pairs with task_prepare(): the sleeper sees the signal, or this sees the sleeper. */
	if (arch_or_full(&tasks[slot].state, TASK_FATAL) & TASK_WAKEKILL)
		task_wake(slot);
}

void task_revive(unsigned slot)
{
	arch_andnot_relaxed(&tasks[slot].state, TASK_FATAL);
}

void wake_q_add(struct wake_q *q, unsigned slot)
{
	if (q->nr >= WAKE_Q_MAX)
		BUG("more than %u wake-ups in a wake_q", WAKE_Q_MAX);
	q->slots[q->nr++] = slot;
}

void wake_up_q(struct wake_q *q)
{
	for (unsigned i = 0; i < q->nr; i++)
		task_wake(q->slots[i]);
	q->nr = 0;
}
