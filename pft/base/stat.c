/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/stat.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static size_t stat_bytes(const struct stat_table *table)
{
	return (size_t)ARCH_SLOTS * table->row * sizeof(*table->counts);
}

int stat_init(struct stat_table *table, const char *const *names, unsigned nr)
{
	*table = (struct stat_table){names, nr, STAT_ROW(nr), NULL};
	/* Mapped, not allocated: rows of slots that no worker takes cost nothing. */
	table->counts = mmap(NULL, stat_bytes(table), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (table->counts == MAP_FAILED) {
		table->counts = NULL;
		return -ENOMEM;
	}
	return 0;
}

void stat_release(struct stat_table *table)
{
	if (table->counts)
		munmap(table->counts, stat_bytes(table));
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
