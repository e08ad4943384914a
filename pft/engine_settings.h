/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_settings: the options of the workloads that run on the engine (pft/mm), not on the kernel.
 */
#ifndef PFT_ENGINE_SETTINGS_H
#define PFT_ENGINE_SETTINGS_H

#include <stdbool.h>

#include "common/say.h"
#include "pft/platform.h"

struct lock_design;
struct settings;

enum engine_option {
	ENGINE_LOCK,
	ENGINE_RWSEM_SPIN,
	ENGINE_WRITERS,
	ENGINE_NODES,
	ENGINE_VMA_CLASS,
	ENGINE_MACHINE,
	ENGINE_CPUS,
	ENGINE_PREFETCH,
	NR_ENGINE_OPTIONS
};

struct engine_settings {
	const struct lock_design *design; /* --lock */
	bool rwsem_spin; /* --rwsem-spin: writers of rwsems spin before they sleep */
	unsigned writers; /* --writers: beside the workers, for workloads that have some */
	unsigned nodes; /* --nodes: NUMA nodes to emulate; 0: the machine's own */
	int vma_class; /* --vma-class: start of every VMA mod 128; -1: the slab's own mix */
	struct platform_options platform; /* --machine, --cpus, --prefetch */
	unsigned given; /* bits of enum engine_option: the command line has it */
};

/* The defaults: the lock of 6.18, spinning on, one writer, the machine's nodes, the slab's mix. */
void engine_settings_init(struct engine_settings *s);

/* Read the argument of @option. Returns 0, or -EINVAL with the reason in @why. */
int engine_settings_read(struct engine_settings *s, enum engine_option option, const char *arg,
			 struct why *why);

/* Check what the options mean together with workers and workload, which have been settled. Returns
 * 0, or -EINVAL with the reason in @why. */
int engine_settings_check(const struct settings *s, struct why *why);

#endif
