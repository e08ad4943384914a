/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "pft/workload.h"

const struct workload *workload_find(const char *name)
{
	for (unsigned i = 0; i < nr_workloads; i++)
		if (!strcmp(workloads[i]->name, name))
			return workloads[i];
	return NULL;
}

int workload_available(const struct workload *workload, struct why *why)
{
	if (workload->unavailable)
		return why_not(why, ENOSYS, "%s", workload->unavailable);
	return workload->probe ? workload->probe(why) : 0;
}

size_t workload_base_unit(const struct run *run)
{
	return run->page_size;
}

int workload_no_setup(struct run *run, struct why *why)
{
	(void)run;
	(void)why;
	return 0;
}

int workload_no_thread_setup(struct worker *worker)
{
	(void)worker;
	return 0;
}

void workload_no_thread_teardown(struct worker *worker)
{
	(void)worker;
}

void workload_no_teardown(struct run *run)
{
	(void)run;
}
