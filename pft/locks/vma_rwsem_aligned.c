/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vma_rwsem_aligned: the RFC of 8 Aug 2024; the lock shares its 128-byte pair with vm_policy. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_rwsem.h"

static const struct vma_rwsem_layout layout = {
	.vma = &vma_layout_rfc,
	.mm = &mm_layout_6_12,
};

VMA_RWSEM_FAULT(layout)

const struct lock_design lock_vma_rwsem_aligned = {
	.name = "vma-rwsem-aligned",
	.summary = "rwsem back in the VMA, alone in its fourth line (RFC of Aug 2024)",
	.vma = &vma_layout_rfc,
	.mm = &mm_layout_6_12,
	VMA_RWSEM_OPS,
};
