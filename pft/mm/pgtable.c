/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pgtable: making tables and taking them away. Levels: 0 PTE, 1 PMD, 2 PUD, 3 PGD. */
#include "pft/mm/pgtable.h"

#include <errno.h>
#include <string.h>

#include "common/say.h"

enum { PGD_LEVEL = 3 };

/* What an entry that leads to a table carries besides its address (_PAGE_TABLE). */
#define TABLE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

struct fault_inject fault_inject_pgtable;

/* log2 of what an entry of a table of @level covers. */
static unsigned entry_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * level;
}

/* A cleared table of the caller's node; NULL if memory is short. */
static uint64_t *table_new(struct pgtable *tables, unsigned level)
{
	uint64_t *table;

	if (fault_inject_fails(&fault_inject_pgtable, tables))
		return NULL;
	table = node_page_alloc(node_memory_here());
	if (!table)
		return NULL;
	memset(table, 0, PAGE_SIZE);
	arch_work(ARCH_WORK_CLEAR, table, PAGE_SIZE);
	*pgtable_desc(table) = (struct ptdesc){.level = level, .owner = tables};
	spin_lock_init(&pgtable_desc(table)->ptl);
	return table;
}

static void table_free_rcu(struct rcu_head *rcu)
{
	node_page_free(node_page_address(container_of(rcu, struct ptdesc, rcu)));
}

/* The table of @level that @entry, of the level above, leads to; a fresh one where there is none.
 */
static uint64_t *table_below(struct pgtable *tables, uint64_t *entry, unsigned level)
{
	uint64_t *table, value = arch_load_acquire(entry);
	struct spinlock *lock = level ? tables->page_table_lock : &pgtable_desc(entry)->ptl;

	if (value)
		return pgtable_table(value);
	table = table_new(tables, level);
	if (!table)
		return NULL;
	spin_lock(lock);
	value = arch_read_once(entry);
	if (!value) {
		arch_xadd_relaxed(&tables->bytes, PAGE_SIZE);
		value = (uintptr_t)table | TABLE_FLAGS;
		/* Release: who finds the table finds it cleared; pairs with pgtable_walk(). */
		arch_store_release(entry, value);
		table = NULL;
	}
	spin_unlock(lock);
	if (table)
		node_page_free(table); /* another was faster */
	return pgtable_table(value);
}

int pgtable_alloc_slow(struct pgtable *tables, unsigned long address, struct pte_pos *pos)
{
	uint64_t *table = tables->pgd;
	unsigned level;

	if (address >= PGTABLE_END)
		BUG("address %lx is beyond the tables", address);
	for (level = PGD_LEVEL; level > 0; level--) {
		pos->pmd = pgtable_entry(table, address, entry_shift(level));
		table = table_below(tables, pos->pmd, level - 1);
		if (!table)
			return -ENOMEM;
	}
	pte_pos_below(pos, address);
	return 0;
}

int pgtable_init(struct pgtable *tables, struct spinlock *page_table_lock)
{
	*tables = (struct pgtable){.page_table_lock = page_table_lock};
	tables->pgd = table_new(tables, PGD_LEVEL);
	return tables->pgd ? 0 : -ENOMEM;
}

static void release_table(uint64_t *table, unsigned level)
{
	unsigned i;

	for (i = 0; level && i < PTRS_PER_TABLE; i++) {
		if (table[i])
			release_table(pgtable_table(table[i]), level - 1);
	}
	node_page_free(table);
}

void pgtable_release(struct pgtable *tables)
{
	release_table(tables->pgd, PGD_LEVEL);
	tables->pgd = NULL;
	tables->bytes = 0;
}

/* Where pgtable_free_range() may take tables away. */
struct free_range {
	struct pgtable *tables;
	unsigned long floor, ceiling;
};

/* Look at the entries of @table, of @level > 0, that cover [@start, @end). */
static void free_below(const struct free_range *range, uint64_t *table, unsigned level,
		       unsigned long start, unsigned long end)
{
	unsigned long span = 1UL << entry_shift(level), base, next;

	for (base = start & ~(span - 1); base < end; base = next) {
		uint64_t *entry = pgtable_entry(table, base, entry_shift(level));
		uint64_t value = arch_load_acquire(entry);

		next = base + span;
		if (!value)
			continue;
		if (level > 1)
			free_below(range, pgtable_table(value), level - 1,
				   base > start ? base : start, next < end ? next : end);
		if (base < range->floor || next > range->ceiling)
			continue;
		arch_write_once(entry, PTE_NONE);
		arch_xadd_relaxed(&range->tables->bytes, -PAGE_SIZE);
		call_rcu(&pgtable_desc(pgtable_table(value))->rcu, table_free_rcu);
	}
}

void pgtable_free_range(struct pgtable *tables, unsigned long start, unsigned long end,
			unsigned long floor, unsigned long ceiling)
{
	struct free_range range = {tables, floor, ceiling ? ceiling : PGTABLE_END};

	free_below(&range, tables->pgd, PGD_LEVEL, start, end);
}

static bool entry_is_sound(uint64_t value, unsigned level)
{
	if (level)
		return (value & ~PTE_FRAME) == TABLE_FLAGS;
	return !value || value & PTE_PRESENT || pte_is_swap(value);
}

/* Check @table and all below; returns how many tables that are. */
static int64_t check_table(struct pgtable *tables, uint64_t *table, unsigned level)
{
	struct ptdesc *desc = pgtable_desc(table);
	unsigned i, nr = level == PGD_LEVEL ? PTRS_PER_TABLE / 2 : PTRS_PER_TABLE;
	int64_t below = 1;

	if (desc->level != level || desc->owner != tables)
		BUG("the descriptor of a table of level %u is of level %lu", level, desc->level);
	if (spin_is_locked(&desc->ptl))
		BUG("a table of level %u is locked", level);
	for (i = 0; i < nr; i++) {
		uint64_t value = arch_read_once(&table[i]);

		if (level && !value)
			continue;
		if (!entry_is_sound(value, level))
			BUG("entry %u of level %u is %lx", i, level, (unsigned long)value);
		if (level)
			below += check_table(tables, pgtable_table(value), level - 1);
	}
	return below;
}

void pgtable_check(struct pgtable *tables)
{
	int64_t bytes = (check_table(tables, tables->pgd, PGD_LEVEL) - 1) * PAGE_SIZE;

	if (bytes != arch_read_once(&tables->bytes))
		BUG("tables of %ld bytes are counted as %ld", (long)bytes, (long)tables->bytes);
}
