/* SPDX-License-Identifier: GPL-2.0-or-later */
/* draw: a machine as aligned text, and which worker sits where. */
#ifndef HARNESS_DRAW_H
#define HARNESS_DRAW_H

#include <stdio.h>

#include "common/topology.h"

/*
 * Draw @topology to @out in 80 columns: a grid of cores and CPUs for each node of a package, or one
 * line for each where the machine has more than 128 CPUs. @cpus[@nr] are the workers' CPUs (the
 * kernel's numbers, all of them in the topology); NULL without workers.
 */
void draw_topology(FILE *out, const struct topology *topology, const unsigned *cpus, unsigned nr);

#endif
