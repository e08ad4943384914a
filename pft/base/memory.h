/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory: where the engine's own objects come from that no slab and no node's pages hold. */
#ifndef PFT_BASE_MEMORY_H
#define PFT_BASE_MEMORY_H

#include <stddef.h>

/* @size zeroed bytes, alone on their pairs of cache lines, so that nothing else lies beside a counter or
 * a lock; NULL if there are none. Given back by memory_free(), to which NULL is nothing. */
void *memory_alloc(size_t size);
void memory_free(void *memory);

/* The same in whole pages, of which those that are never touched cost nothing; for tables with a place
 * for every slot. Given back by memory_unmap(), to which NULL is nothing. */
void *memory_map(size_t size);
void memory_unmap(void *memory, size_t size);

#endif
