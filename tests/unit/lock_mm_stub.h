/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock_mm_stub: a small mm for the tests of the lock designs: PAGES pages, an array instead of an
 * index, a lock and a PTE per page, and a region per VMA that says who may use it.
 */
#ifndef TESTS_UNIT_LOCK_MM_STUB_H
#define TESTS_UNIT_LOCK_MM_STUB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/base/rcu.h"
#include "pft/base/spinlock.h"
#include "pft/locks/lock.h"

#define PAGES 8
#define PAGE  4096UL

/* What a VMA stands for; never freed, so that a stale VMA still leads to one. */
struct region {
	uint64_t tens; /* raised by one ten times under the VMA's write lock; atomic accesses */
	uint64_t held; /* the same, plain: TSan sees who is not kept out */
	uint64_t alive; /* plain: between attach and detach */
};

struct stub_mm {
	struct lock_mm lock; /* first: find() gets it */
	struct vma *index[PAGES]; /* read under RCU */
	struct spinlock ptl[PAGES]; /* guards the PTE */
	uint64_t pte[PAGES]; /* the region that was faulted in, or 0 */
};

static inline struct vma *stub_find(struct lock_mm *lock, unsigned long address)
{
	struct stub_mm *mm = (struct stub_mm *)lock;

	return address < PAGES * PAGE ? rcu_dereference(mm->index[address / PAGE]) : NULL;
}

static inline struct region *region_of(const struct lock_mm *mm, const struct vma *vma)
{
	return arch_read_once(layout_at(vma, mm->design->vma->vm_file, struct region *));
}

static inline void stub_domain_init(struct lock_domain *domain, const struct lock_design *design)
{
	struct lock_options options = {.vma_class = -1, .rwsem_spin = true};
	struct why why = WHY_INIT;

	if (lock_domain_init(domain, design, &options, &why))
		fail_msg("%s", why.text);
}

static inline void stub_domain_release(struct lock_domain *domain)
{
	struct why why = WHY_INIT;

	if (lock_domain_release(domain, &why))
		fail_msg("%s", why.text);
}

static inline void stub_mm_init(struct stub_mm *mm, struct lock_domain *domain)
{
	*mm = (struct stub_mm){0};
	assert_int_equal(lock_mm_init(&mm->lock, domain, stub_find), 0);
}

/* Show the pages of @vma as its own, or as nobody's. */
static inline void stub_index(struct stub_mm *mm, const struct vma *vma, struct vma *entry)
{
	unsigned long page;

	for (page = lock_vma_start(&mm->lock, vma) / PAGE;
	     page < lock_vma_end(&mm->lock, vma) / PAGE; page++)
		rcu_assign_pointer(mm->index[page], entry);
}

/* mmap() of the free pages [@first, @end), mmap_lock held for write. */
static inline struct vma *stub_map(struct stub_mm *mm, unsigned first, unsigned end,
				   struct region *region)
{
	struct vma *vma = lock_vma_new(&mm->lock, first * PAGE, end * PAGE);

	arch_write_once(layout_at(vma, mm->lock.design->vma->vm_file, struct region *), region);
	lock_vma_start_write(&mm->lock, vma);
	region->alive = 1;
	lock_vma_mark_attached(&mm->lock, vma);
	stub_index(mm, vma, vma);
	return vma;
}

/* munmap() up to the downgrade: mmap_lock held for write; nobody finds @vma any more. */
static inline void stub_unmap(struct stub_mm *mm, struct vma *vma)
{
	lock_vma_start_write(&mm->lock, vma);
	lock_vma_mark_detached(&mm->lock, vma);
	region_of(&mm->lock, vma)->alive = 0;
	stub_index(mm, vma, NULL);
}

/* The rest of it: PTEs and the VMA go, with mmap_lock at least for read. */
static inline void stub_zap(struct stub_mm *mm, struct vma *vma)
{
	unsigned long page, end = lock_vma_end(&mm->lock, vma) / PAGE;

	for (page = lock_vma_start(&mm->lock, vma) / PAGE; page < end; page++) {
		spin_lock(&mm->ptl[page]);
		mm->pte[page] = 0;
		spin_unlock(&mm->ptl[page]);
	}
	lock_vma_free(&mm->lock, vma);
}

static inline void stub_mm_release(struct stub_mm *mm)
{
	lock_mmap_write(&mm->lock);
	for (unsigned page = 0; page < PAGES; page++) {
		struct vma *vma = mm->index[page];

		if (vma) {
			stub_unmap(mm, vma);
			stub_zap(mm, vma);
		}
	}
	lock_mmap_write_unlock(&mm->lock);
	lock_mm_release(&mm->lock);
}

static inline uint64_t counted(const struct lock_domain *domain, enum lock_event event)
{
	return stat_sum(&domain->events, event);
}

#endif
