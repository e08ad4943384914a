/* SPDX-License-Identifier: GPL-2.0-or-later */
/* whatif_options: the command line of 'faultscale whatif'. */
#ifndef HARNESS_WHATIF_OPTIONS_H
#define HARNESS_WHATIF_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "common/whatif.h"

struct whatif_options {
	const char *machine; /* name of a model; NULL: only print what there is */
	const char *designs, *prefetch, *clients,
		*workload; /* lists with commas; NULL: the defaults */
	char **sets; /* further variables of the config, NAME=VALUE; they point into argv */
	size_t nr_sets, cap_sets;
	const char *name; /* of the run; NULL: after the machine, and replaced */
	const char *pft; /* the simulator; NULL: the one beside this program */
	uint64_t pages; /* of all clients of a cell together */
	unsigned jobs; /* cells at a time */
	struct whatif_request request;
	size_t cap_runs;
	int argc;
	char **argv;
};

/* Read the command line; --help and usage errors leave the program. Returns 0, or -EINVAL with the reason
 * in @why. */
int whatif_options_parse(struct whatif_options *o, int argc, char **argv, struct why *why);

/* The config that the options amount to, as the text of a file. To be freed. */
char *whatif_config(const struct whatif_options *o);

/* One more run to print. */
void whatif_add_run(struct whatif_options *o, const char *name);

/* Free what the options hold. */
void whatif_options_release(struct whatif_options *o);

#endif
