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

VMA_RWSEM_FAULT(layout)

const struct lock_design lock_vma_rwsem_split = {
	.name = "vma-rwsem-split",
	.summary = "rwsem in a 40-byte object of its own (6.4 to 6.14)",
	.vma = &vma_layout_6_12,
	.vma_lock = &vma_lock_layout_6_12,
	.mm = &mm_layout_6_12,
	VMA_RWSEM_OPS,
};
