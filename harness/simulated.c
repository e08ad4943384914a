/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/simulated.h"

#include <errno.h>
#include <stdlib.h>

#include "common/machine_model.h"
#include "harness/step.h"

int simulated_topology(struct topology *topology, const char *name, struct why *why)
{
	struct topology shape;
	struct machine machine;
	char *words;
	int err = machine_read(&machine, name, why);

	if (err)
		return -EINVAL;
	words = machine_synthetic(&machine);
	err = topology_init(&shape, words, why);
	free(words);
	if (err)
		return -EINVAL;
	topology_release(topology);
	*topology = shape;
	return 0;
}

static int read_config(struct config *config, const struct topology *topology, char *const sets[],
		       size_t nr_sets, const char *path, struct why *why)
{
	int err = 0;

	config_init(config, topology);
	for (size_t i = 0; i < nr_sets && !err; i++)
		err = config_set(config, sets[i], why);
	return err ? err : config_read(config, path, why);
}

int simulated_take_machine(const struct config *config, struct topology *topology, struct why *why)
{
	const char *name = config_text(config, PFT_MACHINE);

	if (!*name)
		return 0;
	if (simulated_topology(topology, name, why))
		return config_bad(config, PFT_MACHINE, EINVAL, why);
	return 1;
}

int simulated_read_config(struct config *config, struct topology *topology, char *const sets[],
			  size_t nr_sets, const char *path, struct why *why)
{
	int err = read_config(config, topology, sets, nr_sets, path, why);

	if (!err)
		err = simulated_take_machine(config, topology, why);
	if (err <= 0)
		return err;
	config_release(config);
	return read_config(config, topology, sets, nr_sets, path, why);
}

int simulated_restore(const struct plan *plan, struct topology *topology, struct why *why)
{
	char *name = plan->nr_cells ? step_machine(&plan->cells[0]) : NULL;
	int err = name ? simulated_topology(topology, name, why) : 0;

	free(name);
	return err;
}

bool simulated_is(const struct plan *plan)
{
	return plan->nr_cells && step_is_simulated(&plan->cells[0]);
}

const char *simulated_program(const struct plan *plan)
{
	return simulated_is(plan) ? "pft-sim" : "pft";
}
