/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/pin_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

const struct pin_kind_name pin_kind_names[] = {
	[PIN_NONE] = {"none", "the scheduler decides"},
	[PIN_COMPACT] = {"compact", "fill the first node, then the next"},
	[PIN_SPREAD] = {"spread", "round robin over the nodes"},
	[PIN_CORES] = {"cores", "one per core, node by node, before any SMT sibling"},
	[PIN_NODE] = {"node:LIST", "only these nodes, filled one after the other"},
	[PIN_CPUS] = {"cpus:LIST", "worker i on the i-th CPU of the list"},
};
const unsigned nr_pin_kinds = sizeof(pin_kind_names) / sizeof(pin_kind_names[0]);

int pin_plan_parse(struct pin_plan *plan, const char *text, struct why *why)
{
	const char *colon = strchr(text, ':');
	/* "LIST" in a name stands for the list: the part in front of it is compared. */
	size_t len = colon ? (size_t)(colon + 1 - text) : strlen(text);

	*plan = (struct pin_plan){0};
	for (unsigned i = 0; i < nr_pin_kinds; i++) {
		const char *name = pin_kind_names[i].name;
		size_t name_len = strcspn(name, "L");

		if (len != name_len || strncmp(text, name, len))
			continue;
		plan->kind = i;
		if (!colon)
			return 0;
		if (!id_list_parse(colon + 1, &plan->list, why))
			return 0;
		return why_within(why, EINVAL, "bad pin plan '%s'", text);
	}
	return why_not(why, EINVAL,
		       "no such pin plan, with '%s': give none, compact, spread, cores, "
		       "node:LIST or cpus:LIST",
		       text);
}

void pin_plan_release(struct pin_plan *plan)
{
	id_list_release(&plan->list);
}

/* The order in which one pass over the machine hands out its CPUs. */
struct order {
	const struct topology *topology;
	unsigned *cpus; /* the kernel's numbers */
	unsigned nr;
};

static unsigned max_smt(const struct topology *topology)
{
	unsigned max = 0;

	for (unsigned i = 0; i < topology->nr_cpus; i++)
		if (topology->cpus[i].smt > max)
			max = topology->cpus[i].smt;
	return max;
}

/* Append the CPUs of the node of rank @node that are number @smt in their core. */
static void add_siblings(struct order *order, unsigned node, unsigned smt)
{
	const struct topology *topology = order->topology;

	for (unsigned i = 0; i < topology->nr_cpus; i++)
		if (topology->cpus[i].node == node && topology->cpus[i].smt == smt)
			order->cpus[order->nr++] = topology->cpus[i].os_cpu;
}

static void add_node(struct order *order, unsigned node)
{
	unsigned max = max_smt(order->topology);

	for (unsigned smt = 0; smt <= max; smt++)
		add_siblings(order, node, smt);
}

static void order_compact(struct order *order)
{
	for (unsigned node = 0; node < order->topology->nr_nodes; node++)
		add_node(order, node);
}

static void order_cores(struct order *order)
{
	unsigned max = max_smt(order->topology);

	for (unsigned smt = 0; smt <= max; smt++)
		for (unsigned node = 0; node < order->topology->nr_nodes; node++)
			add_siblings(order, node, smt);
}

/* Deal the compact order out like cards, one CPU of each node a round; a node that has none left is
 * passed over. */
static void order_spread(struct order *order)
{
	unsigned nr_nodes = order->topology->nr_nodes;
	unsigned *sorted = xcalloc(order->topology->nr_cpus, sizeof(*sorted));
	unsigned *next = xcalloc(nr_nodes, sizeof(*next));
	unsigned *end = xcalloc(nr_nodes, sizeof(*end));
	struct order compact = {.topology = order->topology, .cpus = sorted};

	for (unsigned node = 0; node < nr_nodes; node++) {
		next[node] = compact.nr;
		add_node(&compact, node);
		end[node] = compact.nr;
	}
	while (order->nr < compact.nr)
		for (unsigned node = 0; node < nr_nodes; node++)
			if (next[node] < end[node])
				order->cpus[order->nr++] = sorted[next[node]++];
	free(end);
	free(next);
	free(sorted);
}

static int order_nodes(struct order *order, const struct id_list *list, struct why *why)
{
	const struct topology *topology = order->topology;

	for (size_t i = 0; i < list->nr; i++) {
		unsigned node = 0, before = order->nr;

		while (node < topology->nr_nodes && topology->os_nodes[node] != list->ids[i])
			node++;
		if (node == topology->nr_nodes)
			return topology_no_node(topology, list->ids[i], why);
		for (size_t j = 0; j < i; j++)
			if (list->ids[j] == list->ids[i])
				return why_not(why, EINVAL, "node named twice, with '%u'",
					       list->ids[i]);
		add_node(order, node);
		if (order->nr == before)
			return why_not(why, EINVAL, "a node without any CPU to use, with '%u'",
				       list->ids[i]);
	}
	return 0;
}

static int take_list(const struct pin_plan *plan, const struct topology *topology, unsigned n,
		     unsigned *cpus, struct why *why)
{
	for (size_t i = 0; i < plan->list.nr; i++)
		if (!topology_find(topology, plan->list.ids[i]))
			return topology_no_cpu(topology, plan->list.ids[i], why);
	for (unsigned i = 0; i < n; i++)
		cpus[i] = plan->list.ids[i % plan->list.nr];
	return 0;
}

static int make_order(struct order *order, const struct pin_plan *plan, struct why *why)
{
	switch (plan->kind) {
	case PIN_COMPACT:
		order_compact(order);
		return 0;
	case PIN_SPREAD:
		order_spread(order);
		return 0;
	case PIN_CORES:
		order_cores(order);
		return 0;
	case PIN_NODE:
		return order_nodes(order, &plan->list, why);
	case PIN_NONE:
	case PIN_CPUS:
		break;
	}
	BUG("pin plan %d has no order of its own", plan->kind);
}

int pin_plan_cpus(const struct pin_plan *plan, const struct topology *topology, unsigned n,
		  unsigned *cpus, struct why *why)
{
	struct order order = {.topology = topology};
	int err;

	if (plan->kind == PIN_CPUS)
		return take_list(plan, topology, n, cpus, why);
	order.cpus = xcalloc(topology->nr_cpus, sizeof(*order.cpus));
	err = make_order(&order, plan, why);
	for (unsigned i = 0; !err && i < n; i++)
		cpus[i] = order.cpus[i % order.nr];
	free(order.cpus);
	return err;
}
