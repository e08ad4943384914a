/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whatif: what those who simulate and those who compare say to each other. harness/ and analysis/ know
 * nothing of each other; faultscale.c hands the one to the other.
 */
#ifndef COMMON_WHATIF_H
#define COMMON_WHATIF_H

#include <stddef.h>
#include <stdio.h>

#include "common/say.h"

/* Which runs to print, and how. */
struct whatif_request {
	const char *directory; /* where runs are */
	char **runs; /* their names */
	size_t nr_runs;
	const char *published; /* the file of published figures; NULL: the one that is shipped */
	const char *format; /* text or markdown */
};

/* Print the tables of simulated runs. Returns 0, or -errno with the reason in @why. */
struct whatif_printer {
	int (*print)(FILE *out, const struct whatif_request *request, struct why *why);
};

#endif
