/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin: which CPU of the simulated machine a worker gets. Without a plan, and behind the last CPU of one,
 * workers are where a scheduler would have put them: on the nodes in turn, and on siblings last. */
#include "pft/pin.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/sim/model.h"
#include "pft/sim/platform.h"

static int describe(struct topology *topology, struct why *why)
{
	char *words = machine_synthetic(model_machine());
	int err = topology_init(topology, words, why);

	free(words);
	return err;
}

int pin_allowed(struct id_list *cpus, struct why *why)
{
	struct pin_plan spread = {.kind = PIN_SPREAD};
	struct topology topology;
	int err = describe(&topology, why);

	*cpus = (struct id_list){0};
	if (err)
		return err;
	cpus->nr = platform_cpus();
	cpus->ids = xcalloc(cpus->nr, sizeof(*cpus->ids));
	err = pin_plan_cpus(&spread, &topology, (unsigned)cpus->nr, cpus->ids, why);
	topology_release(&topology);
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
	err = describe(&topology, why);
	if (err)
		return err;
	planned = xcalloc(n, sizeof(*planned));
	err = pin_plan_cpus(plan, &topology, n, planned, why);
	for (unsigned i = 0; i < n && !err; i++)
		cpus[i] = (int)planned[i];
	free(planned);
	topology_release(&topology);
	return err;
}

unsigned pin_node(unsigned cpu)
{
	return model_node_of_cpu(cpu);
}

int pin_self(int cpu, struct why *why)
{
	if ((unsigned)cpu >= machine_cpus(model_machine()))
		return why_not(why, EINVAL, "no CPU %d: machine '%s' has %u", cpu,
			       model_machine()->name, machine_cpus(model_machine()));
	if (!model_move(vcpu_self, (unsigned)cpu))
		return why_not(why, EINVAL,
			       "two workers on CPU %d: simulated CPUs are not shared, so give at "
			       "most as many workers as CPUs",
			       cpu);
	return 0;
}

void pin_helper(const struct id_list *allowed, unsigned i)
{
	if (i >= allowed->nr || !model_move(vcpu_self, allowed->ids[i]))
		model_move_beside(vcpu_self, model_node_of_cpu(allowed->ids[i % allowed->nr]));
}

int pin_release(const struct id_list *cpus, struct why *why)
{
	(void)cpus;
	(void)why;
	return 0;
}

int64_t pin_migrations(void)
{
	return 0;
}
