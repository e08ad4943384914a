/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/pin.h"

#include <errno.h>
#include <inttypes.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/topology.h"
#include "common/xalloc.h"

/* The kernel refuses a mask shorter than its own with EINVAL: grow until it fits. */
static cpu_set_t *allowed_mask(size_t *nr_cpus, int *err)
{
	for (size_t n = 1024; n <= 1 << 20; n *= 2) {
		cpu_set_t *set = CPU_ALLOC(n);

		*nr_cpus = n;
		if (set && !sched_getaffinity(0, CPU_ALLOC_SIZE(n), set))
			return set;
		*err = set ? errno : ENOMEM;
		CPU_FREE(set);
		if (*err != EINVAL)
			break;
	}
	return NULL;
}

int pin_allowed(struct id_list *cpus, struct why *why)
{
	size_t n = 0, cap = 0;
	int err = 0;
	cpu_set_t *set = allowed_mask(&n, &err);

	if (!set)
		return why_not(why, err, "cannot read the CPU affinity: %s", strerror(err));
	memset(cpus, 0, sizeof(*cpus));
	for (size_t cpu = 0; cpu < n; cpu++) {
		if (!CPU_ISSET_S(cpu, CPU_ALLOC_SIZE(n), set))
			continue;
		XGROW(cpus->ids, cpus->nr, cap);
		cpus->ids[cpus->nr++] = cpu;
	}
	CPU_FREE(set);
	return 0;
}

static int not_allowed(unsigned cpu, const struct id_list *allowed, struct why *why)
{
	char *list = id_list_format(allowed->ids, allowed->nr);
	int err = why_not(why, EINVAL,
			  "this process may not run on CPU %u, but on %.300s; see taskset(1)",
			  cpu, list);

	free(list);
	return err;
}

/* cpus:LIST needs no topology, and loading one takes longer than a small run. */
static int pin_listed(const struct id_list *list, unsigned n, unsigned *cpus, struct why *why)
{
	struct id_list allowed;
	int err = pin_allowed(&allowed, why);

	for (unsigned i = 0; i < n && !err; i++) {
		size_t k = 0;

		cpus[i] = list->ids[i % list->nr];
		while (k < allowed.nr && allowed.ids[k] != cpus[i])
			k++;
		if (k == allowed.nr)
			err = not_allowed(cpus[i], &allowed, why);
	}
	id_list_release(&allowed);
	return err;
}

int pin_workers(const struct pin_plan *plan, unsigned n, int *cpus, struct why *why)
{
	struct topology topology;
	unsigned *planned;
	int err;

	for (unsigned i = 0; i < n; i++)
		cpus[i] = -1;
	if (plan->kind == PIN_NONE)
		return 0;
	planned = xcalloc(n, sizeof(*planned));
	if (plan->kind == PIN_CPUS) {
		err = pin_listed(&plan->list, n, planned, why);
	} else {
		err = topology_init(&topology, NULL, why);
		if (!err) {
			err = pin_plan_cpus(plan, &topology, n, planned, why);
			topology_release(&topology);
		}
	}
	for (unsigned i = 0; i < n && !err; i++)
		cpus[i] = planned[i];
	free(planned);
	return err;
}

unsigned pin_node(unsigned cpu)
{
	int node = numa_available() < 0 ? 0 : numa_node_of_cpu((int)cpu);

	return node < 0 ? 0 : (unsigned)node;
}

/* @cpus ascend. */
static int bind_to(const unsigned *cpus, size_t nr, struct why *why)
{
	size_t most = cpus[nr - 1] + 1, size = CPU_ALLOC_SIZE(most);
	cpu_set_t *set = CPU_ALLOC(most);
	int err = 0;

	if (!set)
		return why_not(why, ENOMEM, "out of memory");
	CPU_ZERO_S(size, set);
	for (size_t i = 0; i < nr; i++)
		CPU_SET_S(cpus[i], size, set);
	if (sched_setaffinity(0, size, set))
		err = errno;
	CPU_FREE(set);
	if (err)
		return why_not(why, err, "cannot bind to CPU %u%s: %s", cpus[0],
			       nr > 1 ? " and others" : "", strerror(err));
	return 0;
}

int pin_release(const struct id_list *cpus, struct why *why)
{
	return bind_to(cpus->ids, cpus->nr, why);
}

int pin_self(int cpu, struct why *why)
{
	unsigned one = cpu;
	int err = bind_to(&one, 1, why);

	if (err)
		return err;
	if (sched_getcpu() != cpu)
		return why_not(why, EIO, "bound to CPU %d, but runs on CPU %d", cpu,
			       sched_getcpu());
	return 0;
}

void pin_helper(const struct id_list *allowed, unsigned i)
{
	(void)allowed;
	(void)i;
}

int64_t pin_migrations(void)
{
	FILE *f = fopen("/proc/thread-self/sched", "re");
	char line[256];
	int64_t n = -1;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "se.nr_migrations : %" SCNd64, &n) == 1)
			break;
	fclose(f);
	return n;
}
