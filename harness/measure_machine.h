/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure_machine: a model of this machine (configs/machines/), as far as it can be measured. */
#ifndef HARNESS_MEASURE_MACHINE_H
#define HARNESS_MEASURE_MACHINE_H

#include <stdio.h>

#include "common/say.h"
#include "common/topology.h"

/*
 * Measure, which takes some seconds, and write the model to @out, a line for each key with how it was found;
 * what could not be is left to its default, and said. Returns 0, or -errno with the reason in @why.
 */
int measure_machine(FILE *out, const struct topology *topology, struct why *why);

#endif
