/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * churn: each worker maps a small anonymous region, writes each page and unmaps it, until it has
 * made its share of faults. Threads of one mm are all writers of its mmap_lock and VMA tree, as
 * well as faulting.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "common/units.h"
#include "pft/map.h"
#include "pft/touch.h"
#include "pft/workload.h"

static const struct workload_param churn_params[] = {
	{"region", "128K", "bytes that are mapped, written and unmapped at a time"},
	{NULL, NULL, NULL},
};

/* Base pages by prctl(), as an madvise() a region would be one more system call to measure. */
static int churn_setup(struct run *run, struct why *why)
{
	uint64_t region;
	int err = size_parse(run_param(run, "region"), run->page_size, &region, why);

	if (err)
		return err;
	if (region < run->page_size || region % run->page_size)
		return why_not(why, EINVAL, "region is whole pages, not '%s'",
			       run_param(run, "region"));
	for (unsigned i = 0; i < run->settings->nr_workers; i++)
		run->workers[i].length = region;
	if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		return why_not(why, errno, "cannot switch huge pages off: %s", strerror(errno));
	return 0;
}

static int churn_pass(struct worker *worker)
{
	const size_t page = worker->run->page_size, region = worker->length / page;
	uint64_t left = worker->planned;

	while (left) {
		size_t length = (left < region ? left : region) * page;
		char *start = mmap(NULL, length, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (start == MAP_FAILED)
			return worker_fails(worker, errno, "cannot map %zu bytes: %s", length,
					    strerror(errno));
		touch_write(start, start + length, page);
		munmap(start, length);
		left -= length / page;
	}
	return 0;
}

static void churn_teardown(struct run *run)
{
	(void)run;
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

const struct workload workload_churn = {
	.name = "churn",
	.summary = "map a region, write each page, unmap it, over and over",
	.flags = 0,
	.params = churn_params,
	.unit = workload_base_unit,
	.setup = churn_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = churn_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = churn_teardown,
};
