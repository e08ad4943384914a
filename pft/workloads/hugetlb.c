/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hugetlb: first write to each huge page of a slice of a hugetlb mapping. Threads use a private
 * mapping; processes a shared one, since the reservation of a private mapping stays with the parent
 * and a child that finds no page gets a SIGBUS.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "pft/map.h"
#include "pft/touch.h"
#include "pft/workload.h"

/* A number of /proc/meminfo, in its own unit; 0 if it is not there. */
static uint64_t meminfo(const char *name)
{
	FILE *in = fopen("/proc/meminfo", "re");
	unsigned long long value = 0;
	char line[128];
	size_t len = strlen(name);

	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, name, len) && line[len] == ':' &&
		    sscanf(line + len + 1, "%llu", &value) == 1)
			break;
	if (in)
		fclose(in);
	return value;
}

static int hugetlb_probe(struct why *why)
{
	if (!meminfo("Hugepagesize"))
		return why_not(why, ENOSYS, "this kernel has no hugetlb pages");
	if (!meminfo("HugePages_Free"))
		return why_not(why, ENOMEM,
			       "no hugetlb page is free; reserve some: sysctl vm.nr_hugepages=N");
	return 0;
}

static size_t hugetlb_unit(const struct run *run)
{
	size_t kib = meminfo("Hugepagesize");

	return kib ? kib << 10 : run->page_size;
}

static int hugetlb_setup(struct run *run, struct why *why)
{
	int share = run->settings->processes ? MAP_SHARED : MAP_PRIVATE;
	int err = map_setup(run, share | MAP_ANONYMOUS | MAP_HUGETLB, -1, why);

	if (err == -ENOMEM)
		return why_not(why, ENOMEM,
			       "%zu hugetlb pages wanted, %llu are free; sysctl vm.nr_hugepages=N",
			       map_total_bytes(run) / run->unit,
			       (unsigned long long)meminfo("HugePages_Free"));
	return err;
}

static int hugetlb_pass(struct worker *worker)
{
	touch_write(worker->start, worker->start + worker->length, worker->run->unit);
	return 0;
}

const struct workload workload_hugetlb = {
	.name = "hugetlb",
	.summary = "first write to each huge page of a slice of a hugetlb mapping",
	.flags = 0,
	.probe = hugetlb_probe,
	.unit = hugetlb_unit,
	.setup = hugetlb_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = hugetlb_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = map_teardown,
};
