/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define KEY_MAX 64 /* bytes */

void *map_keys(int fd, size_t key_size, uint32_t phase, size_t *nr)
{
	char key[KEY_MAX], *keys = NULL;
	size_t cap = 0;
	void *previous = NULL;

	*nr = 0;
	while (!bpf_map_get_next_key(fd, previous, key)) {
		previous = key;
		if (memcmp(key, &phase, sizeof(phase)))
			continue;
		if (*nr == cap) {
			cap = cap ? 2 * cap : 64;
			keys = xreallocarray(keys, cap, key_size);
		}
		memcpy(keys + *nr * key_size, key, key_size);
		++*nr;
	}
	return keys;
}

void map_sum(int fd, const void *key, uint64_t *value, size_t sums, size_t numbers)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t *all = xcalloc((size_t)(cpus > 0 ? cpus : 1) * numbers, sizeof(*all));

	memset(value, 0, numbers * sizeof(*value));
	if (cpus <= 0 || bpf_map_lookup_elem(fd, key, all))
		cpus = 0;
	for (size_t cpu = 0; cpu < (size_t)cpus; cpu++)
		for (size_t i = 0; i < numbers; i++) {
			uint64_t v = all[cpu * numbers + i];

			if (i < sums)
				value[i] += v;
			else if (v > value[i])
				value[i] = v;
		}
	free(all);
}

void map_forget(int fd, size_t key_size, const void *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		bpf_map_delete_elem(fd, (const char *)keys + i * key_size);
}

void map_clear(int fd)
{
	char key[KEY_MAX];

	while (!bpf_map_get_next_key(fd, NULL, key) && !bpf_map_delete_elem(fd, key))
		;
}
