/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: the path of a page fault, in the order of handle_mm_fault() of 6.12: VMA lock, access
 * check, tables, anon_vma, frame, clear, charge, PTE lock, recheck, commit, rss, rmap, LRU, PTE.
 *
 * What differs: a load of a page that is not there gets a page of its own too, as a store does, in
 * place of the shared zero page.
 *
 * All of it is inline in fault_run(), which exists twice: with and without clocks. No pointer to a
 * struct trap leaves it, so that most of that stays in registers.
 */
#include <errno.h>

#include "pft/base/frame_lock.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/gather.h"
#include "pft/mm/lru.h"
#include "pft/mm/reclaim.h"
#include "pft/mm/swap_fault.h"
#include "pft/mm/vma.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

const char *const fault_stage_names[NR_FAULT_STAGES] = {
	"begin", "tables", "anon_vma", "frame", "clear", "charge",
	"ptl",	 "rmap",   "lru",      "pte",	"end",
};

/* A fault under way. */
struct trap {
	struct fault *lock; /* which others see and change */
	struct vma *vma; /* lock->vma */
	struct mm *mm;
	struct mm_worker *worker;
	struct fault_stages *stages; /* NULL: no clocks */
	bool write;
	struct pte_pos pos;
	uint64_t pte; /* what was there */
};

/* The end of a stage. */
static ALWAYS_INLINE void stage(struct trap *trap, enum fault_stage which)
{
	struct fault_stages *stages = trap->stages;
	uint64_t now;

	if (!stages)
		return;
	now = arch_now_ns();
	stages->ns[which] += now - stages->last;
	stages->count[which]++;
	stages->last = now;
}

static ALWAYS_INLINE bool speculative(const struct trap *trap)
{
	return unlikely(trap->lock->held == FAULT_SPECULATIVE);
}

/* vma_permits_fault(), access_error() */
static ALWAYS_INLINE bool access_ok(const struct trap *trap)
{
	unsigned long flags = vma_flags(trap->mm, trap->vma);

	return flags & (trap->write ? VM_WRITE : VM_ACCESS);
}

/* __handle_mm_fault(): find the PTE, making the tables that are missing; who holds nothing makes
 * none and walks under RCU (speculative_page_walk_begin()). */
static ALWAYS_INLINE int find_pte(struct trap *trap)
{
	/* The pgd is where it is in the image, as mm_mt. */
	struct pgtable *tables = arch_read_once(mm_field(trap->mm, pgd, struct pgtable *));
	bool found;

	if (speculative(trap)) {
		rcu_read_lock();
		found = pgtable_walk(tables, trap->lock->address, &trap->pos);
		if (found)
			trap->pte = pte_get(trap->pos.pte);
		rcu_read_unlock();
		return found ? 0 : FAULT_AGAIN;
	}
	if (unlikely(pgtable_alloc(tables, trap->lock->address, &trap->pos)))
		return -ENOMEM;
	trap->pte = pte_get(trap->pos.pte);
	return 0;
}

/*
 * pte_map_lock() of the speculative faults, under RCU until lock_dropped(): a PTE page that is
 * still the mm's stays so while no writer came, and is not freed before the grace period if one
 * did. Never waits: the holder may wait for RCU readers.
 */
static ALWAYS_INLINE bool lock_speculative(struct trap *trap)
{
	rcu_read_lock();
	if (lock_fault_commit(trap->lock) && pte_pos_trylock(&trap->pos))
		return true;
	rcu_read_unlock();
	return false;
}

static ALWAYS_INLINE void unlock_pte(struct trap *trap)
{
	pte_pos_unlock(&trap->pos);
	if (speculative(trap))
		rcu_read_unlock();
}

/* Lock the PTE and see that it is what it was. 0 with it locked; FAULT_AGAIN; or -EAGAIN if another
 * was faster, and the access may simply be tried again. */
static ALWAYS_INLINE int lock_pte(struct trap *trap)
{
	if (speculative(trap)) {
		if (!lock_speculative(trap))
			return FAULT_AGAIN;
	} else if (unlikely(!pte_pos_lock(&trap->pos))) {
		return -EAGAIN;
	}
	if (unlikely(arch_read_once(trap->pos.pte) != trap->pte)) {
		unlock_pte(trap);
		return -EAGAIN;
	}
	return 0;
}

/* vmf_anon_prepare() of 6.10 and later: under the VMA lock mmap_lock may only be tried for. */
static int prepare_anon_vma(struct mm *mm, const struct fault *fault)
{
	int rc;

	switch (fault->held) {
	case FAULT_SPECULATIVE:
		return FAULT_AGAIN;
	case FAULT_VMA:
		if (!lock_mmap_read_trylock(fault->mm))
			return FAULT_AGAIN;
		rc = anon_vma_prepare(mm, fault->vma);
		lock_mmap_read_unlock(fault->mm);
		return rc;
	case FAULT_NOTHING:
	case FAULT_MMAP:
		break;
	}
	return anon_vma_prepare(mm, fault->vma);
}

/* policy_node() */
static ALWAYS_INLINE unsigned choose_node(struct trap *trap)
{
	const struct mempolicy *policy = vma_policy(trap->mm, trap->vma);

	if (likely(!policy))
		return node_memory_here();
	if (policy->interleave)
		return trap->worker->interleave++ % trap->mm->family->nr_nodes;
	return policy->node;
}

/* Where frame_alloc() and memcg_charge() have nothing left: reclaim, if there is swap. */
static __attribute__((noinline, cold)) struct frame *
alloc_slow(struct mm_family *family, struct mm_worker *worker, unsigned node)
{
	return family->swap ? reclaim_alloc(family, worker, node) : NULL;
}

static __attribute__((noinline, cold)) int
charge_slow(struct mm_family *family, struct mm_worker *worker, struct memcg *memcg)
{
	return family->swap ? reclaim_charge(family, worker, memcg) : -ENOMEM;
}

/* alloc_anon_folio(): a charged frame with the contents of @old, or cleared, in *@frame. 0,
 * FAULT_AGAIN or -ENOMEM. */
static ALWAYS_INLINE int new_frame(struct trap *trap, struct frame *old, struct frame **fresh)
{
	struct mm_family *family = trap->mm->family;
	struct memcg *memcg;
	struct frame *frame;
	unsigned node;
	int rc;

	if (unlikely(!vma_anon(trap->mm, trap->vma))) {
		rc = prepare_anon_vma(trap->mm, trap->lock);
		if (rc)
			return rc;
	}
	stage(trap, STAGE_ANON_VMA);
	node = choose_node(trap);
	frame = frame_alloc(family, trap->worker, node);
	if (unlikely(!frame)) {
		frame = alloc_slow(family, trap->worker, node);
		if (!frame)
			return -ENOMEM;
	}
	stage(trap, STAGE_FRAME);
	if (old) {
		memcpy(frame_address(family->zones, frame), frame_address(family->zones, old),
		       PAGE_SIZE);
		arch_work(ARCH_WORK_COPY, frame_address(family->zones, frame), PAGE_SIZE);
	} else {
		frame_clear(frame_address(family->zones, frame));
	}
	stage(trap, STAGE_CLEAR);
	memcg = arch_read_once(&trap->mm->memcg);
	if (memcg && unlikely(memcg_charge(&trap->worker->stock, memcg)) &&
	    charge_slow(family, trap->worker, memcg)) {
		frame_free(family, trap->worker, frame);
		return -ENOMEM;
	}
	frame->memcg = memcg;
	stage(trap, STAGE_CHARGE);
	*fresh = frame;
	return 0;
}

/* What new_frame() gave, and nobody has seen. */
static ALWAYS_INLINE void drop_frame(struct trap *trap, struct frame *frame)
{
	if (frame->memcg)
		memcg_cancel(&trap->worker->stock, frame->memcg);
	frame->memcg = NULL;
	frame_free(trap->mm->family, trap->worker, frame);
}

/* mk_pte(), maybe_mkwrite() */
static ALWAYS_INLINE uint64_t pte_of(const struct trap *trap, const struct frame *frame)
{
	uint64_t pte = pte_make(frame_pfn(trap->mm->family->zones, frame),
				vma_load(trap->mm, trap->vma, vm_page_prot, unsigned long));

	if (vma_flags(trap->mm, trap->vma) & VM_WRITE)
		pte |= PTE_WRITE | PTE_DIRTY;
	return pte;
}

/* folio_add_new_anon_rmap(), folio_add_lru(), set_pte_at(): the PTE is locked, the fault committed.
 */
static ALWAYS_INLINE void map_frame(struct trap *trap, struct frame *frame, uint64_t pte)
{
	struct mm *mm = trap->mm;
	struct vma *vma = trap->vma;

	arch_write_once(&frame->mapcount, 1);
	frame->mapping = vma_anon(mm, vma);
	frame->index = vma_pgoff(mm, vma, trap->lock->address);
	stage(trap, STAGE_RMAP);
	lru_add(mm->family, trap->worker, frame);
	stage(trap, STAGE_LRU);
	pte_set(trap->pos.pte, pte);
}

/* do_anonymous_page() */
static ALWAYS_INLINE int map_anonymous(struct trap *trap)
{
	struct frame *frame;
	int rc = new_frame(trap, NULL, &frame);
	uint64_t pte;

	if (unlikely(rc))
		return rc;
	pte = pte_of(trap, frame);
	rc = lock_pte(trap);
	if (unlikely(rc)) {
		drop_frame(trap, frame);
		return rc;
	}
	stage(trap, STAGE_PTE_LOCK);
	if (unlikely(!lock_fault_commit(trap->lock))) {
		unlock_pte(trap);
		drop_frame(trap, frame);
		return FAULT_AGAIN;
	}
	rss_add(trap->mm, trap->worker, MM_ANONPAGES, 1);
	map_frame(trap, frame, pte);
	unlock_pte(trap);
	stage(trap, STAGE_SET_PTE);
	mm_event(trap->mm, MM_FAULT_ANON);
	return 0;
}

/* wp_can_reuse_anon_folio(): whether only this PTE refers to @frame. References of the own LRU
 * batch and of the swap cache are dropped first. Acquire: pairs with frame_put_testzero() of who had
 * it before. */
static ALWAYS_INLINE bool only_user(struct trap *trap, struct frame *frame)
{
	int32_t count = arch_load_acquire(&frame->refcount);

	if (count > 2 + frame_test(frame, FRAME_SWAPCACHE))
		return false;
	if (count > 1 && !(arch_read_once(&frame->flags) & FRAME_LRU))
		lru_add_drain(trap->mm->family, trap->worker);
	if (frame_test(frame, FRAME_SWAPCACHE))
		swap_fault_reuse(trap->mm->family, frame);
	return arch_load_acquire(&frame->refcount) == 1;
}

/* wp_page_copy(): @old is kept by a reference of ours, which is dropped. */
static ALWAYS_INLINE int copy_page(struct trap *trap, struct frame *old)
{
	struct mm *mm = trap->mm;
	struct frame *frame, *unused[2] = {old, old};
	int rc = new_frame(trap, old, &frame);

	if (rc) {
		frames_put(mm->family, trap->worker, unused, 1);
		return rc;
	}
	rc = lock_pte(trap);
	if (!rc && !lock_fault_commit(trap->lock)) {
		unlock_pte(trap);
		rc = FAULT_AGAIN;
	}
	if (rc) {
		drop_frame(trap, frame);
		frames_put(mm->family, trap->worker, unused, 1);
		return rc;
	}
	stage(trap, STAGE_PTE_LOCK);
	/* ptep_clear_flush(): nobody may still read the old page when the new one is written. */
	pte_get_and_clear(trap->pos.pte);
	mm_flush_tlb(mm);
	map_frame(trap, frame, pte_of(trap, frame));
	arch_xadd_relaxed(&old->mapcount, -1);
	unlock_pte(trap);
	stage(trap, STAGE_SET_PTE);
	frames_put(mm->family, trap->worker, unused, 2);
	mm_event(mm, MM_FAULT_COW);
	return 0;
}

/* do_wp_page(): a store to a page that is there but may not be written. */
static ALWAYS_INLINE int make_writable(struct trap *trap)
{
	struct frame *frame = frame_of_pfn(trap->mm->family->zones, pte_frame(trap->pte));
	int rc = lock_pte(trap);

	if (rc)
		return rc;
	if (!lock_fault_commit(trap->lock)) {
		unlock_pte(trap);
		return FAULT_AGAIN;
	}
	if (only_user(trap, frame)) {
		pte_set(trap->pos.pte, trap->pte | PTE_WRITE | PTE_DIRTY | PTE_ACCESSED);
		unlock_pte(trap);
		mm_event(trap->mm, MM_FAULT_REUSE);
		return 0;
	}
	frame_get(frame);
	unlock_pte(trap);
	return copy_page(trap, frame);
}

/* do_swap_page(): trap->pte is then the page's. */
static ALWAYS_INLINE int bring_in(struct trap *trap)
{
	struct swap_fault fault = {
		.lock = trap->lock,
		.mm = trap->mm,
		.worker = trap->worker,
		.node = choose_node(trap),
		.pos = trap->pos,
		.pte = trap->pte,
	};
	uint64_t pte;
	int rc = swap_fault_map(&fault, &pte);

	if (!rc)
		trap->pte = pte;
	return rc;
}

/* handle_mm_fault(), handle_pte_fault() */
static ALWAYS_INLINE int handle(struct trap *trap)
{
	int rc;

	if (unlikely(!access_ok(trap)))
		return speculative(trap) ? FAULT_AGAIN : -EFAULT;
	rc = find_pte(trap);
	stage(trap, STAGE_TABLES);
	if (unlikely(rc))
		return rc;
	if (likely(trap->pte == PTE_NONE))
		return map_anonymous(trap);
	if (pte_is_swap(trap->pte)) {
		rc = bring_in(trap);
		if (rc || !trap->write)
			return rc;
	}
	if (trap->write && !(trap->pte & PTE_WRITE))
		return make_writable(trap);
	return -EAGAIN;
}

static ALWAYS_INLINE int fault_run(struct mm *mm, unsigned long address, bool write,
				   struct fault_stages *stages)
{
	struct fault lock;
	struct trap trap = {.lock = &lock, .mm = mm, .stages = stages, .write = write};
	int rc;

	arch_work(ARCH_WORK_TRAP, NULL, 1);
	if (unlikely(address >= PGTABLE_END))
		return -EFAULT;
	trap.worker = mm_switch(mm);
	lock.mm = &mm->lock;
	lock.address = address;
	if (stages)
		stages->last = arch_now_ns();
	rc = lock_fault_begin(&lock);
	for (;;) {
		if (unlikely(rc))
			return rc;
		trap.vma = lock.vma;
		stage(&trap, STAGE_BEGIN);
		rc = handle(&trap);
		if (likely(rc != FAULT_AGAIN))
			break;
		mm_event(mm, MM_FAULT_RETRY);
		rc = lock_fault_fallback(&lock);
	}
	lock_fault_end(&lock);
	stage(&trap, STAGE_END);
	if (unlikely(rc == -EAGAIN)) {
		mm_event(mm, MM_FAULT_SPURIOUS);
		rc = 0;
	}
	if (likely(!rc))
		mm_event(mm, MM_FAULT);
	return rc;
}

int mm_fault(struct mm *mm, unsigned long address, bool write)
{
	return fault_run(mm, address, write, NULL);
}

int mm_fault_staged(struct mm *mm, unsigned long address, bool write, struct fault_stages *stages)
{
	return fault_run(mm, address, write, stages);
}
