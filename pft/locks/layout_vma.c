/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout_vma: all fields of vm_area_struct per era, and of vma_lock. The rwsem is listed by its
 * members, because their lines are what the designs differ in. Configuration as in the
 * distributions' kernels: SWAP, NUMA, USERFAULTFD, no ANON_VMA_NAME.
 */
#include "pft/locks/layouts.h"

/* The members of an rw_semaphore at @at, with @prefix. */
#define RWSEM(prefix, at) \
	{prefix "count", (at), 8}, {prefix "owner", (at) + 8, 8}, {prefix "osq", (at) + 16, 4}, \
		{prefix "wait_lock", (at) + 20, 4}, \
	{ \
		prefix "wait_list", (at) + 24, 16 \
	}

/* What begins every vm_area_struct, from vm_start on. */
#define VMA_HEAD \
	{"vm_start", 0, 8}, {"vm_end", 8, 8}, {"vm_mm", 16, 8}, {"vm_page_prot", 24, 8}, \
	{ \
		"vm_flags", 32, 8 \
	}

const struct layout_field vma_fields_6_1[] = {
	VMA_HEAD,
	{"shared", 40, 32},
	{"anon_vma_chain", 72, 16},
	{"anon_vma", 88, 8},
	{"vm_ops", 96, 8},
	{"vm_pgoff", 104, 8},
	{"vm_file", 112, 8},
	{"vm_private_data", 120, 8},
	{"swap_readahead_info", 128, 8},
	{"vm_policy", 136, 8},
	{"vm_userfaultfd_ctx", 144, 8},
	{0},
};

const struct layout_field vma_fields_6_4_embedded[] = {
	VMA_HEAD,
	{"vm_lock_seq", 40, 4},
	RWSEM("lock.", 48),
	{"detached", 88, 1},
	{"shared", 96, 32},
	{"anon_vma_chain", 128, 16},
	{"anon_vma", 144, 8},
	{"vm_ops", 152, 8},
	{"vm_pgoff", 160, 8},
	{"vm_file", 168, 8},
	{"vm_private_data", 176, 8},
	{"swap_readahead_info", 184, 8},
	{"vm_policy", 192, 8},
	{"numab_state", 200, 8},
	{"vm_userfaultfd_ctx", 208, 8},
	{0},
};

/* 6.12's fields behind vm_flags, which the RFC left where they were. */
#define VMA_TAIL_6_12 \
	{"detached", 40, 1}, {"vm_lock_seq", 44, 4}, {"vm_lock", 48, 8}, {"shared", 56, 32}, \
		{"anon_vma_chain", 88, 16}, {"anon_vma", 104, 8}, {"vm_ops", 112, 8}, \
		{"vm_pgoff", 120, 8}, {"vm_file", 128, 8}, {"vm_private_data", 136, 8}, \
		{"swap_readahead_info", 144, 8}, {"vm_policy", 152, 8}, {"numab_state", 160, 8}, \
	{ \
		"vm_userfaultfd_ctx", 168, 8 \
	}

const struct layout_field vma_fields_6_12[] = {VMA_HEAD, VMA_TAIL_6_12, {0}};

/* Its vm_lock is a dummy that only keeps the place. */
const struct layout_field vma_fields_rfc[] = {VMA_HEAD, VMA_TAIL_6_12, RWSEM("lock.", 192), {0}};

/* 6.18 from anon_vma_chain to numab_state, and from shared on. */
#define VMA_MIDDLE_6_18 \
	{"anon_vma_chain", 48, 16}, {"anon_vma", 64, 8}, {"vm_ops", 72, 8}, {"vm_pgoff", 80, 8}, \
		{"vm_file", 88, 8}, {"vm_private_data", 96, 8}, {"swap_readahead_info", 104, 8}, \
		{"vm_policy", 112, 8}, \
	{ \
		"numab_state", 120, 8 \
	}
#define VMA_TAIL_6_18 \
	{"shared", 136, 32}, {"vm_userfaultfd_ctx", 168, 8}, \
	{ \
		"pfnmap_track_ctx", 176, 8 \
	}

const struct layout_field vma_fields_6_18[] = {
	VMA_HEAD, {"vm_lock_seq", 40, 4}, VMA_MIDDLE_6_18, {"vm_refcnt", 128, 4}, VMA_TAIL_6_18,
	{0},
};

const struct layout_field vma_fields_near_seq[] = {
	VMA_HEAD, VMA_MIDDLE_6_18, {"vm_refcnt", 128, 4}, {"vm_lock_seq", 132, 4}, VMA_TAIL_6_18,
	{0},
};

const struct layout_field vma_lock_fields[] = {RWSEM("lock.", 0), {0}};
