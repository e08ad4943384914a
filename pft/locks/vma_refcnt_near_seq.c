/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_refcnt_near_seq: the first look of every fault hits the line that every other fault dirties.
 */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_ref.h"

static const struct vma_ref_layout layout = {
	.vma = &vma_layout_near_seq,
	.mm = &mm_layout_6_18,
};

VMA_REF_FAULT(layout)

const struct lock_design lock_vma_refcnt_near_seq = {
	.name = "vma-refcnt-near-seq",
	.summary = "the same with vm_lock_seq beside vm_refcnt (dropped, Feb 2025)",
	.vma = &vma_layout_near_seq,
	.mm = &mm_layout_6_18,
	VMA_REF_OPS,
};
