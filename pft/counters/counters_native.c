/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counters_native: the table of all sources; a simulator has its own. */
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
