/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_refcnt: what 6.18 does. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_ref.h"

static const struct vma_ref_layout layout = {
	.vma = &vma_layout_6_18,
	.mm = &mm_layout_6_18,
};

VMA_REF_FAULT(layout)

const struct lock_design lock_vma_refcnt = {
	.name = "vma-refcnt",
	.summary = "vm_refcnt in the third line, typesafe VMAs (6.15 and later)",
	.vma = &vma_layout_6_18,
	.mm = &mm_layout_6_18,
	VMA_REF_OPS,
};
