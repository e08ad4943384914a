/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prefetch_guard: sees to it that switched prefetchers are switched back. A process of its own waits for the
 * end of the one that switched them, however that ends, and puts the bits back; and should both be killed, a
 * note in /run tells the next call what to put back.
 */
#ifndef HARNESS_PREFETCH_GUARD_H
#define HARNESS_PREFETCH_GUARD_H

#include <sys/types.h>

#include "harness/prefetch.h"

struct prefetch_guard {
	const char *root;
	char *path; /* of the note */
	int note; /* its descriptor, locked: whoever holds it may switch prefetchers */
	int leash; /* the guard process puts all back when this end of a pipe is closed; -1: none runs */
	pid_t pid;
};

/*
 * Become the one that may switch prefetchers below @root, and put back what one that was killed left
 * switched; *@recovered tells on how many CPUs. Returns 0; -EBUSY if another is at work; another -errno
 * with the reason in @why.
 */
int prefetch_guard_init(struct prefetch_guard *guard, const char *root, size_t *recovered,
			struct why *why);

/* Write the note and start the process that will put the bits of @mask back to values[].before. Before
 * anything is switched. Returns 0, or -errno with the reason in @why. */
int prefetch_guard_start(struct prefetch_guard *guard, const struct prefetch *prefetch,
			 uint64_t mask, const struct prefetch_value *values, struct why *why);

/* Put all back, if start() was called, and let others switch. Returns how many CPUs refused. */
size_t prefetch_guard_release(struct prefetch_guard *guard);

#endif
