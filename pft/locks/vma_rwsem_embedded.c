/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_rwsem_embedded: the rwsem right behind vm_flags; count and owner share the first line. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_rwsem.h"

static const struct vma_rwsem_layout layout = {
	.vma = &vma_layout_6_4_embedded,
	.mm = &mm_layout_6_12,
};

VMA_RWSEM_FAULT(layout)

const struct lock_design lock_vma_rwsem_embedded = {
	.name = "vma-rwsem-embedded",
	.summary = "rwsem among the VMA's first fields (middle of the 6.4 series)",
	.vma = &vma_layout_6_4_embedded,
	.mm = &mm_layout_6_12,
	VMA_RWSEM_OPS,
};
