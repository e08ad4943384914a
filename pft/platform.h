/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: what pft runs on: the machine itself, or, in pft-sim, a simulated one. */
#ifndef PFT_PLATFORM_H
#define PFT_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

/* Whether --machine and the like mean anything. */
extern const bool platform_simulated;

enum platform_prefetch {
	PREFETCH_MODEL, /* as the model has it */
	PREFETCH_ON,
	PREFETCH_OFF,
};

struct platform_options {
	const char *machine; /* --machine: the model that pft-sim simulates; NULL: not given */
	unsigned cpus; /* --cpus: of its CPUs; 0: all */
	enum platform_prefetch prefetch; /* --prefetch: of adjacent lines */
	bool transfers; /* there are to be rows of the lines that went from CPU to CPU */
};

/* Make the machine ready, before anything asks for CPUs. Returns 0, or -errno with the reason in @why. */
int platform_init(const struct platform_options *options, struct why *why);

/* Do something else than pft does, if the command line asks for that: returns the exit code then, else -1. */
int platform_other(int argc, char **argv);

/* Most workers, and threads that workloads start beside them, that it has room for at a time. */
unsigned platform_threads(void);

/* Bytes of its memory. */
uint64_t platform_memory(void);

/* Call @main(@arg) on it, and return what that returns. */
int platform_run(int (*main)(void *arg), void *arg);

#endif
