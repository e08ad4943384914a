/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shmem: as anon, on a shared anonymous mapping: pages of a tmpfs file without a name. */
#include <sys/mman.h>

#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

static int shmem_setup(struct run *run, struct why *why)
{
	const struct settings *s = run->settings;

	for (unsigned i = 0; i < s->nr_workers && s->pagesize != PAGESIZE_BASE; i++)
		run->workers[i].kernel_least = 1;
	return map_setup(run, MAP_SHARED | MAP_ANONYMOUS, -1, why);
}

static int shmem_pass(struct worker *worker)
{
	fill_slice(worker);
	return 0;
}

const struct workload workload_shmem = {
	.name = "shmem",
	.summary = "first write to each page of a slice of one shared anonymous mapping",
	.flags = WL_SHARED | WL_CACHELINES | WL_CLEAR | WL_PAGESIZE,
	.unit = workload_base_unit,
	.setup = shmem_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = shmem_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = map_teardown,
};
