/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_catalog: the events of one PMU that have names, each tried on this machine. */
#ifndef HARNESS_EVENT_CATALOG_H
#define HARNESS_EVENT_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"

/* An event, with one of its unit masks where it has some. */
struct catalog_event {
	char *name; /* as --events takes it */
	char *summary; /* one line; NULL without */
	char *reason; /* why it cannot be counted here; NULL if it can */
};

struct catalog {
	char *pmu, *summary;
	bool here; /* libpfm4 takes this processor for one that has the PMU, or the kernel has it */
	struct catalog_event *events;
	size_t nr, cap;
	size_t nr_good; /* can be counted by a thread for itself */
};

/* The names of the PMUs that look like this machine's: libpfm4's and those of sysfs. [*@nr], for
 * catalog_free_names(). */
char **catalog_pmus(size_t *nr);
void catalog_free_names(char **names, size_t nr);

/* Make the catalog of @pmu, of this machine or of another one, and open each of its events once.
 * Returns 0, or -EINVAL with the reason in @why: there is no such PMU. */
int catalog_init(struct catalog *catalog, const char *pmu, struct why *why);

/* Free what the catalog holds. */
void catalog_release(struct catalog *catalog);

#endif
