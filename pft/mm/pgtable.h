/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pgtable: four-level page tables as x86-64 has them: PGD, PUD, PMD, PTE, each a real 4 KiB page of
 * 512 entries over 9 bits of a 48-bit address. Entries have the hardware's bits. The place of a
 * table's struct page is taken by a struct ptdesc with the page's own lock.
 *
 * Who may do what:
 * - any level is read without a lock (lockless_pages_from_mm(), speculative_page_walk()): tables
 * are published by a release store and freed after an RCU grace period, so who walks without
 * holding mmap_lock or a VMA lock walks under RCU;
 * - a PTE is changed under the lock of its PTE page;
 * - a missing table is installed under page_table_lock (PUD, PMD pages) or the PMD page's lock (PTE
 *   pages), by whoever comes first; the others free theirs;
 * - tables are taken away from ranges only that no VMA covers and no fault can reach any more.
 * Lock order: page_table_lock, PMD page's lock, PTE page's lock; two PTE pages' locks only in fork,
 * the child's first. No function here sleeps or calls RCU waits with a lock held.
 */
#ifndef PFT_MM_PGTABLE_H
#define PFT_MM_PGTABLE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/fault_inject.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/base/spinlock.h"
#include "pft/mm/pte.h"

enum {
	PTRS_PER_TABLE = 512,
	PMD_SHIFT = 21, /* what one PTE page covers */
	PUD_SHIFT = 30,
	PGD_SHIFT = 39,
};

/* First address that a table cannot hold: the lower half of a 48-bit space (TASK_SIZE_MAX). */
#define PGTABLE_END (1UL << 47)

/* The struct page of a table page; offsets are those of the kernel's struct ptdesc. */
struct ptdesc {
	unsigned long level; /* 0: PTE page ... 3: PGD; the kernel's page flags */
	struct rcu_head rcu; /* of a page that waits to be freed */
	unsigned long mapping; /* unused here, as in tables of the kernel */
	struct pgtable *owner; /* pt_mm */
	struct spinlock ptl; /* guards the entries of the page (PTE and PMD pages) */
	uint32_t reserved[5];
} __attribute__((aligned(8)));

_Static_assert(sizeof(struct ptdesc) == 64, "struct page has 64 bytes");
_Static_assert(offsetof(struct ptdesc, rcu) == 8, "as in the kernel");
_Static_assert(offsetof(struct ptdesc, ptl) == 40, "as in the kernel");
_Static_assert(sizeof(struct node_page) == sizeof(struct ptdesc), "the descriptor is a ptdesc");

/* The tables of one mm. Constant after pgtable_init() but for bytes. */
struct pgtable {
	uint64_t *pgd;
	struct spinlock *page_table_lock; /* the mm's; guards PGD and PUD entries */
	int64_t bytes __attribute__((aligned(ARCH_LINE))); /* pgtables_bytes, without the PGD */
};

/* Every allocation of a table page asks it. */
extern struct fault_inject fault_inject_pgtable;

/* Empty tables whose upper levels are guarded by @page_table_lock. Returns 0 or -ENOMEM. */
int pgtable_init(struct pgtable *tables, struct spinlock *page_table_lock);

/* Free all tables; what PTEs still held is the caller's loss. No lockless walker may be left. */
void pgtable_release(struct pgtable *tables);

static inline uint64_t *pgtable_table(uint64_t entry)
{
	return (uint64_t *)(entry & PTE_FRAME);
}

static inline struct ptdesc *pgtable_desc(const void *table)
{
	return (struct ptdesc *)node_page_of(table);
}

/* The entry for @address in a @table whose entries cover 1 << @shift bytes. */
static inline uint64_t *pgtable_entry(uint64_t *table, unsigned long address, unsigned shift)
{
	return &table[address >> shift & (PTRS_PER_TABLE - 1)];
}

/* Where the PTE of an address is, as a walk found it. */
struct pte_pos {
	uint64_t *pmd;
	uint64_t pmd_value;
	uint64_t *pte;
	struct spinlock *ptl; /* of the PTE page */
};

/* Complete @pos, whose pmd is set. False if there is no PTE page. */
static inline bool pte_pos_below(struct pte_pos *pos, unsigned long address)
{
	uint64_t *table;

	pos->pmd_value = arch_load_acquire(pos->pmd);
	if (!pos->pmd_value)
		return false;
	table = pgtable_table(pos->pmd_value);
	pos->pte = pgtable_entry(table, address, PAGE_SHIFT);
	pos->ptl = &pgtable_desc(table)->ptl;
	return true;
}

/*
 * Find the PTE of @address < PGTABLE_END without a lock; false if a table is missing. The acquires
 * pair with the release stores of tables in pgtable_alloc().
 */
static inline bool pgtable_walk(const struct pgtable *tables, unsigned long address,
				struct pte_pos *pos)
{
	uint64_t entry = arch_load_acquire(pgtable_entry(tables->pgd, address, PGD_SHIFT));

	if (!entry)
		return false;
	entry = arch_load_acquire(pgtable_entry(pgtable_table(entry), address, PUD_SHIFT));
	if (!entry)
		return false;
	pos->pmd = pgtable_entry(pgtable_table(entry), address, PMD_SHIFT);
	return pte_pos_below(pos, address);
}

/* pgtable_alloc() where a table is missing. */
int pgtable_alloc_slow(struct pgtable *tables, unsigned long address, struct pte_pos *pos);

/*
 * Find the PTE of @address, allocating the tables that are missing (__pud_alloc(), __pmd_alloc(),
 * __pte_alloc()); their page is cleared here. Returns 0, or -ENOMEM; tables made before the failure
 * stay. A lock that keeps munmap() of the range away must be held.
 */
static inline int pgtable_alloc(struct pgtable *tables, unsigned long address, struct pte_pos *pos)
{
	struct pte_pos made; /* a copy, for *pos to stay in registers */

	if (likely(pgtable_walk(tables, address, pos)))
		return 0;
	if (pgtable_alloc_slow(tables, address, &made))
		return -ENOMEM;
	*pos = made;
	return 0;
}

/* pte_offset_map_lock(): take the lock of the PTE page; false, not locked, if the page is no longer
 * the one that the walk found. */
static inline bool pte_pos_lock(struct pte_pos *pos)
{
	spin_lock(pos->ptl);
	if (likely(arch_read_once(pos->pmd) == pos->pmd_value))
		return true;
	spin_unlock(pos->ptl);
	return false;
}

/* The same for speculative faults, which must not wait (the holder may wait for them to leave RCU).
 */
static inline bool pte_pos_trylock(struct pte_pos *pos)
{
	if (arch_read_once(pos->pmd) != pos->pmd_value || !spin_trylock(pos->ptl))
		return false;
	if (likely(arch_read_once(pos->pmd) == pos->pmd_value))
		return true;
	spin_unlock(pos->ptl);
	return false;
}

static inline void pte_pos_unlock(struct pte_pos *pos)
{
	spin_unlock(pos->ptl);
}

/*
 * Free, after a grace period, every table that covers some of the range and, beyond the range,
 * nothing outside [@floor, @ceiling): the end of the mapping below and the start of the one above
 * (free_pgtables()); @ceiling 0 is the end of the space. The entries must have been zapped.
 */
void pgtable_free_range(struct pgtable *tables, unsigned long start, unsigned long end,
			unsigned long floor, unsigned long ceiling);

/* Walk all tables, BUG() on any broken invariant: descriptors, locks free, entries well formed,
 * byte count. Nobody else may use them. */
void pgtable_check(struct pgtable *tables);

#endif
