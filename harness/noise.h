/* SPDX-License-Identifier: GPL-2.0-or-later */
/* noise: what about this machine makes its numbers vary, and what to do about it. */
#ifndef HARNESS_NOISE_H
#define HARNESS_NOISE_H

#include <stdbool.h>

#include "common/meta.h"
#include "harness/activity.h"

/*
 * Add a fact `warning` for each thing that will disturb the run. @meta holds machine_facts() of
 * @root;
 * @before and @after are two looks at the machine at rest; @nr_cpus CPUs are there to be used;
 * @prefault: each step touches its memory once before it measures.
 */
void noise_before(struct meta *meta, const char *root, const struct activity *before,
		  const struct activity *after, unsigned nr_cpus, bool prefault);

/* What the run itself has seen: a warning about stolen time in memory that the caller frees, or
 * NULL. */
char *noise_stolen(const struct activity *before, const struct activity *after);

#endif
