/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena: the simulated machine's memory: a range of addresses that is the same in every run, so that
 * neither the host's layout nor its allocator can be seen in a result. From it come memory.h,
 * node_memory.h and nothing else.
 */
#ifndef PFT_SIM_ARENA_H
#define PFT_SIM_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#define ARENA_BASE  0x210000000000UL
#define ARENA_BYTES (128UL << 30)

/* The place of @address in the arena, or a number of ARENA_BYTES or more. */
static inline uint64_t arena_offset(const volatile void *address)
{
	return (uintptr_t)address - ARENA_BASE;
}

/* The node that the memory at that place is of. */
unsigned arena_node(uint64_t offset);

#endif
