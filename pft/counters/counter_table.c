/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "pft/counters/counter.h"

extern const struct counter counter_null;
extern const struct counter counter_rusage;
extern const struct counter counter_proc_vmstat;
extern const struct counter counter_schedstat;
extern const struct counter counter_software;
extern const struct counter counter_hardware;

/* One variant a line. */
/* clang-format off */
const struct counter *const counters[] = {
	&counter_null,
	&counter_proc_vmstat,
	&counter_rusage,
	&counter_schedstat,
	&counter_software,
	&counter_hardware,
};
/* clang-format on */
const unsigned nr_counters = sizeof(counters) / sizeof(counters[0]);

const struct counter *counter_find(const char *name)
{
	for (unsigned i = 0; i < nr_counters; i++)
		if (!strcmp(counters[i]->name, name))
			return counters[i];
	return NULL;
}

int counter_no_plan(struct counter_plan *plan, const char *events, struct why *why)
{
	(void)plan;
	(void)events;
	(void)why;
	return 0;
}

void counter_nothing(struct counting *c)
{
	(void)c;
}
