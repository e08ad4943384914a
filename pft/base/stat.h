/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stat: a table of named event counters with a row per worker. A worker counts in the row of its
 * slot, which shares no pair of cache lines with another's, without an atomic; readers sum the
 * rows and may see a sum that is a little late. The kernel's vmstat per-CPU events.
 *
 *	enum { RWSEM_FAST, RWSEM_SLEPT, NR_RWSEM };
 *	static const char *const names[NR_RWSEM] = {"fast", "slept"};
 *	STAT_TABLE(rwsem_stat, names, NR_RWSEM);	for a table of the whole process
 *	stat_init(&mm->stat, names, NR_RWSEM);		for a table of one object
 */
#ifndef PFT_BASE_STAT_H
#define PFT_BASE_STAT_H

#include <stdint.h>

#include "pft/base/arch.h"

struct stat_table {
	const char *const *names; /* [nr] */
	unsigned nr;
	unsigned row; /* counters from one slot's row to the next */
	uint64_t *counts; /* [ARCH_SLOTS][row] */
};

/* Counters in a row of @nr: whole pairs of lines. */
#define STAT_ROW(nr) (((nr) + ARCH_PAIR / 8 - 1) / (ARCH_PAIR / 8) * (ARCH_PAIR / 8))

/* Define the table @name of the whole process; "extern const struct stat_table NAME;" shows it. */
#define STAT_TABLE(name, names, nr) \
	static uint64_t name##_counts[ARCH_SLOTS][STAT_ROW(nr)] \
		__attribute__((aligned(ARCH_PAIR))); \
	const struct stat_table name = {(names), (nr), STAT_ROW(nr), name##_counts[0]}

/* Make a table of @nr counters at 0; @names is kept, not copied. Returns 0 or -ENOMEM. */
int stat_init(struct stat_table *table, const char *const *names, unsigned nr);

/* Free the rows of a table of stat_init(). */
void stat_release(struct stat_table *table);

/* Count @n events in the row of the calling worker. */
static inline void stat_add(const struct stat_table *table, unsigned item, uint64_t n)
{
	uint64_t *count = &table->counts[(size_t)arch_slot() * table->row + item];

	arch_write_once(count, *count + n);
}

static inline void stat_inc(const struct stat_table *table, unsigned item)
{
	stat_add(table, item, 1);
}

/* What @slot counted. */
static inline uint64_t stat_of_slot(const struct stat_table *table, unsigned slot, unsigned item)
{
	return arch_read_once(&table->counts[(size_t)slot * table->row + item]);
}

/* What all slots counted. */
uint64_t stat_sum(const struct stat_table *table, unsigned item);

/* Set all counters to 0; no worker may be counting. */
void stat_clear(const struct stat_table *table);

#endif
