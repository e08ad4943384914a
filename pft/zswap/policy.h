/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: how zswap finds its victims, as data, so that before and after can be compared. */
#ifndef PFT_ZSWAP_POLICY_H
#define PFT_ZSWAP_POLICY_H

#include <stdbool.h>

/* Which victims the dynamic shrinker of patch 6/6 offers. */
enum zswap_shrinker {
	ZSWAP_SHRINKER_NONE, /* it does not exist yet */
	ZSWAP_SHRINKER_PROTECTED, /* what exceeds the protected size of the list (6.8) */
	ZSWAP_SHRINKER_DISK_SWAPINS, /* what exceeds the swap-ins from disk since the last look (6.12) */
};

/* What a lock of the lists is for. */
enum zswap_lru_lock {
	ZSWAP_LRU_LOCK_POLICY, /* as the policy's kernel has it */
	ZSWAP_LRU_LOCK_NODE, /* all lists of a node */
	ZSWAP_LRU_LOCK_LIST, /* one list */
};

/* The scope called @name: policy, node or list. 0 or -ENOENT. */
int zswap_lru_lock_parse(const char *name, enum zswap_lru_lock *lock);

/* What differs between the policies, and nothing else does. */
struct zswap_policy {
	const char *name;
	const char *summary;
	bool memcg_lru; /* a list per memcg and node; else one for all */
	bool memcg_limit_shrinks; /* a group at zswap.max writes back of its own; else is rejected */
	bool second_chance; /* a first visit clears the referenced bit, a second writes back */
	bool strict_limits; /* full above the maximum, not at it; accepts below the threshold only */
	bool raw; /* incompressible pages are kept as they are, in LRU order (6.18) */
	bool lock_per_list; /* a lock for each list (6.13); else for all of a node */
	enum zswap_shrinker shrinker;
};
extern const struct zswap_policy *const zswap_policies[];
extern const unsigned nr_zswap_policies;

/* The policy called @name, or NULL; NULL for the default, memcg-second-chance. */
const struct zswap_policy *zswap_policy_find(const char *name);

#endif
