/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_facts: what meta.tsv says of the run itself: its command, config, settings and versions. */
#ifndef HARNESS_RUN_FACTS_H
#define HARNESS_RUN_FACTS_H

#include <stddef.h>

#include "common/meta.h"
#include "common/say.h"
#include "common/topology.h"
#include "harness/config.h"
#include "harness/plan.h"
#include "harness/stop.h"

/* Add `name` and `command`, the words of the command line. */
void run_facts_command(struct meta *meta, const char *name, int argc, char *const argv[]);

/* Add the config as it was given and the settings of the plan that plan.tsv does not hold. */
void run_facts_config(struct meta *meta, const struct config *config, char *const sets[],
		      size_t nr_sets, const struct plan *plan);

/* Give @plan, just read from plan.tsv, its settings from @meta. Returns 0, or -EINVAL with the
 * reason. */
int run_facts_settings(const struct meta *meta, struct plan *plan, struct why *why);

/* Add the versions of this program, of @pft (which is asked), hwloc, libc and the compiler. */
void run_facts_versions(struct meta *meta, const char *pft, struct stop *stop);

/* Add `topology` and `cpus`, the shape of the machine of the run, which may be a simulated one. */
void run_facts_topology(struct meta *meta, const struct topology *topology);

/* Add the time of now, in UTC. */
void run_facts_time(struct meta *meta, const char *key);

/* The time of now in UTC, "2026-01-31T12:00:00Z", in memory that the caller frees. */
char *run_facts_now(void);

#endif
