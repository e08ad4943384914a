/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/stat.h"

#include <errno.h>
#include <string.h>

#include "pft/base/memory.h"

static size_t stat_bytes(const struct stat_table *table)
{
	return (size_t)ARCH_SLOTS * table->row * sizeof(*table->counts);
}

int stat_init(struct stat_table *table, const char *const *names, unsigned nr)
{
	*table = (struct stat_table){names, nr, STAT_ROW(nr), NULL};
	table->counts = memory_map(stat_bytes(table));
	return table->counts ? 0 : -ENOMEM;
}

void stat_release(struct stat_table *table)
{
	memory_unmap(table->counts, stat_bytes(table));
	table->counts = NULL;
}

uint64_t stat_sum(const struct stat_table *table, unsigned item)
{
	uint64_t sum = 0;
	unsigned slot;

	for (slot = 0; slot < ARCH_SLOTS; slot++)
		sum += stat_of_slot(table, slot, item);
	return sum;
}

void stat_clear(const struct stat_table *table)
{
	memset(table->counts, 0, stat_bytes(table));
}
