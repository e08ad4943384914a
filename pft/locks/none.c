/* SPDX-License-Identifier: GPL-2.0-or-later */
/* none: no lock at all on the fault path; right for one worker, and the floor for all others. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/plain.h"

static bool none_fault_try(struct fault *fault)
{
	struct vma *vma = fault->mm->find(fault->mm, fault->address);

	if (unlikely(!vma)) {
		stat_inc(&fault->mm->domain->events, VMA_LOCK_ABORT);
		return false;
	}
	fault->vma = vma;
	fault->held = FAULT_VMA;
	return true;
}

static void none_fault_put(struct fault *fault)
{
	(void)fault;
}

const struct lock_design lock_none = {
	.name = "none",
	.summary = "no lock, for one worker: the floor",
	.flags = LD_SINGLE,
	.vma = &vma_layout_6_1,
	.mm = &mm_layout_6_1,
	.vma_init = plain_init,
	.vma_destroy = plain_destroy,
	.fault_try = none_fault_try,
	.fault_put = none_fault_put,
	.write_locked = plain_write_locked,
	.write_unlocking = plain_write_unlocking,
	.vma_start_write = plain_vma_op,
	.vma_mark_attached = plain_vma_op,
	.vma_mark_detached = plain_vma_op,
	.vma_write_locked = plain_vma_write_locked,
};
