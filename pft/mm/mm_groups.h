/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm_groups: several mms over one arena, what each is charged to, and where pages go that memory has
 * no room for: the rest of mm.h, for who cares about limits and swap.
 */
#ifndef PFT_MM_MM_GROUPS_H
#define PFT_MM_MM_GROUPS_H

#include "pft/base/memcg.h"
#include "pft/mm/mm.h"
#include "pft/zswap/swap.h"
#include "pft/zswap/zswap.h"

/* Where pages go that memory has no room for: zswap first, then a file. */
struct mm_swap_options {
	struct swap_device_options device; /* its slot is seen to */
	struct zswap_options zswap; /* memcgs and total_pages are seen to */
	uint64_t memory; /* bytes that max_pool_percent is a share of; 0: the arena */
	unsigned page_cluster; /* a swap fault reads 1 << this slots: vm.page-cluster */
};

/* One more empty address space over the arena, the swap and the groups of @mm, charged to @memcg
 * (NULL: not at all), to which the caller has a reference. 0 or -ENOMEM. */
int mm_new_beside(struct mm *mm, struct memcg *memcg, struct mm **result);

/* The groups of @mm and those it shares an arena with, for memcg_new() and the limits, and the group
 * that @mm is charged to. All but those of mm_options must be offline before the last mm is freed. */
struct memcg_tree *mm_memcg_tree(struct mm *mm);
struct memcg *mm_memcg(struct mm *mm);

/* The swap of @mm and those beside it, for its counters; NULL: none. */
struct swap *mm_swap_area(struct mm *mm);
struct zswap *mm_zswap(struct mm *mm);

/* memory.reclaim: free @pages charged to @memcg (NULL: any) and below. Returns how many were. */
unsigned long mm_reclaim(struct mm *mm, struct memcg *memcg, unsigned long pages);

#endif
