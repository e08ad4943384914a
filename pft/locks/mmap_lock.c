/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmap_lock: every fault takes mmap_lock for read, as up to 6.3. VMAs are freed at once. */
#include "pft/locks/layouts_mm.h"
#include "pft/locks/plain.h"

const struct lock_design lock_mmap_lock = {
	.name = "mmap-lock",
	.summary = "faults take mmap_lock for read (up to 6.3)",
	.vma = &vma_layout_6_1,
	.mm = &mm_layout_6_1,
	.vma_init = plain_init,
	.vma_destroy = plain_destroy,
	.write_locked = plain_write_locked,
	.write_unlocking = plain_write_unlocking,
	.vma_start_write = plain_vma_op,
	.vma_mark_attached = plain_vma_op,
	.vma_mark_detached = plain_vma_op,
	.vma_write_locked = plain_vma_write_locked,
};
