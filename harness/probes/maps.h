/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maps: reading the maps of a probe. Every key begins with the phase. */
#ifndef HARNESS_PROBES_MAPS_H
#define HARNESS_PROBES_MAPS_H

#include <stddef.h>
#include <stdint.h>

/* The keys of @phase in the map @fd, one behind the other, for the caller to free; *@nr of them. */
void *map_keys(int fd, size_t key_size, uint32_t phase, size_t *nr);

/* What all CPUs have for @key, 64-bit numbers: the first @sums of them added up, of the rest the largest. */
void map_sum(int fd, const void *key, uint64_t *value, size_t sums, size_t numbers);

/* Forget these keys, or all of them. */
void map_forget(int fd, size_t key_size, const void *keys, size_t nr);
void map_clear(int fd);

#endif
