/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_settings: the options of the workloads whose memory does not fit: how much of it may stay,
 * where the rest goes, and what is in it. */
#ifndef PFT_SWAP_SETTINGS_H
#define PFT_SWAP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct emit;
struct run;
struct settings;

enum swap_option {
	SWAP_LIMIT,
	SWAP_WORKING_SET,
	SWAP_CODEC,
	SWAP_POOL,
	SWAP_LRU,
	SWAP_LRU_LOCK,
	SWAP_MEMCGS,
	SWAP_ZSWAP_MAX,
	SWAP_POOL_MAX,
	SWAP_ACCEPT,
	SWAP_SHRINKER,
	SWAP_FILE,
	SWAP_SIZE,
	SWAP_ACCESS,
	SWAP_COMPRESSIBILITY,
	SWAP_CONTENT,
	NR_SWAP_OPTIONS
};

/* How messages name an option, and which workloads honour it (enum workload_flags). */
struct swap_option_row {
	const char *name;
	unsigned flag;
};
extern const struct swap_option_row swap_options[NR_SWAP_OPTIONS];

#define SWAP_UNLIMITED UINT64_MAX

/* Strings are kept, not copied: they are the command line's. */
struct swap_settings {
	uint64_t limit; /* --limit: bytes that may stay in memory; 0: a third of the working set */
	uint64_t working_set; /* --working-set: bytes of all workers together; 0: as -m */
	const char *codec; /* --codec: NAME or NAME:LEVEL */
	const char *pool; /* --pool: allocator of what was compressed */
	const char *lru; /* --lru: the policy that picks what is written back */
	const char *lru_lock; /* --lru-lock: what a lock of its lists is for: policy, node or list */
	unsigned memcgs; /* --memcgs: groups; 0: see swap_settings_memcgs() */
	uint64_t zswap_max; /* --zswap-max: compressed bytes of a group, or SWAP_UNLIMITED */
	unsigned pool_max; /* --pool-max: percent of memory that the pool may take */
	unsigned
		accept; /* --accept-threshold: percent of that, below which a full pool takes again */
	bool shrinker; /* --zswap-shrinker: reclaim shrinks the pool before it is full */
	const char *file; /* --swap-file: NULL: one of the workload's own */
	uint64_t size; /* --swap-size: bytes of it; 0: enough for the working set */
	const char *access; /* --access: see access_parse() */
	double compressibility; /* --compressibility: bytes in over bytes out, of the contents made */
	const char *content; /* --content: a file to take contents from; NULL: they are made */
	unsigned given; /* bits of enum swap_option: the command line has it */
};

/* The defaults: those of the kernel's zswap, and contents that lzo makes a third of. */
void swap_settings_init(struct swap_settings *s);

/* Read the argument of @option. Returns 0, or -EINVAL with the reason in @why. */
int swap_settings_read(struct swap_settings *s, enum swap_option option, const char *arg,
		       struct why *why);

/* Check what the options mean together with workers and workload, which have been settled. Returns
 * 0, or -EINVAL with the reason in @why. */
int swap_settings_check(const struct settings *s, struct why *why);

/* --memcgs, or without it a group for each worker, at least two. */
unsigned swap_settings_memcgs(const struct run *run);

/* What the defaults of --working-set, --limit and --swap-size come to: bytes, whole pages. */
uint64_t swap_settings_working_set(const struct run *run);
uint64_t swap_settings_limit(const struct run *run);
uint64_t swap_settings_size(const struct run *run);

/* Pages of each worker's part of the working set, at least 1. */
uint64_t swap_settings_pages(const struct run *run);

/* A row for each option that the workload honours. */
void swap_settings_rows(const struct run *run, struct emit *emit);

#endif
