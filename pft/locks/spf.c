/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spf: speculative faults of the 2021-2022 series (Lespinasse), not merged. A fault holds nothing:
 * it copies the VMA under RCU and checks, last under the PTE lock, that mmap_seq stands where it
 * stood. So it writes to no shared line before the PTE lock, and any writer in the mm spoils all
 * faults under way.
 */
#include "pft/base/rcu.h"
#include "pft/base/seqcount.h"
#include "pft/locks/layouts_mm.h"
#include "pft/locks/plain.h"

_Static_assert(sizeof(((struct fault *)NULL)->copy) >= 152, "room for the VMA of 6.1");

static unsigned long *mmap_seq(const struct lock_mm *mm)
{
	return layout_at(mm->image, mm_layout_spf.mm_lock_seq, unsigned long);
}

/* mmap_seq_read_check(): its barrier pairs with the one of seqcount_write_begin(): what was read
 * before this was not touched by a writer, or the number is another one. */
static bool check(struct fault *fault)
{
	if (likely(!seqcount_retry(mmap_seq(fault->mm), fault->seq)))
		return true;
	stat_inc(&fault->mm->domain->events, SPF_ABORT_SEQ);
	return false;
}

/* Copy the VMA word by word; the copy may be torn until checked. False if none covers the address.
 */
static bool copy_vma(struct fault *fault)
{
	const struct vma *vma;
	unsigned i;

	rcu_read_lock();
	vma = fault->mm->find(fault->mm, fault->address);
	if (likely(vma))
		for (i = 0; i < vma_layout_spf.size / sizeof(uint64_t); i++)
			fault->copy[i] = arch_read_once(&((uint64_t *)vma)[i]);
	rcu_read_unlock();
	return vma;
}

static bool spf_fault_try(struct fault *fault)
{
	const struct stat_table *events = &fault->mm->domain->events;
	const struct vma *copy = (const struct vma *)fault->copy;

	stat_inc(events, SPF_ATTEMPT);
	fault->seq = seqcount_begin(mmap_seq(fault->mm));
	if (unlikely(seqcount_odd(fault->seq))) {
		stat_inc(events, SPF_ABORT_ODD);
		goto abort;
	}
	if (unlikely(!copy_vma(fault)) || !check(fault))
		goto abort;
	if (fault->address < *layout_at(copy, vma_layout_spf.vm_start, unsigned long) ||
	    fault->address >= *layout_at(copy, vma_layout_spf.vm_end, unsigned long))
		goto abort;
	fault->vma = (struct vma *)fault->copy;
	fault->held = FAULT_SPECULATIVE;
	return true;

abort:
	stat_inc(events, VMA_LOCK_ABORT);
	return false;
}

static void spf_fault_put(struct fault *fault)
{
	(void)fault;
}

/* mmap_write_lock(): odd from now on. */
static void spf_write_locked(struct lock_mm *mm)
{
	seqcount_write_begin(mmap_seq(mm));
}

/* mmap_write_unlock() and _downgrade(): release pairs with the acquire in spf_fault_try(). */
static void spf_write_unlocking(struct lock_mm *mm)
{
	seqcount_write_end(mmap_seq(mm));
}

const struct lock_design lock_spf = {
	.name = "spf",
	.summary = "speculative faults, checked by mmap_seq (2022 series)",
	.flags = LD_SPECULATIVE,
	.vma = &vma_layout_spf,
	.mm = &mm_layout_spf,
	.vma_init = plain_init,
	.vma_destroy = plain_destroy,
	.fault_try = spf_fault_try,
	.fault_put = spf_fault_put,
	.fault_commit = check,
	.write_locked = spf_write_locked,
	.write_unlocking = spf_write_unlocking,
	.vma_start_write = plain_vma_op,
	.vma_mark_attached = plain_vma_op,
	.vma_mark_detached = plain_vma_op,
	.vma_write_locked = plain_vma_write_locked,
};
