/* SPDX-License-Identifier: GPL-2.0-or-later */
/* numa_maps: the kernel's own line about one mapping (-N). */
#ifndef PFT_NUMA_MAPS_H
#define PFT_NUMA_MAPS_H

#include <stdio.h>

#include "common/say.h"

/* Print the line of /proc/@pid/numa_maps about the mapping that holds @address. Returns 0, or
 * -errno with the reason in @why: no such file (a kernel without NUMA), no such mapping. */
int numa_maps_print(FILE *out, int pid, const void *address, struct why *why);

#endif
