/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refault: each worker drops a piece of one anonymous mapping with MADV_DONTNEED and writes it
 * again, until it has made its share of faults. The pages come back from the allocator's per-CPU
 * lists, warm; faults and zaps of one VMA run side by side.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "common/units.h"
#include "pft/map.h"
#include "pft/touch.h"
#include "pft/workload.h"

static const struct workload_param refault_params[] = {
	{"piece", "1M", "bytes that each worker drops and writes again"},
	{NULL, NULL, NULL},
};

static int refault_setup(struct run *run, struct why *why)
{
	unsigned n = run->settings->nr_workers;
	uint64_t piece;
	char *start;
	int err = size_parse(run_param(run, "piece"), run->page_size, &piece, why);

	if (!err && (piece < run->page_size || piece % run->page_size))
		err = why_not(why, EINVAL, "piece is whole pages, not '%s'",
			      run_param(run, "piece"));
	if (!err && piece > map_slice_bytes(run))
		piece = map_slice_bytes(run);
	if (!err)
		err = map_new(run, n * piece, MAP_PRIVATE | MAP_ANONYMOUS, -1, &start, why);
	if (err)
		return err;
	run->private = start;
	for (unsigned i = 0; i < n; i++) {
		run->workers[i].start = start + i * piece;
		run->workers[i].length = piece;
	}
	return 0;
}

static int refault_pass(struct worker *worker)
{
	const size_t page = worker->run->page_size, piece = worker->length / page;
	uint64_t left = worker->planned;

	while (left) {
		size_t length = (left < piece ? left : piece) * page;

		if (madvise(worker->start, length, MADV_DONTNEED))
			return worker_fails(worker, errno, "MADV_DONTNEED failed: %s",
					    strerror(errno));
		touch_write(worker->start, worker->start + length, page);
		left -= length / page;
	}
	return 0;
}

static void refault_teardown(struct run *run)
{
	if (run->private)
		map_free(run->private, run->settings->nr_workers * run->workers[0].length);
}

const struct workload workload_refault = {
	.name = "refault",
	.summary = "drop a piece with MADV_DONTNEED and write it again, over and over",
	.flags = 0,
	.params = refault_params,
	.unit = workload_base_unit,
	.setup = refault_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = refault_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = refault_teardown,
};
