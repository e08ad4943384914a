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

int simulated_read_config(struct config *config, struct topology *topology, char *const sets[],
			  size_t nr_sets, const char *path, struct why *why)
{
	int err = read_config(config, topology, sets, nr_sets, path, why);
	const char *name = err ? "" : config_text(config, PFT_MACHINE);

	if (err || !*name)
		return err;
	if (simulated_topology(topology, name, why))
		return config_bad(config, PFT_MACHINE, EINVAL, why);
	config_release(config); /* it computed with this machine's $NUMCPUS */
	return read_config(config, topology, sets, nr_sets, path, why);
}

bool simulated_is(const struct plan *plan)
{
	return plan->nr_cells && step_is_simulated(&plan->cells[0]);
}

const char *simulated_program(const struct plan *plan)
{
	return simulated_is(plan) ? "pft-sim" : "pft";
}
