/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tables: what pft-sim has of pft's plug-ins: the workloads that need no kernel, and the model's counts. */
#include "pft/counters/counter.h"
#include "pft/workload.h"

extern const struct workload workload_engine_anon;
extern const struct workload workload_engine_anon_many;
extern const struct workload workload_engine_mixed;
extern const struct workload workload_engine_fork;
extern const struct workload workload_engine_swap;
extern const struct workload workload_engine_memcgs;

extern const struct counter counter_null;
extern const struct counter counter_rusage;
extern const struct counter counter_simulated;

/* One variant a line. */
/* clang-format off */
const struct workload *const workloads[] = {
	&workload_engine_anon,
	&workload_engine_anon_many,
	&workload_engine_mixed,
	&workload_engine_fork,
	&workload_engine_swap,
	&workload_engine_memcgs,
};
const unsigned nr_workloads = sizeof(workloads) / sizeof(workloads[0]);
const char *const workload_default = "engine-anon";

const struct counter *const counters[] = {
	&counter_null,
	&counter_rusage,
	&counter_simulated,
};
/* clang-format on */
const unsigned nr_counters = sizeof(counters) / sizeof(counters[0]);
