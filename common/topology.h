/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology: the CPUs, cores, packages and NUMA nodes of this machine, or of one described in words.
 * hwloc reads it; nothing here binds anything.
 */
#ifndef COMMON_TOPOLOGY_H
#define COMMON_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"

/* One CPU (a hardware thread, hwloc's PU). Numbers are logical and dense but for the two os_ ones. */
struct topology_cpu {
	unsigned os_cpu;  /* the kernel's CPU number */
	unsigned os_node; /* the kernel's node number of the nearest memory */
	unsigned node;	  /* rank of that node, 0.. */
	unsigned package; /* socket, 0 where the machine tells of none */
	unsigned core;	  /* core of the whole machine */
	unsigned smt;	  /* rank among the siblings of its core, 0 first */
};

struct topology {
	struct topology_cpu *cpus; /* sorted by (node, core, smt) */
	unsigned nr_cpus, nr_cores, nr_packages, nr_nodes;
	unsigned *os_nodes;   /* [nr_nodes] the kernel's numbers, ascending; a node may have no CPU */
	uint64_t *node_bytes; /* [nr_nodes] memory of each node, 0 for one without; where words
				 name no memory at all, 1 GiB a node is assumed */
	uint64_t bytes;	      /* memory of the machine, stable from run to run */
	bool this_system;     /* false: described in words or XML, for planning only */
	char *text;	      /* one line for people and meta.tsv: "2 packages, 2 nodes, ..." */
	void *hwloc;	      /* hwloc_topology_t, for drawing and XML export */
};

/*
 * Load @description: NULL for this machine, cut to the CPUs that this process may use; else an hwloc
 * synthetic description ("pack:2 [numa] core:14 pu:2") or the path of an XML file. Returns 0, or
 * -errno with the reason in @why.
 */
int topology_init(struct topology *topology, const char *description, struct why *why);

/* Free what the topology holds. */
void topology_release(struct topology *topology);

/* Refuse node @os_node, or CPU @os_cpu, with what there is instead in @why; returns -EINVAL. */
int topology_no_node(const struct topology *topology, unsigned os_node, struct why *why);
int topology_no_cpu(const struct topology *topology, unsigned os_cpu, struct why *why);

/* The CPU of kernel number @os_cpu, or NULL if the topology has none. */
const struct topology_cpu *topology_find(const struct topology *topology, unsigned os_cpu);

#endif
