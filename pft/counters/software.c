/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel itself counts for each thread: perf's software events. Exact, and there without a
 * PMU. Each is alone: on 6.18 a group that task-clock leads misses up to half of the faults once it has
 * been stopped and started again. Faults that are not major are not among them: an event that is raised in
 * every fault adds 200 instructions to some 3200, and the kernel counts them where it counts getrusage's
 * (mm_account_fault()).
 */
#include "pft/counters/perf_group.h"

/* clang-format off */
static const struct {
	const char *name, *unit;
	__u64 config;
	bool user_will_do; /* it happens in user mode, where we touch pages */
} events[] = {
	{"task-clock", "ns", PERF_COUNT_SW_TASK_CLOCK, true},
	{"major-faults", "1", PERF_COUNT_SW_PAGE_FAULTS_MAJ, true},
	{"context-switches", "1", PERF_COUNT_SW_CONTEXT_SWITCHES, false},
	{"cpu-migrations", "1", PERF_COUNT_SW_CPU_MIGRATIONS, false},
	{"alignment-faults", "1", PERF_COUNT_SW_ALIGNMENT_FAULTS, false},
	{"emulation-faults", "1", PERF_COUNT_SW_EMULATION_FAULTS, false},
};
/* clang-format on */

static int software_plan(struct counter_plan *plan, const char *asked, struct why *why)
{
	(void)asked;
	(void)why;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct counter_metric *m = counter_plan_add(plan, events[i].name, events[i].unit);

		m->attr.type = PERF_TYPE_SOFTWARE;
		m->attr.size = sizeof(m->attr);
		m->attr.config = events[i].config;
		m->group = (unsigned)i;
		m->user_will_do = events[i].user_will_do;
	}
	return 0;
}

const struct counter counter_software = {
	.name = "software",
	.summary = "perf's software events of each worker: switches, migrations, major faults",
	.needs = "kernel.perf_event_paranoid=1 or CAP_PERFMON; at 2 major faults and "
		 "task-clock are those of user mode, the rest is not there",
	.plan = software_plan,
	.prepare = perf_group_prepare,
	.start = perf_group_start,
	.stop = perf_group_stop,
	.read = perf_group_read,
	.finish = perf_group_finish,
};
