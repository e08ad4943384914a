/* SPDX-License-Identifier: GPL-2.0-or-later */
/* workloads_native: the table of all workloads; a simulator has one of those that need no kernel. */
#include "pft/workload.h"

extern const struct workload workload_null;
extern const struct workload workload_anon;
extern const struct workload workload_anon_private_map;
extern const struct workload workload_cow;
extern const struct workload workload_shmem;
extern const struct workload workload_sysv;
extern const struct workload workload_file_private;
extern const struct workload workload_file_shared;
extern const struct workload workload_zero_read;
extern const struct workload workload_thp;
extern const struct workload workload_hugetlb;
extern const struct workload workload_refault;
extern const struct workload workload_churn;
extern const struct workload workload_kernel_swap;
extern const struct workload workload_kernel_memcgs;
extern const struct workload workload_engine_anon;
extern const struct workload workload_engine_anon_many;
extern const struct workload workload_engine_mixed;
extern const struct workload workload_engine_fork;
extern const struct workload workload_engine_swap;
extern const struct workload workload_engine_memcgs;
extern const struct workload workload_uffd_anon;
extern const struct workload workload_uffd_swap;

/* One variant a line. */
/* clang-format off */
const struct workload *const workloads[] = {
	&workload_null,
	&workload_anon,
	&workload_anon_private_map,
	&workload_cow,
	&workload_shmem,
	&workload_sysv,
	&workload_file_private,
	&workload_file_shared,
	&workload_zero_read,
	&workload_thp,
	&workload_hugetlb,
	&workload_refault,
	&workload_churn,
	&workload_kernel_swap,
	&workload_kernel_memcgs,
	&workload_engine_anon,
	&workload_engine_anon_many,
	&workload_engine_mixed,
	&workload_engine_fork,
	&workload_engine_swap,
	&workload_engine_memcgs,
	&workload_uffd_anon,
	&workload_uffd_swap,
};
/* clang-format on */
const unsigned nr_workloads = sizeof(workloads) / sizeof(workloads[0]);

const char *const workload_default = "anon";
