/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: what pft runs on: the machine itself, or, in pft-sim, a simulated one. */
#ifndef PFT_PLATFORM_H
#define PFT_PLATFORM_H

#include "common/say.h"

/* Whether --machine and --cpus mean anything. */
extern const bool platform_simulated;

/* Make ready the machine that --machine names (NULL: not given), with --cpus of its CPUs (0: all). Before
 * anything asks for CPUs. Returns 0, or -errno with the reason in @why. */
int platform_init(const char *machine, unsigned cpus, struct why *why);

/* Call @main(@arg) on it, and return what that returns. */
int platform_run(int (*main)(void *arg), void *arg);

#endif
