/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf_sysfs: what the kernel says of its PMUs below /sys/bus/event_source/devices. */
#ifndef COMMON_PERF_SYSFS_H
#define COMMON_PERF_SYSFS_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"

/* Encode "PMU/EVENT/", or EVENT of whichever PMU has it, from the files below @root. @full gets
 * "PMU/EVENT/", to be freed. Returns 0, or -ENOENT, or -EINVAL for a file that is not understood. */
int perf_sysfs_encode(const char *root, const char *name, struct perf_event_attr *attr, char **full,
		      struct why *why);

/* Whether a PMU of the processor's cores is among them. */
bool perf_sysfs_has_cpu(const char *root);

/* The names of all PMUs (@pmu NULL) or of all events of one, sorted, for perf_sysfs_free(). */
char **perf_sysfs_names(const char *root, const char *pmu, size_t *nr);

/* Free such names. */
void perf_sysfs_free(char **names, size_t nr);

#endif
