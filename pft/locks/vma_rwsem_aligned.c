/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_rwsem_aligned: the RFC of 8 Aug 2024; the lock shares its 128-byte pair with vm_policy. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_rwsem.h"

static const struct vma_rwsem_layout layout = {
	.vma = &vma_layout_rfc,
	.mm = &mm_layout_6_12,
};

static bool fault_try(struct fault *fault)
{
	return vma_rwsem_fault_try(fault, &layout);
}

static void fault_put(struct fault *fault)
{
	vma_rwsem_end_read(fault->vma, &layout);
}

const struct lock_design lock_vma_rwsem_aligned = {
	.name = "vma-rwsem-aligned",
	.summary = "rwsem back in the VMA, alone in its fourth line (RFC of Aug 2024)",
	.flags = LD_PER_VMA,
	.vma = &vma_layout_rfc,
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
