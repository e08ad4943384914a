/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_rwsem_split_aligned: struct vma_lock from a slab with SLAB_HWCACHE_ALIGN. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_rwsem.h"

static const struct vma_rwsem_layout layout = {
	.vma = &vma_layout_6_12,
	.mm = &mm_layout_6_12,
	.separate = true,
};

VMA_RWSEM_FAULT(layout)

const struct lock_design lock_vma_rwsem_split_aligned = {
	.name = "vma-rwsem-split-aligned",
	.summary = "the same, each lock alone in its line",
	.vma = &vma_layout_6_12,
	.vma_lock = &vma_lock_layout_aligned,
	.mm = &mm_layout_6_12,
	VMA_RWSEM_OPS,
};
