/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_options: the command line of faultscale run. */
#ifndef HARNESS_RUN_OPTIONS_H
#define HARNESS_RUN_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"

struct run_options {
	const char *config, *name, *results, *resume, *pft;
	char **sets; /* --set, and --order as one of them */
	size_t nr_sets, cap_sets;
	bool usage; /* --time */
	bool retry_failed;
	bool explain; /* --explain[=LIST] */
	const char *probes; /* the LIST; NULL without */
	unsigned explained; /* --explain-iterations */
	const char *sample; /* --sample; NULL without */
	char **facts; /* --fact KEY=VALUE */
	size_t nr_facts, cap_facts;
	int checkpoint_fd; /* --checkpoint; 0 without */
	unsigned max_iterations; /* --max-iterations; 0: all */
	int argc; /* the command line itself */
	char **argv;
};

/* The options themselves, for a command that takes those of run as well; the input is a struct run_options,
 * zeroed but for what is preset. */
extern const struct argp run_options_argp;

/* Whether the options go together, all words read. Returns 0, or -EINVAL with the reason in @why. */
int run_options_check(const struct run_options *options, struct why *why);

/*
 * Read the command line; a wrong option, --help and --version end the program, as argp does. Returns 0,
 * or -EINVAL with the reason in @why if the options do not go together. The caller releases the options,
 * which point into @argv, in any case.
 */
int run_options_parse(struct run_options *options, int argc, char **argv, struct why *why);

/* Free what the options hold. */
void run_options_release(struct run_options *options);

#endif
