/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ab_options: the command line of 'faultscale ab'. */
#ifndef HARNESS_AB_OPTIONS_H
#define HARNESS_AB_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/judge.h"
#include "common/say.h"

struct ab_options {
	const char *config; /* NULL: the defaults */
	char *name; /* the runs are NAME-a and NAME-b */
	const char *results;
	const char *overrides[2], *prep[2], *pft[2]; /* of each side; NULL: pft beside this program */
	const char *metric;
	struct judge_rule rule; /* its delta is NaN where nothing was said */
	uint64_t seed;
	double max_s; /* 0: no limit */
	bool aa; /* side b is side a again */
	bool resume;
	bool fail_on_inconclusive;
	int argc;
	char **argv;
};

/*
 * Parse the command line; --help ends the program. With @same_sides it is that of 'faultscale
 * calibrate': side b is side a again, and no look comes before the last round. Returns 0, or -EINVAL
 * with the reason in @why. The caller releases the options.
 */
int ab_options_parse(struct ab_options *options, int argc, char **argv, bool same_sides,
		     struct why *why);

/* Free what the options hold. */
void ab_options_release(struct ab_options *options);

#endif
