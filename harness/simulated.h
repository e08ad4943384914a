/* SPDX-License-Identifier: GPL-2.0-or-later */
/* simulated: what is other about a run whose config names a machine to simulate (PFT_MACHINE). */
#ifndef HARNESS_SIMULATED_H
#define HARNESS_SIMULATED_H

#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"
#include "common/topology.h"
#include "harness/config.h"
#include "harness/plan.h"

/*
 * Start @config for @topology, with the overrides @sets[@nr_sets] and the file @path. Where PFT_MACHINE is
 * among them, the shape of that model takes the place of @topology, and both are worked out for it. Returns
 * 0, or -errno with the reason in @why; the caller releases @config in any case.
 */
int simulated_read_config(struct config *config, struct topology *topology, char *const sets[],
			  size_t nr_sets, const char *path, struct why *why);

/* Put the machine that @config names in the place of @topology. Returns 1 if it names one, after which
 * @config is to be read again, for it computed with this machine's; 0; or -EINVAL with the reason in
 * @why. */
int simulated_take_machine(const struct config *config, struct topology *topology, struct why *why);

/* Put the machine that the steps of @plan are simulated on, if they are, in the place of @topology.
 * Returns 0, or -EINVAL with the reason in @why. */
int simulated_restore(const struct plan *plan, struct topology *topology, struct why *why);

/* Put the shape of model @name in the place of @topology. Returns 0, or -EINVAL with the reason in @why. */
int simulated_topology(struct topology *topology, const char *name, struct why *why);

/* Whether the steps of @plan are simulated: then what else this host does is no matter. */
bool simulated_is(const struct plan *plan);

/* The name of the program beside this one that runs the steps of @plan. */
const char *simulated_program(const struct plan *plan);

#endif
