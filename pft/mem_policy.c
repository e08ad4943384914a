/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mem_policy.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"

const struct mem_kind_name mem_kind_names[] = {
	[MEM_DEFAULT] = {"default", "the policy that pft was started with (numactl)"},
	[MEM_LOCAL] = {"local", "the node of the CPU that touches first"},
	[MEM_REMOTE] = {"remote", "the node farthest from the worker's CPU"},
	[MEM_INTERLEAVE] = {"interleave", "page by page over all nodes that pft may use"},
	[MEM_BIND] = {"bind:LIST", "only these nodes, e.g. bind:0-1"},
};
const unsigned nr_mem_kinds = sizeof(mem_kind_names) / sizeof(mem_kind_names[0]);

int mem_policy_parse(struct mem_policy *policy, const char *text, struct why *why)
{
	static const char bind[] = "bind:";

	memset(policy, 0, sizeof(*policy));
	if (!strncmp(text, bind, strlen(bind))) {
		policy->kind = MEM_BIND;
		return id_list_parse(text + strlen(bind), &policy->nodes, why);
	}
	for (unsigned i = 0; i < MEM_BIND; i++) {
		if (!strcmp(text, mem_kind_names[i].name)) {
			policy->kind = i;
			return 0;
		}
	}
	return why_not(why, EINVAL,
		       "no such memory policy, with '%s'; use default, local, remote, interleave "
		       "or bind:LIST",
		       text);
}

/* Nodes with memory that this process may use. */
static unsigned nr_usable_nodes(void)
{
	return numa_bitmask_weight(numa_all_nodes_ptr);
}

static int no_memory_on(unsigned node, struct why *why)
{
	unsigned *usable = xcalloc(numa_max_node() + 1, sizeof(*usable));
	size_t nr = 0;
	char *list;

	for (int i = 0; i <= numa_max_node(); i++)
		if (numa_bitmask_isbitset(numa_all_nodes_ptr, i))
			usable[nr++] = i;
	list = id_list_format(usable, nr);
	why_not(why, ENODEV, "no memory that pft may use on NUMA node %u; there is on %.300s", node,
		list);
	free(list);
	free(usable);
	return -ENODEV;
}

int mem_policy_check(const struct mem_policy *policy, struct why *why)
{
	if (policy->kind == MEM_DEFAULT)
		return 0;
	if (numa_available() < 0)
		return policy->kind == MEM_LOCAL
			       ? 0
			       : why_not(why, ENOSYS, "this kernel has no NUMA memory policies");
	if (policy->kind == MEM_REMOTE && nr_usable_nodes() < 2)
		return why_not(why, ENODEV, "no remote memory: this machine has one NUMA node");
	for (size_t i = 0; i < policy->nodes.nr; i++)
		if (!numa_bitmask_isbitset(numa_all_nodes_ptr, policy->nodes.ids[i]))
			return no_memory_on(policy->nodes.ids[i], why);
	return 0;
}

/* The usable node that is farthest from node @here; -1 if there is no other. */
static int farthest_node(int here)
{
	int far = -1;

	for (int node = 0; node <= numa_max_node(); node++) {
		if (node == here || !numa_bitmask_isbitset(numa_all_nodes_ptr, node))
			continue;
		if (far < 0 || numa_distance(here, node) > numa_distance(here, far))
			far = node;
	}
	return far;
}

static long set_policy(int mode, const struct bitmask *nodes)
{
	return set_mempolicy(mode, nodes ? nodes->maskp : NULL, nodes ? nodes->size + 1 : 0);
}

static long bind_to(const struct mem_policy *policy)
{
	struct bitmask *nodes = numa_allocate_nodemask();
	int far;
	long ret;

	for (size_t i = 0; i < policy->nodes.nr; i++)
		numa_bitmask_setbit(nodes, policy->nodes.ids[i]);
	if (policy->kind == MEM_REMOTE) {
		far = farthest_node(numa_node_of_cpu(sched_getcpu()));
		if (far >= 0)
			numa_bitmask_setbit(nodes, far);
	}
	ret = set_policy(MPOL_BIND, nodes);
	numa_bitmask_free(nodes);
	return ret;
}

int mem_policy_apply(const struct mem_policy *policy, struct why *why)
{
	long ret = 0;

	if (policy->kind == MEM_DEFAULT || numa_available() < 0)
		return mem_policy_check(policy, why);
	if (policy->kind == MEM_LOCAL)
		ret = set_policy(MPOL_LOCAL, NULL);
	else if (policy->kind == MEM_INTERLEAVE)
		ret = set_policy(MPOL_INTERLEAVE, numa_all_nodes_ptr);
	else
		ret = bind_to(policy);
	if (ret)
		return why_not(why, errno, "cannot set memory policy '%s': %s",
			       mem_kind_names[policy->kind].name, strerror(errno));
	return 0;
}

bool mem_policy_allows(const struct mem_policy *policy, unsigned here, unsigned node)
{
	if (policy->kind == MEM_REMOTE)
		return (int)node == farthest_node(here);
	for (size_t i = 0; i < policy->nodes.nr; i++)
		if (policy->nodes.ids[i] == node)
			return true;
	return policy->kind != MEM_BIND;
}

void mem_policy_release(struct mem_policy *policy)
{
	id_list_release(&policy->nodes);
}
