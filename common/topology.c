/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

static bool is_xml(const char *description)
{
	const char *dot = strrchr(description, '.');

	return (dot && !strcmp(dot, ".xml")) || strchr(description, '/') ||
	       !access(description, F_OK);
}

static int describe(hwloc_topology_t hwloc, const char *description, struct why *why)
{
	if (!description) {
		/* As taskset, cpusets and containers cut it: a plan must not name any other CPU.
		 * hwloc refuses the second flag without the first. */
		hwloc_topology_set_flags(hwloc, HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM |
							HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING);
		return 0;
	}
	if (is_xml(description)) {
		if (access(description, R_OK))
			return why_not(why, errno, "cannot read the topology '%s': %s", description,
				       strerror(errno));
		if (hwloc_topology_set_xml(hwloc, description))
			return why_not(why, EINVAL, "not a topology that lstopo wrote, with '%s'",
				       description);
		return 0;
	}
	if (hwloc_topology_set_synthetic(hwloc, description))
		return why_not(why, EINVAL,
			       "not a topology, with '%s': give an XML file of lstopo, or "
			       "words such as 'pack:2 [numa] core:14 pu:2'",
			       description);
	return 0;
}

static int load(struct topology *topology, const char *description, struct why *why)
{
	hwloc_topology_t hwloc;
	int err;

	if (hwloc_topology_init(&hwloc))
		return why_not(why, ENOMEM, "cannot start hwloc");
	topology->hwloc = hwloc;
	err = describe(hwloc, description, why);
	if (err)
		return err;
	if (hwloc_topology_load(hwloc))
		return why_not(why, EINVAL, "hwloc cannot load the topology '%s'",
			       description ? description : "of this machine");
	topology->this_system = hwloc_topology_is_thissystem(hwloc) > 0;
	return 0;
}

static int by_os_node(const void *a, const void *b)
{
	const hwloc_obj_t *x = a, *y = b;

	return (*x)->os_index < (*y)->os_index ? -1 : (*x)->os_index > (*y)->os_index;
}

/* What hwloc gives the nodes of "numa:2" in a description, but not those of "[numa]". */
#define ASSUMED_NODE_BYTES (1ULL << 30)

static void assume_memory(struct topology *topology)
{
	for (unsigned i = 0; i < topology->nr_nodes; i++)
		topology->node_bytes[i] = ASSUMED_NODE_BYTES;
	topology->bytes = topology->nr_nodes * ASSUMED_NODE_BYTES;
}

/* MemTotal of /proc/meminfo, from which mmtests sizes its mapping: what the nodes add up to shrinks and
 * grows from one minute to the next in a guest with a balloon, and two runs have to map the same. */
static void measure_memory(struct topology *topology)
{
	topology->bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	if (topology->nr_nodes == 1)
		topology->node_bytes[0] = topology->bytes;
}

static void read_nodes(struct topology *topology)
{
	int nr = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE);
	hwloc_obj_t *nodes = xcalloc(nr > 0 ? nr : 1, sizeof(*nodes));

	for (int i = 0; i < nr; i++)
		nodes[i] = hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, i);
	qsort(nodes, nr > 0 ? nr : 0, sizeof(*nodes), by_os_node);
	/* hwloc promises one node at least; should it ever break that, the machine is one node. */
	topology->nr_nodes = nr > 0 ? nr : 1;
	topology->os_nodes = xcalloc(topology->nr_nodes, sizeof(*topology->os_nodes));
	topology->node_bytes = xcalloc(topology->nr_nodes, sizeof(*topology->node_bytes));
	for (int i = 0; i < nr; i++) {
		topology->os_nodes[i] = nodes[i]->os_index;
		topology->node_bytes[i] = nodes[i]->attr->numanode.local_memory;
		topology->bytes += topology->node_bytes[i];
	}
	free(nodes);
	if (topology->this_system)
		measure_memory(topology);
	else if (!topology->bytes)
		assume_memory(topology);
}

/* Rank of the node nearest to @pu. Where several are (HBM beside DRAM) the lowest number is the one
 * that Linux calls the CPU's own. A CPU without a node looks at what surrounds it. */
static unsigned node_of(const struct topology *topology, hwloc_obj_t pu)
{
	for (hwloc_obj_t obj = pu; obj; obj = obj->parent) {
		int os_node = hwloc_bitmap_first(obj->nodeset);

		for (unsigned i = 0; os_node >= 0 && i < topology->nr_nodes; i++)
			if (topology->os_nodes[i] == (unsigned)os_node)
				return i;
	}
	return 0;
}

/* PUs come in hwloc's logical order, in which the CPUs of a core, and of a package, are neighbours. */
static void read_cpus(struct topology *topology)
{
	int nr = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_PU);
	hwloc_obj_t last_core = NULL, last_package = NULL;
	unsigned smt = 0;

	topology->nr_cpus = nr > 0 ? nr : 0;
	topology->cpus = xcalloc(topology->nr_cpus, sizeof(*topology->cpus));
	topology->nr_packages = topology->nr_cores = 0;
	for (unsigned i = 0; i < topology->nr_cpus; i++) {
		hwloc_obj_t pu = hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_PU, i);
		hwloc_obj_t core =
			hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, pu);
		hwloc_obj_t package =
			hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_PACKAGE, pu);
		unsigned node = node_of(topology, pu);

		if (!core || core != last_core) {
			topology->nr_cores++;
			smt = 0;
		}
		if (!topology->nr_packages || package != last_package)
			topology->nr_packages++;
		topology->cpus[i] = (struct topology_cpu){
			.os_cpu = pu->os_index,
			.os_node = topology->os_nodes[node],
			.node = node,
			.package = topology->nr_packages - 1,
			.core = topology->nr_cores - 1,
			.smt = smt++,
		};
		last_core = core;
		last_package = package;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct topology_cpu *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	if (x->core != y->core)
		return x->core < y->core ? -1 : 1;
	return x->smt < y->smt ? -1 : x->smt > y->smt;
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static char *summary(const struct topology *t)
{
	char size[32];

	return xasprintf("%u package%s, %u node%s, %u core%s, %u CPU%s, %s", t->nr_packages,
			 plural(t->nr_packages), t->nr_nodes, plural(t->nr_nodes), t->nr_cores,
			 plural(t->nr_cores), t->nr_cpus, plural(t->nr_cpus),
			 size_format(size, sizeof(size), t->bytes));
}

int topology_init(struct topology *topology, const char *description, struct why *why)
{
	int err;

	*topology = (struct topology){0};
	err = load(topology, description, why);
	if (err)
		goto fail;
	read_nodes(topology);
	read_cpus(topology);
	if (!topology->nr_cpus) {
		err = why_not(why, EINVAL, "the topology '%s' has no CPU",
			      description ? description : "of this machine");
		goto fail;
	}
	qsort(topology->cpus, topology->nr_cpus, sizeof(*topology->cpus), by_place);
	topology->text = summary(topology);
	return 0;
fail:
	topology_release(topology);
	return err;
}

void topology_release(struct topology *topology)
{
	if (topology->hwloc)
		hwloc_topology_destroy(topology->hwloc);
	free(topology->cpus);
	free(topology->os_nodes);
	free(topology->node_bytes);
	free(topology->text);
	*topology = (struct topology){0};
}

const struct topology_cpu *topology_find(const struct topology *topology, unsigned os_cpu)
{
	for (unsigned i = 0; i < topology->nr_cpus; i++)
		if (topology->cpus[i].os_cpu == os_cpu)
			return &topology->cpus[i];
	return NULL;
}

/* "no such WHAT, with 'ID'; there are LIST". */
static int refuse(const char *what, unsigned id, const unsigned *ids, size_t nr, struct why *why)
{
	char *list = id_list_format(ids, nr);
	int err = why_not(why, EINVAL, "no such %s, with '%u'; there %s %.300s", what, id,
			  nr == 1 ? "is" : "are", list);

	free(list);
	return err;
}

int topology_no_node(const struct topology *topology, unsigned os_node, struct why *why)
{
	return refuse("node here", os_node, topology->os_nodes, topology->nr_nodes, why);
}

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

int topology_no_cpu(const struct topology *topology, unsigned os_cpu, struct why *why)
{
	unsigned *ids = xcalloc(topology->nr_cpus, sizeof(*ids));
	int err;

	for (unsigned i = 0; i < topology->nr_cpus; i++)
		ids[i] = topology->cpus[i].os_cpu;
	qsort(ids, topology->nr_cpus, sizeof(*ids), by_number);
	err = refuse("CPU here, or not one to use", os_cpu, ids, topology->nr_cpus, why);
	free(ids);
	return err;
}
