/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zero-read: first read of each page of a slice of one anonymous mapping. Every fault maps the zero
 * page: no allocation, no clearing, no memcg; what is left of a fault is entry, VMA, page table and
 * lock.
 */
#include <sys/mman.h>

#include "pft/map.h"
#include "pft/touch.h"
#include "pft/workload.h"

static int zero_setup(struct run *run, struct why *why)
{
	return map_setup(run, MAP_PRIVATE | MAP_ANONYMOUS, -1, why);
}

static int zero_pass(struct worker *worker)
{
	touch_read(worker->start, worker->start + worker->length, worker->run->page_size);
	return 0;
}

const struct workload workload_zero_read = {
	.name = "zero-read",
	.summary = "first read of each page of a slice of one anonymous mapping: the zero page",
	.flags = 0,
	.unit = workload_base_unit,
	.setup = zero_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = zero_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = map_teardown,
};
