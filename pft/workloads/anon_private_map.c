/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anon-private-map: as anon, but each worker maps its slice for itself. Threads still share one mm,
 * but no VMA: what anon loses against this is what sharing a VMA costs.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

/*
 * A guard on either side: the kernel merges neighbouring anonymous mappings into one VMA, and then this
 * would be anon again. As large as the alignment, so that the slice stays aligned.
 */
static int private_thread_setup(struct worker *worker)
{
	const struct run *run = worker->run;
	size_t slice = map_slice_bytes(run), guard = map_alignment(run);
	char *start;
	int err = map_new(run, slice + 2 * guard, MAP_PRIVATE | MAP_ANONYMOUS, -1, &start,
			  &worker->why);

	if (err)
		return err;
	worker->private = start;
	if (mprotect(start, guard, PROT_NONE) || mprotect(start + guard + slice, guard, PROT_NONE))
		return worker_fails(worker, errno, "cannot set guards around a mapping: %s",
				    strerror(errno));
	worker->start = start + guard;
	worker->length = slice;
	if (run->settings->pagesize != PAGESIZE_BASE)
		worker->kernel_least = 1;
	return 0;
}

static int private_pass(struct worker *worker)
{
	fill_slice(worker);
	return 0;
}

static void private_thread_teardown(struct worker *worker)
{
	map_free(worker->private, map_slice_bytes(worker->run) + 2 * map_alignment(worker->run));
}

const struct workload workload_anon_private_map = {
	.name = "anon-private-map",
	.summary = "first write to each page of an anonymous mapping of each worker's own",
	.flags = WL_CACHELINES | WL_CLEAR | WL_PAGESIZE,
	.unit = workload_base_unit,
	.setup = workload_no_setup,
	.thread_setup = private_thread_setup,
	.pass = private_pass,
	.thread_teardown = private_thread_teardown,
	.teardown = workload_no_teardown,
};
