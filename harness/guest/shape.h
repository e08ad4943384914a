/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shape: the CPUs, nodes and memory of a guest, as words describe them and as the emulator wants them. */
#ifndef HARNESS_GUEST_SHAPE_H
#define HARNESS_GUEST_SHAPE_H

#include <stdint.h>

#include "common/say.h"
#include "common/units.h"

#define SHAPE_NODES_MAX 64
#define SHAPE_CPUS_MAX 255

struct shape_node {
	struct id_list cpus; /* none for a node of memory alone */
	uint64_t bytes; /* 0 for a node of CPUs alone */
};

struct shape {
	struct shape_node *nodes;
	unsigned nr_nodes;
	unsigned sockets, cores, threads; /* cores of a socket, threads of a core */
	uint64_t bytes; /* of all nodes */
	unsigned *distances; /* [nr_nodes * nr_nodes], 10 to itself; NULL: the firmware's */
};

/* The words, each NULL where it was not given. */
struct shape_words {
	const char *nodes; /* "2", or CPUs and memory of each: "0-1:512M/2:0/-:256M" */
	const char *cpus; /* "4", or "S,C,T": sockets, cores of each, threads of each */
	const char *memory; /* of all nodes together: "2G" */
	const char *distance; /* "20" between any two, or a row of each node: "10,21/21,10" */
};

/*
 * Work out the shape: one node, as many CPUs as this machine has and 1 GiB a node where nothing is said; a
 * socket for each node with CPUs. Returns 0, or -EINVAL with the reason in @why. The caller releases the
 * shape in any case.
 */
int shape_init(struct shape *shape, const struct shape_words *words, struct why *why);

/* Free what the shape holds. */
void shape_release(struct shape *shape);

/* CPUs of all nodes. */
unsigned shape_cpus(const struct shape *shape);

#endif
