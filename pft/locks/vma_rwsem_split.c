/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_rwsem_split: struct vma_lock from an unaligned slab: its lines are shared with other locks.
 */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_rwsem.h"

static const struct vma_rwsem_layout layout = {
	.vma = &vma_layout_6_12,
	.mm = &mm_layout_6_12,
	.separate = true,
};

static bool fault_try(struct fault *fault)
{
	return vma_rwsem_fault_try(fault, &layout);
}

static void fault_put(struct fault *fault)
{
	vma_rwsem_end_read(fault->vma, &layout);
}

const struct lock_design lock_vma_rwsem_split = {
	.name = "vma-rwsem-split",
	.summary = "rwsem in a 40-byte object of its own (6.4 to 6.14)",
	.flags = LD_PER_VMA,
	.vma = &vma_layout_6_12,
	.vma_lock = &vma_lock_layout_6_12,
	.mm = &mm_layout_6_12,
	.vma_init = vma_rwsem_init,
	.vma_destroy = vma_rwsem_destroy,
	.fault_try = fault_try,
	.fault_put = fault_put,
	.write_locked = vma_rwsem_write_locked,
	.write_unlocking = vma_rwsem_write_unlocking,
	.vma_start_write = vma_rwsem_start_write,
	.vma_mark_attached = vma_rwsem_mark_attached,
	.vma_mark_detached = vma_rwsem_mark_detached,
	.vma_write_locked = vma_rwsem_vma_write_locked,
};
