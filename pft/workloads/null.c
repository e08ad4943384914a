/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * null: as many touches as anon makes, all of one page that is there already. What is left is the
 * harness: release, clocks, getrusage(), loop. The floor under every other workload.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "pft/workload.h"

static int null_thread_setup(struct worker *worker)
{
	char *page = mmap(NULL, worker->run->page_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return worker_fails(worker, errno, "cannot map a page: %s", strerror(errno));
	*page = 1;
	worker->private = page;
	worker->kernel_least = 0;
	return 0;
}

static int null_pass(struct worker *worker)
{
	volatile char *page = worker->private;
	uint64_t n = worker->planned;

	for (uint64_t i = 0; i < n; i++)
		*page = 1;
	worker->faults = n;
	return 0;
}

static void null_thread_teardown(struct worker *worker)
{
	if (worker->private)
		munmap(worker->private, worker->run->page_size);
}

const struct workload workload_null = {
	.name = "null",
	.summary = "the same loop over one page that is there already: the floor",
	.flags = WL_COUNTS,
	.unit = workload_base_unit,
	.setup = workload_no_setup,
	.thread_setup = null_thread_setup,
	.pass = null_pass,
	.thread_teardown = null_thread_teardown,
	.teardown = workload_no_teardown,
};
