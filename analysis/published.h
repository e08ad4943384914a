/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * published: figures that people have published about lock designs on machines that there is a model of
 * (configs/machines/published.tsv), to hold predictions against.
 */
#ifndef ANALYSIS_PUBLISHED_H
#define ANALYSIS_PUBLISHED_H

#include <stddef.h>

#include "common/say.h"

/* One change: a design against another one on a machine. */
struct published_figure {
	char *table; /* figures of one table were measured alike */
	char *machine; /* name of the model */
	char *metric; /* "faults/cpu", "faults/sec" */
	unsigned clients;
	char *prefetch; /* of adjacent lines: "on", "off", or "-" where the processor has none such */
	char *base, *design; /* names of 'pft --list locks', "-" for one that there is not here */
	double base_value, value; /* NaN where only the change was published */
	double change; /* percent, positive when better */
	char *source; /* who and when */
};

struct published {
	struct published_figure *figures; /* in the order of the file */
	size_t nr, cap;
};

/* Read the file @path. Returns 0 with a @published to release, or -errno with file:line in @why. */
int published_read(struct published *published, const char *path, struct why *why);

/* The change of @design against @base, or NULL; @prefetch as in the struct, or NULL for any. */
const struct published_figure *published_find(const struct published *published,
					      const char *machine, const char *metric,
					      unsigned clients, const char *prefetch,
					      const char *base, const char *design);

/* Free what was read. */
void published_release(struct published *published);

#endif
