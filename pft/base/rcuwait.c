/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/rcuwait.h"

#include "common/say.h"

static const char *const rcuwait_event_names[NR_RCUWAIT_EVENTS] = {
	[RCUWAIT_SLEEP] = "rcuwait_sleep",
	[RCUWAIT_SLEEP_NS] = "rcuwait_sleep_ns",
	[RCUWAIT_WAKE] = "rcuwait_wake",
};
STAT_TABLE(rcuwait_stat, rcuwait_event_names, NR_RCUWAIT_EVENTS);

void rcuwait_prepare(struct rcuwait *w)
{
	uint64_t task = arch_read_once(&w->task);

	if (task)
		BUG("slot %u waits where slot %u waits already", arch_slot(), (unsigned)task - 1);
	arch_write_once(&w->task, (uint64_t)arch_slot() + 1);
	/* Pairs with the barrier of rcuwait_wake_up(): the store above before the look at the
	 * condition. */
	arch_mb();
}

void rcuwait_schedule(void)
{
	uint64_t ns = task_schedule();

	if (!ns)
		return;
	stat_inc(&rcuwait_stat, RCUWAIT_SLEEP);
	stat_add(&rcuwait_stat, RCUWAIT_SLEEP_NS, ns);
}

void rcuwait_finish(struct rcuwait *w)
{
	arch_write_once(&w->task, (uint64_t)0);
	task_running();
}

bool rcuwait_wake_up(struct rcuwait *w)
{
	uint64_t task;

	/* Pairs with the barrier of rcuwait_prepare(): the condition before the look for a waiter. */
	arch_mb();
	task = arch_read_once(&w->task);
	if (!task)
		return false;
	task_wake(task - 1);
	stat_inc(&rcuwait_stat, RCUWAIT_WAKE);
	return true;
}
