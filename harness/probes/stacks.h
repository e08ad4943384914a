/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stacks: folded, as flame graphs are made from: names from the outermost to the innermost, with ';'. */
#ifndef HARNESS_PROBES_STACKS_H
#define HARNESS_PROBES_STACKS_H

#include <stdint.h>

#include "harness/probes/events.h"
#include "harness/probes/symbols.h"

/* A stack as names, innermost first. */
struct stack_names {
	const char *names[STACK_FRAMES];
	unsigned nr;
};

/* Read the stack @hash of the map @fd; none where it is 0 or gone. Of a kernel stack the frames of the
 * tracing itself are left out. */
void stack_kernel(struct stack_names *stack, int fd, uint64_t hash, const struct symbols *symbols);
void stack_user(struct stack_names *stack, int fd, uint64_t hash, const struct symbols *symbols);

/* The folded text in memory that the caller frees; "-" for an empty stack. */
char *stack_fold(const struct stack_names *stack);

#endif
