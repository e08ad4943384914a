/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thp: one write to each transparent huge page of a slice of one anonymous mapping. A fault is a
 * huge page, so a rate is huge pages a second. A fault that fell back to a base page is an error,
 * not a faster fault.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "pft/map.h"
#include "pft/touch.h"
#include "pft/workload.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

static int thp_probe(struct why *why)
{
	FILE *in = fopen(THP "enabled", "re");
	char line[64] = "";

	if (!in)
		return why_not(why, ENOSYS, "this kernel has no transparent huge pages");
	if (!fgets(line, sizeof(line), in))
		*line = 0;
	fclose(in);
	if (strstr(line, "[never]"))
		return why_not(why, ENOSYS,
			       "transparent huge pages are off; write madvise to '" THP "enabled'");
	return 0;
}

static int thp_setup(struct run *run, struct why *why)
{
	int err = map_setup(run, MAP_PRIVATE | MAP_ANONYMOUS, -1, why);

	if (!err && madvise(run->private, map_total_bytes(run), MADV_HUGEPAGE))
		return why_not(why, errno, "cannot ask for huge pages: %s", strerror(errno));
	return err;
}

static int thp_pass(struct worker *worker)
{
	touch_write(worker->start, worker->start + worker->length, worker->run->unit);
	return 0;
}

static uint64_t minor_faults(void)
{
	struct rusage ru;

	getrusage(RUSAGE_THREAD, &ru);
	return ru.ru_minflt;
}

/* Were they huge? Then a second page of each is there already; else touching it faults. */
static void thp_thread_teardown(struct worker *worker)
{
	const struct run *run = worker->run;
	uint64_t before = minor_faults(), small;

	if (worker->err || !worker->start)
		return;
	touch_write(worker->start + run->page_size, worker->start + worker->length, run->unit);
	small = minor_faults() - before;
	if (small)
		worker->err = worker_fails(worker, ENOMEM,
					   "%" PRIu64 " of %" PRIu64
					   " huge pages were not to be had; free "
					   "memory, or write 1 to '/proc/sys/vm/compact_memory'",
					   small, worker->planned);
}

const struct workload workload_thp = {
	.name = "thp",
	.summary = "first write to each transparent huge page of a slice of one anonymous mapping",
	.flags = 0,
	.probe = thp_probe,
	.unit = map_huge_page,
	.setup = thp_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = thp_pass,
	.thread_teardown = thp_thread_teardown,
	.teardown = map_teardown,
};
