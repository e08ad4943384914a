/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config_names: every variable that a config can set, in one table. Parsing, messages,
 * --list-variables and the test of the man page walk it. */
#ifndef HARNESS_CONFIG_NAMES_H
#define HARNESS_CONFIG_NAMES_H

#include <stdint.h>

#include "common/say.h"

enum config_id {
	PFT_WORKLOADS,
	PFT_PIN,
	PFT_MEM,
	PFT_PAGESIZES,
	PFT_USE_PROCESSES,
	PFT_MAPPING_SIZE,
	PFT_CLIENTS,
	PFT_MIN_CLIENTS,
	PFT_MAX_CLIENTS,
	PFT_MAX_CLIENTS_CAP,
	MMTESTS_THREAD_CUTOFF,
	PFT_ITERATIONS,
	MMTEST_ITERATIONS,
	PFT_WARMUP,
	PFT_PREFAULT,
	PFT_ORDER,
	PFT_SEED,
	PFT_TIMEOUT,
	PFT_EXTRA,
	PFT_COUNTERS,
	PFT_EVENTS,
	PFT_LOCKS,
	PFT_RWSEM_SPIN,
	PFT_WRITERS,
	PFT_NODES,
	PFT_VMA_CLASS,
	PFT_LIMIT,
	PFT_WORKING_SET,
	PFT_CODECS,
	PFT_LRU,
	PFT_LRU_LOCK,
	PFT_MEMCGS,
	PFT_ACCESS,
	PFT_ZSWAP_SHRINKER,
	PFT_PREFETCH,
	PFT_MACHINE,
	NR_CONFIG_NAMES,
};

enum config_type {
	CONFIG_NUMBER, /* whole, in min..max */
	CONFIG_SIZE, /* bytes, or with K M G T P, in min..max */
	CONFIG_CHOICE, /* one of choices */
	CONFIG_WORDS, /* words separated by blanks, each once, each one of choices where there are
			 any */
	CONFIG_TEXT, /* anything on one line */
};

struct config_name {
	const char *name;
	enum config_type type;
	const char *preset; /* the default, which may compute; "" for none */
	uint64_t min, max;
	const char *choices; /* separated by blanks; NULL for any */
	const char *summary; /* one line */
};
extern const struct config_name config_names[NR_CONFIG_NAMES];

/* The row of @name, or NULL. */
const struct config_name *config_name_find(const char *name);

/* The name of the table that looks most like @name, or NULL if none does. */
const char *config_name_nearest(const char *name);

/* Check @value, which may be empty for "the default", against @row. Returns 0 or -EINVAL with the
 * reason in @why. */
int config_name_check(const struct config_name *row, const char *value, struct why *why);

#endif
