/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/rmap.h"

#include "pft/base/frame_lock.h"
#include "pft/base/rcu.h"
#include "pft/base/tlb.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/vma.h"

/* Whether a PTE maps @frame. Acquire: pairs with the full decrement of who unmaps. */
static bool mapped(const struct frame *frame)
{
	return arch_load_acquire(&frame->mapcount) > 0;
}

static bool tryget(struct anon_vma *anon)
{
	int32_t count = arch_read_once(&anon->refcount);

	while (count > 0) {
		if (arch_cmpxchg_full(&anon->refcount, &count, count + 1))
			return true;
	}
	return false;
}

/* A tree of anon_vmas locked for read. */
struct rmap_lock {
	struct anon_vma *anon; /* the frame's; NULL: it is not mapped, nothing is locked */
	struct rw_semaphore *rwsem;
	bool referenced; /* by us */
	bool contended; /* tried in vain */
};

/*
 * folio_lock_anon_vma_read(): the frame's mapping is followed under RCU. It is the frame's as long as
 * the frame is mapped, and stays so under the lock: the last VMA that maps it must be unlinked
 * first.
 */
static bool lock_anon(struct rmap_lock *lock, struct frame *frame, bool try)
{
	*lock = (struct rmap_lock){0};
	rcu_read_lock();
	lock->anon = arch_load_acquire(&frame->mapping);
	if (!lock->anon || !mapped(frame))
		goto none;
	lock->rwsem = &arch_read_once(&lock->anon->root)->rwsem;
	if (down_read_trylock(lock->rwsem)) {
		if (mapped(frame)) {
			rcu_read_unlock();
			return true;
		}
		up_read(lock->rwsem, RWSEM_OTHER);
		goto none;
	}
	lock->contended = try;
	if (try || !tryget(lock->anon))
		goto none;
	lock->referenced = true;
	rcu_read_unlock();
	/* The reference keeps the root as well. */
	lock->rwsem = &arch_read_once(&lock->anon->root)->rwsem;
	down_read(lock->rwsem, RWSEM_OTHER);
	return true;

none:
	rcu_read_unlock();
	return false;
}

static void unlock_anon(struct mm_family *family, struct rmap_lock *lock)
{
	up_read(lock->rwsem, RWSEM_OTHER);
	if (lock->referenced)
		anon_vma_put(family, lock->anon);
}

/* What a chain leads to, with the PTE of the frame locked. */
struct rmap_place {
	struct mm *mm;
	struct pte_pos pos;
	uint64_t pte;
};

static struct mm *mm_of_vma(const struct mm_family *family, const struct vma *vma)
{
	return mm_of(arch_read_once(
		layout_at(vma, family->domain.design->vma->vm_mm, struct lock_mm *)));
}

/* page_vma_mapped_walk(): find and lock the PTE that maps @frame in the chain's VMA, if one does. Its
 * tables stay while the VMA is linked. */
static bool find_place(struct mm_family *family, const struct anon_vma_chain *chain,
		       const struct frame *frame, struct rmap_place *place)
{
	uint64_t pfn = frame_pfn(family->zones, frame);
	struct mm *mm = mm_of_vma(family, chain->vma);
	unsigned long start = vma_start(mm, chain->vma), end = vma_end(mm, chain->vma), address;
	unsigned long pgoff = vma_load(mm, chain->vma, vm_pgoff, unsigned long);

	place->mm = mm;
	if (frame->index < pgoff)
		return false;
	address = start + ((frame->index - pgoff) << PAGE_SHIFT);
	if (address >= end || !pgtable_walk(&mm->tables, address, &place->pos))
		return false;
	place->pte = pte_get(place->pos.pte);
	if (!(place->pte & PTE_PRESENT) || pte_frame(place->pte) != pfn ||
	    !pte_pos_lock(&place->pos))
		return false;
	place->pte = pte_get(place->pos.pte);
	if (place->pte & PTE_PRESENT && pte_frame(place->pte) == pfn)
		return true;
	pte_pos_unlock(&place->pos);
	return false;
}

/* mm_match_cgroup() */
static bool charged_below(const struct mm *mm, const struct memcg *target)
{
	const struct memcg *memcg;

	for (memcg = mm->memcg; memcg && memcg != target; memcg = memcg->parent)
		;
	return memcg == target;
}

int rmap_referenced(struct mm_family *family, struct frame *frame, struct memcg *target)
{
	struct anon_vma_chain *chain;
	struct rmap_place place;
	struct rmap_lock lock;
	int referenced = 0;

	if (!lock_anon(&lock, frame, true))
		return lock.contended ? -1 : 0;
	list_for_each_entry(chain, &lock.anon->chains, same_anon)
	{
		if (!find_place(family, chain, frame, &place))
			continue;
		if (place.pte & PTE_ACCESSED && (!target || charged_below(place.mm, target))) {
			pte_set(place.pos.pte, place.pte & ~PTE_ACCESSED);
			referenced++;
		}
		pte_pos_unlock(&place.pos);
	}
	unlock_anon(family, &lock);
	return referenced;
}

/* set_tlb_ubc_flush_pending() */
static void batch_add(struct unmap_batch *batch, const struct mm *mm)
{
	unsigned i;

	for (i = 0; i < ARCH_SLOTS / 64; i++)
		batch->cpumask[i] |= arch_read_once(&mm->cpumask[i]);
	batch->pending = true;
}

/* try_to_unmap_one(): the PTE is locked. False if the slot can have no more uses. */
static bool unmap_place(struct mm_worker *worker, struct frame *frame, struct rmap_place *place)
{
	struct mm *mm = place->mm;
	uint64_t slot = arch_read_once(&frame->swap) - 1, pte;

	if (swap_slot_dup(&mm->family->swap->swap.slots, slot))
		return false;
	/* Release: a fault that finds the slot finds the frame in the swap cache. */
	pte = arch_xchg_full(place->pos.pte, pte_make_swap(0, slot));
	if (pte & PTE_DIRTY)
		frame_set(frame, FRAME_DIRTY);
	rss_add(mm, worker, MM_ANONPAGES, -1);
	rss_add(mm, worker, MM_SWAPENTS, 1);
	arch_xadd_full(&frame->mapcount, -1);
	return true;
}

bool rmap_unmap(struct mm_family *family, struct mm_worker *worker, struct frame *frame,
		struct unmap_batch *batch)
{
	struct anon_vma_chain *chain;
	struct rmap_place place;
	struct rmap_lock lock;
	bool going = true;

	if (!lock_anon(&lock, frame, false))
		return !mapped(frame);
	list_for_each_entry(chain, &lock.anon->chains, same_anon)
	{
		if (!going || !mapped(frame))
			break;
		if (!find_place(family, chain, frame, &place))
			continue;
		going = unmap_place(worker, frame, &place);
		pte_pos_unlock(&place.pos);
		if (!going)
			break;
		batch_add(batch, place.mm);
		if (frame_put_testzero(frame))
			BUG("a PTE had the last reference of a page that is being unmapped");
	}
	unlock_anon(family, &lock);
	return !mapped(frame);
}

void unmap_flush(struct mm_family *family, struct unmap_batch *batch)
{
	unsigned i, self = arch_slot(), others = 0;

	if (!batch->pending)
		return;
	batch->cpumask[self / 64] &= ~(1UL << self % 64);
	for (i = 0; i < ARCH_SLOTS / 64; i++)
		others += __builtin_popcountl(batch->cpumask[i]);
	stat_inc(&family->events, others ? MM_SHOOTDOWN : MM_FLUSH_LOCAL);
	if (others)
		tlb_shootdown(others);
	*batch = (struct unmap_batch){0};
}
