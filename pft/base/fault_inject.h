/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault_inject: makes allocations fail on purpose; lib/fault-inject.c by meaning. A kind of
 * allocation has one struct fault_inject (fault_inject_slab; frames have their own) and asks it
 * before each allocation. Which one fails depends only on the count and the seed, so with one
 * worker a failure can be repeated exactly.
 *
 *	for (n = 1; ; n++) {			every call site of an operation
 *		fault_inject_nth(&fault_inject_slab, n, NULL);
 *		rc = operation();
 *		if (!fault_inject_stop(&fault_inject_slab))
 *			break;			it needs fewer than n allocations
 *		... rc is -ENOMEM, nothing leaked ...
 *	}
 */
#ifndef PFT_BASE_FAULT_INJECT_H
#define PFT_BASE_FAULT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"

struct fault_inject {
	uint32_t armed; /* nothing below is looked at while 0 */
	uint32_t per_million; /* fail that share, 0: only the nth */
	uint64_t nth; /* fail this one, counted from 1; 0: none */
	uint64_t seed;
	const void *only; /* count and fail only allocations of this kmem_cache; NULL: all */
	uint64_t calls; /* allocations seen since armed */
	uint64_t failed; /* of these made to fail */
} __attribute__((aligned(ARCH_PAIR)));

/* Fail the @nth allocation from now (1 is the next) of @only, or of all where NULL. */
void fault_inject_nth(struct fault_inject *inject, uint64_t nth, const void *only);

/* Fail @per_million of a million allocations from now, drawn from @seed. */
void fault_inject_share(struct fault_inject *inject, uint32_t per_million, uint64_t seed,
			const void *only);

/* Fail none any more; returns how many failed since it was armed. */
uint64_t fault_inject_stop(struct fault_inject *inject);

/* The armed side of fault_inject_fails(). */
bool fault_inject_draw(struct fault_inject *inject, const void *what);

/* Whether failures are being made at all: the one test on a fast path. */
static inline bool fault_inject_armed(struct fault_inject *inject)
{
	return unlikely(arch_read_once(&inject->armed));
}

/* Whether the allocation of @what (a kmem_cache, or NULL) that begins now is to fail. */
static inline bool fault_inject_fails(struct fault_inject *inject, const void *what)
{
	return fault_inject_armed(inject) && fault_inject_draw(inject, what);
}

#endif
