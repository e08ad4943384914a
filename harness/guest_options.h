/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_options: the command line of faultscale guest, and as much of it as a run keeps in guest.tsv, so that
 * the run can go on in the same guest. */
#ifndef HARNESS_GUEST_OPTIONS_H
#define HARNESS_GUEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/meta.h"
#include "common/say.h"
#include "harness/guest/shape.h"
#include "harness/run_options.h"

/* The fact `icount` of a run whose guest's time is the number of its instructions. */
#define GUEST_ICOUNT "shift=0"

struct guest_options {
	struct run_options run; /* what goes on to the run in the guest */
	const char *kernels[2]; /* the second one of compare */
	size_t nr_kernels;
	struct shape_words shape;
	const char *accel; /* kvm or tcg; NULL: kvm where it works */
	const char *append; /* to the kernel's command line */
	const char *rootfs, *sysroot;
	const char *modules; /* folder of modules.dep */
	const char **loads; /* modules: NAME, or NAME PARAMETERS */
	size_t nr_loads, cap_loads;
	const char **writes; /* PATH=VALUE, before the run */
	size_t nr_writes, cap_writes;
	bool icount;
	unsigned boots; /* of each kernel, of compare */
	unsigned timeout_s; /* of silence */
	struct meta facts; /* of the run that goes on, to which the words above may point */
};

/*
 * Read the command line; a wrong option, --help and --version end the program, as argp does. Returns 0, or
 * -EINVAL with the reason in @why. With @compare there are two kernels. The caller releases the options in
 * any case.
 */
int guest_options_parse(struct guest_options *options, int argc, char **argv, bool compare,
			struct why *why);

/* Take what was not given from the facts @facts of a run, which are taken over. Returns 0, or -EINVAL with
 * the reason in @why if this is no run of a guest. */
int guest_options_recall(struct guest_options *options, struct meta *facts, struct why *why);

/* Add the facts from which guest_options_recall() knows the guest again. */
void guest_options_facts(const struct guest_options *options, struct meta *facts);

/* Free what the options hold. */
void guest_options_release(struct guest_options *options);

#endif
