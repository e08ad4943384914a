/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/policy.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* 6.7, before the series. A group at zswap.max is only rejected, as there is no list of its own to shrink;
 * at the global limit the oldest goes, whosever it is. */
static const struct zswap_policy global = {
	.name = "global",
	.summary = "one LRU for all groups and nodes, no shrinking at a group's limit (6.7)",
	.strict_limits = true,
	.shrinker = ZSWAP_SHRINKER_NONE,
};

/* 6.8, with what was mended until 6.12 in the worker, the cursor and the callback: lists per group and node,
 * a group at zswap.max shrinks itself, the worker goes round the groups. */
static const struct zswap_policy memcg = {
	.name = "memcg",
	.summary = "an LRU per group and node, round robin over the groups (6.8 and its fixes)",
	.memcg_lru = true,
	.memcg_limit_shrinks = true,
	.strict_limits = true,
	.shrinker = ZSWAP_SHRINKER_PROTECTED,
};

/* 6.12: a referenced bit in place of the protected size, limits that include their bounds; and the
 * incompressible pages of 6.18 and the list locks of 6.13, which change no victim. */
static const struct zswap_policy memcg_second_chance = {
	.name = "memcg-second-chance",
	.summary = "the same; a page is passed over once before it is written back (6.12)",
	.memcg_lru = true,
	.memcg_limit_shrinks = true,
	.second_chance = true,
	.raw = true,
	.lock_per_list = true,
	.shrinker = ZSWAP_SHRINKER_DISK_SWAPINS,
};

const struct zswap_policy *const zswap_policies[] = {
	&global,
	&memcg,
	&memcg_second_chance,
};
const unsigned nr_zswap_policies = sizeof(zswap_policies) / sizeof(*zswap_policies);

const struct zswap_policy *zswap_policy_find(const char *name)
{
	unsigned i;

	if (!name)
		return &memcg_second_chance;
	for (i = 0; i < nr_zswap_policies; i++)
		if (!strcmp(name, zswap_policies[i]->name))
			return zswap_policies[i];
	return NULL;
}

int zswap_lru_lock_parse(const char *name, enum zswap_lru_lock *lock)
{
	static const char *const names[] = {
		[ZSWAP_LRU_LOCK_POLICY] = "policy",
		[ZSWAP_LRU_LOCK_NODE] = "node",
		[ZSWAP_LRU_LOCK_LIST] = "list",
	};
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]))
			continue;
		*lock = i;
		return 0;
	}
	return -ENOENT;
}
