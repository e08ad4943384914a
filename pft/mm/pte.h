/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pte: entries of page tables, with the bits of x86-64, and of pages that are swapped out. */
#ifndef PFT_MM_PTE_H
#define PFT_MM_PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/page.h"

#define PTE_PRESENT  (1UL << 0)
#define PTE_WRITE    (1UL << 1)
#define PTE_SWAP     (1UL << 2) /* without PTE_PRESENT: holds a swap type and offset */
#define PTE_ACCESSED (1UL << 5)
#define PTE_DIRTY    (1UL << 6)
#define PTE_NOACCESS (1UL << 8) /* _PAGE_PROTNONE's bit, but beside PTE_PRESENT */
#define PTE_FRAME    0x000ffffffffff000UL /* frame number, from bit 12 */
#define PTE_NONE     0UL

/* The entry of frame @pfn with flags. */
static inline uint64_t pte_make(uint64_t pfn, uint64_t flags)
{
	return pfn << PAGE_SHIFT | flags;
}

static inline uint64_t pte_frame(uint64_t pte)
{
	return (pte & PTE_FRAME) >> PAGE_SHIFT;
}

/* The entry of a page that is swapped out: @type < 32, @offset < 2^50. */
static inline uint64_t pte_make_swap(unsigned type, uint64_t offset)
{
	return offset << 14 | (uint64_t)type << 9 | PTE_SWAP;
}

static inline bool pte_is_swap(uint64_t pte)
{
	return (pte & (PTE_PRESENT | PTE_SWAP)) == PTE_SWAP;
}

static inline unsigned pte_swap_type(uint64_t pte)
{
	return pte >> 9 & 31;
}

static inline uint64_t pte_swap_offset(uint64_t pte)
{
	return pte >> 14;
}

/* ptep_get(), set_pte_at(), ptep_get_and_clear(). The store is a release, so that a lockless walker
 * that finds the frame finds it cleared. */
static inline uint64_t pte_get(const uint64_t *pte)
{
	return arch_load_acquire(pte);
}

static inline void pte_set(uint64_t *pte, uint64_t value)
{
	arch_store_release(pte, value);
}

static inline uint64_t pte_get_and_clear(uint64_t *pte)
{
	return arch_xchg_relaxed(pte, PTE_NONE);
}

#endif
