/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layouts: the layouts that the designs use; every figure is from a kernel's BTF, or derived from a
 * patch where no release had it. Constants in a header, so that the compiler folds the offsets into
 * the fast paths; the full field lists stand in layout_vma.c and layout_mm.c.
 */
#ifndef PFT_LOCKS_LAYOUTS_H
#define PFT_LOCKS_LAYOUTS_H

#include "pft/locks/layout.h"

extern const struct layout_field vma_fields_6_1[], vma_fields_6_4_embedded[], vma_fields_6_12[],
	vma_fields_rfc[], vma_fields_6_18[], vma_fields_near_seq[];
extern const struct layout_field vma_lock_fields[];
extern const struct layout_field mm_fields_6_1[], mm_fields_spf[], mm_fields_6_12[],
	mm_fields_6_18[];

/* mmap_lock alone, and speculative faults, which free VMAs by RCU. */
static const struct vma_layout vma_layout_6_1 = {
	.name = "6.1",
	.source = "BTF of 6.1.176",
	.size = 152,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = LAYOUT_NONE,
	.vm_lock_seq = LAYOUT_NONE,
	.lock = LAYOUT_NONE,
	.anon_vma_chain = 72,
	.anon_vma = 88,
	.vm_pgoff = 104,
	.vm_policy = 136,
	.vm_file = 112,
	.vm_freeptr = LAYOUT_NONE,
	.vm_rcu = LAYOUT_NONE,
	.fields = vma_fields_6_1,
};

static const struct vma_layout vma_layout_spf = {
	.name = "6.1-spf",
	.source = "BTF of 6.1.176; vm_rcu over vm_start as in the 2022 series",
	.size = 152,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = LAYOUT_NONE,
	.vm_lock_seq = LAYOUT_NONE,
	.lock = LAYOUT_NONE,
	.anon_vma_chain = 72,
	.anon_vma = 88,
	.vm_pgoff = 104,
	.vm_policy = 136,
	.vm_file = 112,
	.vm_freeptr = LAYOUT_NONE,
	.vm_rcu = 0,
	.fields = vma_fields_6_1,
};

/* count and owner of the rwsem in the line of vm_start, vm_flags and vm_lock_seq. */
static const struct vma_layout vma_layout_6_4_embedded = {
	.name = "6.4-embedded",
	.source = "derived: 5e31275cc997 in the middle of the 6.4 series, with detached",
	.size = 216,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = 88,
	.vm_lock_seq = 40,
	.lock = 48,
	.anon_vma_chain = 128,
	.anon_vma = 144,
	.vm_pgoff = 160,
	.vm_policy = 192,
	.vm_file = 168,
	.vm_freeptr = LAYOUT_NONE,
	.vm_rcu = 0,
	.fields = vma_fields_6_4_embedded,
};

/* A pointer to the lock, which lies in a slab of its own. */
static const struct vma_layout vma_layout_6_12 = {
	.name = "6.12",
	.source = "BTF of 6.12.117",
	.size = 176,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = 40,
	.vm_lock_seq = 44,
	.lock = 48,
	.anon_vma_chain = 88,
	.anon_vma = 104,
	.vm_pgoff = 120,
	.vm_policy = 152,
	.vm_file = 128,
	.vm_freeptr = LAYOUT_NONE,
	.vm_rcu = 0,
	.fields = vma_fields_6_12,
};

/* The lock back in the VMA, last and alone in its line; no other field moves. */
static const struct vma_layout vma_layout_rfc = {
	.name = "rfc",
	.source = "derived: RFC 20240808185949.1094891-1 on 6.12",
	.size = 256,
	.hwcache_align = true,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = 40,
	.vm_lock_seq = 44,
	.lock = 192,
	.anon_vma_chain = 88,
	.anon_vma = 104,
	.vm_pgoff = 120,
	.vm_policy = 152,
	.vm_file = 128,
	.vm_freeptr = LAYOUT_NONE,
	.vm_rcu = 0,
	.fields = vma_fields_rfc,
};

/* vm_refcnt in the third line; vm_lock_seq, which every fault looks at first, stays in the first.
 */
static const struct vma_layout vma_layout_6_18 = {
	.name = "6.18",
	.source = "BTF of 6.18.44",
	.size = 192,
	.hwcache_align = true,
	.typesafe = true,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = LAYOUT_NONE,
	.vm_lock_seq = 40,
	.lock = 128,
	.anon_vma_chain = 48,
	.anon_vma = 64,
	.vm_pgoff = 80,
	.vm_policy = 112,
	.vm_file = 88,
	.vm_freeptr = 0,
	.vm_rcu = LAYOUT_NONE,
	.fields = vma_fields_6_18,
};

/* vm_lock_seq in the hole behind vm_refcnt; it left a hole where it was, no other field moves. */
static const struct vma_layout vma_layout_near_seq = {
	.name = "6.18-near-seq",
	.source = "derived: the packing tried and dropped on 13 Feb 2025, on 6.18",
	.size = 192,
	.hwcache_align = true,
	.typesafe = true,
	.vm_start = 0,
	.vm_end = 8,
	.vm_mm = 16,
	.vm_page_prot = 24,
	.vm_flags = 32,
	.detached = LAYOUT_NONE,
	.vm_lock_seq = 132,
	.lock = 128,
	.anon_vma_chain = 48,
	.anon_vma = 64,
	.vm_pgoff = 80,
	.vm_policy = 112,
	.vm_file = 88,
	.vm_freeptr = 0,
	.vm_rcu = LAYOUT_NONE,
	.fields = vma_fields_near_seq,
};

#endif
