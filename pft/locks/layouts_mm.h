/* SPDX-License-Identifier: GPL-2.0-or-later */
/* layouts_mm: the layouts of vma_lock and mm_struct that the designs use; see layouts.h. */
#ifndef PFT_LOCKS_LAYOUTS_MM_H
#define PFT_LOCKS_LAYOUTS_MM_H

#include "pft/locks/layouts.h"

/* Shares lines with one or two neighbours; in 13 of a page's 102 count and owner are in two lines.
 */
static const struct vma_lock_layout vma_lock_layout_6_12 = {
	.name = "6.12",
	.source = "BTF of 6.12.117",
	.size = 40,
	.fields = vma_lock_fields,
};

static const struct vma_lock_layout vma_lock_layout_aligned = {
	.name = "6.12-aligned",
	.source = "6.12 with SLAB_HWCACHE_ALIGN: a line per lock",
	.size = 40,
	.hwcache_align = true,
	.fields = vma_lock_fields,
};

static const struct mm_layout mm_layout_6_1 = {
	.name = "6.1",
	.source = "BTF of 6.1.176",
	.size = 1088,
	.mm_count = 88,
	.mm_mt = 0,
	.pgd = 72,
	.map_count = 104,
	.page_table_lock = 108,
	.mmap_lock = 112,
	.vma_writer_wait = LAYOUT_NONE,
	.mm_lock_seq = LAYOUT_NONE,
	.rss_stat = 720,
	.fields = mm_fields_6_1,
};

/* mmap_seq right behind mmap_lock, in the line of its wait_list; what follows is 8 bytes further.
 */
static const struct mm_layout mm_layout_spf = {
	.name = "6.1-spf",
	.source = "derived: mmap_seq of the 2022 series on 6.1.176",
	.size = 1096,
	.mm_count = 88,
	.mm_mt = 0,
	.pgd = 72,
	.map_count = 104,
	.page_table_lock = 108,
	.mmap_lock = 112,
	.vma_writer_wait = LAYOUT_NONE,
	.mm_lock_seq = 152,
	.rss_stat = 728,
	.fields = mm_fields_spf,
};

static const struct mm_layout mm_layout_6_12 = {
	.name = "6.12",
	.source = "BTF of 6.12.117",
	.size = 1344,
	.mm_count = 0,
	.mm_mt = 64,
	.pgd = 120,
	.map_count = 160,
	.page_table_lock = 164,
	.mmap_lock = 168,
	.vma_writer_wait = LAYOUT_NONE,
	.mm_lock_seq = 224,
	.rss_stat = 824,
	.fields = mm_fields_6_12,
};

/* mm_lock_seq in the line of mmap_lock's owner: whoever takes mmap_lock takes it from all faults.
 */
static const struct mm_layout mm_layout_6_18 = {
	.name = "6.18",
	.source = "BTF of 6.18.44",
	.size = 1472,
	.mm_count = 0,
	.mm_mt = 64,
	.pgd = 120,
	.map_count = 176,
	.page_table_lock = 180,
	.mmap_lock = 184,
	.vma_writer_wait = 240,
	.mm_lock_seq = 248,
	.rss_stat = 960,
	.fields = mm_fields_6_18,
};

#endif
