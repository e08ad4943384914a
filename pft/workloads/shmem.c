/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shmem: as anon, on a shared anonymous mapping: the pages belong to a tmpfs file without a name.
 */
#include <sys/mman.h>

#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

static int shmem_setup(struct run *run, struct why *why)
{
	char *start;
	int err = map_new(run, map_total_bytes(run), MAP_SHARED | MAP_ANONYMOUS, -1, &start, why);

	if (err)
		return err;
	run->private = start;
	map_slice(run, start);
	for (unsigned i = 0; i < run->settings->nr_workers; i++)
		if (run->settings->pagesize != PAGESIZE_BASE)
			run->workers[i].kernel_least = 0;
	return 0;
}

static int shmem_pass(struct worker *worker)
{
	fill_slice(worker);
	return 0;
}

static void shmem_teardown(struct run *run)
{
	map_free(run->private, map_total_bytes(run));
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
	.teardown = shmem_teardown,
};
