/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem_policy: where a worker's pages shall come from (--mem), through libnuma. */
#ifndef PFT_MEM_POLICY_H
#define PFT_MEM_POLICY_H

#include <stdbool.h>

#include "common/say.h"
#include "common/units.h"

enum mem_kind {
	MEM_DEFAULT, /* the policy that pft was started with */
	MEM_LOCAL, /* the node of the CPU that touches first */
	MEM_REMOTE, /* the node farthest from the worker's CPU */
	MEM_INTERLEAVE, /* page by page over all nodes that pft may use */
	MEM_BIND, /* bind:LIST: only these nodes */
};

struct mem_policy {
	enum mem_kind kind;
	struct id_list nodes; /* of bind: */
};

/* The names for --list and --help, in order of enum mem_kind, each with a line that says what it
 * does. */
struct mem_kind_name {
	const char *name;
	const char *summary;
};
extern const struct mem_kind_name mem_kind_names[];
extern const unsigned nr_mem_kinds;

/* Parse "local", "bind:0-1". Returns 0 or -EINVAL with the reason in @why. */
int mem_policy_parse(struct mem_policy *policy, const char *text, struct why *why);

/* 0 if this machine can do it, else -errno with the reason in @why: no NUMA, no second node, no
 * such node. */
int mem_policy_check(const struct mem_policy *policy, struct why *why);

/* Make it the policy of the calling thread, which runs on its CPU by now. Returns 0, or -errno with
 * the reason in @why. */
int mem_policy_apply(const struct mem_policy *policy, struct why *why);

/* Whether a page may be on @node when a CPU of node @here touched it first under @policy. Local
 * memory may run out, so for MEM_LOCAL every node may be. */
bool mem_policy_allows(const struct mem_policy *policy, unsigned here, unsigned node);

/* Free what the policy holds. */
void mem_policy_release(struct mem_policy *policy);

#endif
