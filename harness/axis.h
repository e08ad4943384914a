/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * axis: the dimensions of the variants: the words of a config variable each. Every word is combined
 * with every word of the other axes, but for the options of the engine, which only its workloads
 * have: to another workload such an axis is as if it were not there.
 */
#ifndef HARNESS_AXIS_H
#define HARNESS_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"
#include "harness/config.h"

enum axis_id {
	AXIS_WORKLOAD,
	AXIS_PIN,
	AXIS_MEM,
	AXIS_PAGESIZE,
	AXIS_MODE,
	AXIS_PREFETCH,
	/* Options of the engine's workloads. */
	AXIS_LOCK,
	AXIS_RWSEM_SPIN,
	AXIS_WRITERS,
	AXIS_NODES,
	AXIS_VMA_CLASS,
	/* Options of the workloads that swap. */
	AXIS_LIMIT,
	AXIS_WORKING_SET,
	AXIS_CODEC,
	AXIS_LRU,
	AXIS_LRU_LOCK,
	AXIS_MEMCGS,
	AXIS_ACCESS,
	AXIS_ZSWAP_SHRINKER,
	NR_AXES,
};

struct axis {
	char **words; /* NULL: nothing was said, the one word is "" */
	size_t nr; /* at least 1 */
	size_t pick; /* of the variant at hand */
};

struct axes {
	struct axis axes[NR_AXES];
};

/* Take the words out of @config, the first variant picked. The caller releases it in any case.
 * Returns 0, or -EINVAL with the reason in @why. */
int axes_init(struct axes *axes, const struct config *config, struct why *why);

/* Free what the axes hold. */
void axes_release(struct axes *axes);

/* The word of the variant at hand. */
const char *axis_word(const struct axes *axes, enum axis_id id);

/* The most variants there can be. */
size_t axes_product(const struct axes *axes);

/* Pick the next variant, like the wheels of a mileage counter; false behind the last. */
bool axes_next(struct axes *axes);

/* Workload and whatever differs between the variants, as a file name: "node:0,1" reads "node.0_1".
 * To be freed. */
char *axes_name(const struct axes *axes);

/* The options of pft that the variant adds to @common. To be freed. */
char *axes_options(const struct axes *axes, const char *common);

#endif
