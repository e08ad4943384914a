/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_refcnt: what 6.18 does. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_ref.h"

static const struct vma_ref_layout layout = {
	.vma = &vma_layout_6_18,
	.mm = &mm_layout_6_18,
};

static bool fault_try(struct fault *fault)
{
	return vma_ref_fault_try(fault, &layout);
}

static void fault_put(struct fault *fault)
{
	vma_ref_put(fault->vma, &layout);
}

const struct lock_design lock_vma_refcnt = {
	.name = "vma-refcnt",
	.summary = "vm_refcnt in the third line, typesafe VMAs (6.15 and later)",
	.flags = LD_PER_VMA,
	.vma = &vma_layout_6_18,
	.mm = &mm_layout_6_18,
	.vma_init = vma_ref_init,
	.vma_destroy = vma_ref_destroy,
	.fault_try = fault_try,
	.fault_put = fault_put,
	.write_locked = vma_ref_write_locked,
	.write_unlocking = vma_ref_write_unlocking,
	.vma_start_write = vma_ref_start_write,
	.vma_mark_attached = vma_ref_mark_attached,
	.vma_mark_detached = vma_ref_mark_detached,
	.vma_write_locked = vma_ref_vma_write_locked,
};
