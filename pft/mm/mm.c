/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/mm.h"

#include <errno.h>

#include "common/units.h"
#include "pft/base/memory.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/base/task.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/family.h"
#include "pft/mm/fork.h"
#include "pft/mm/mm_groups.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/reclaim.h"
#include "pft/mm/vma.h"

int engine_init(unsigned nodes, struct why *why)
{
	return node_memory_init(nodes, why);
}

void engine_exit(void)
{
	rcu_barrier();
	node_memory_release();
}

void engine_worker_enter(unsigned slot, unsigned node)
{
	arch_slot_enter(slot);
	task_revive(slot);
	node_memory_enter(node);
	rcu_register_thread();
}

void engine_worker_leave(void)
{
	rcu_unregister_thread();
}

/* mm_init(): the image's own fields. */
static int init_image(struct mm *mm)
{
	struct mm_family *family = mm->family;
	unsigned i;
	int rc;

	rc = lock_mm_init(&mm->lock, &family->domain, vma_find_locked);
	if (rc)
		return rc;
	mm->vma = mm->lock.design->vma;
	mm->dontneed_vma_lock = mm->vma->typesafe && mm->lock.fault_try;
	spin_lock_init(mm_field(mm, page_table_lock, struct spinlock));
	rc = pgtable_init(&mm->tables, mm_field(mm, page_table_lock, struct spinlock));
	if (rc) {
		lock_mm_release(&mm->lock);
		return rc;
	}
	vma_index_init(&mm->index, family->vma_nodes);
	*mm_field(mm, mm_mt, struct vma_index *) = &mm->index;
	*mm_field(mm, pgd, struct pgtable *) = &mm->tables;
	*mm_field(mm, map_count, int) = 0;
	mm->rss = mm_field(mm, rss_stat, struct percpu_counter);
	for (i = 0; i < NR_MM_COUNTERS; i++)
		mm->rss[i] = (struct percpu_counter){.count = 0};
	return 0;
}

int mm_alloc(struct mm_family *family, struct memcg *memcg, struct mm **result)
{
	struct mm *mm;
	int rc;

	mm = memory_alloc(sizeof(*mm));
	if (!mm)
		return -ENOMEM;
	*mm = (struct mm){.family = family};
	rc = init_image(mm);
	if (rc) {
		memory_free(mm);
		return rc;
	}
	rc = family_add(family, mm);
	if (rc) {
		pgtable_release(&mm->tables);
		lock_mm_release(&mm->lock);
		memory_free(mm);
		return rc;
	}
	mm->memcg = memcg;
	if (memcg)
		memcg_get(memcg, 1);
	*result = mm;
	return 0;
}

int mm_new(struct mm **mm, const struct mm_options *options, struct why *why)
{
	struct mm_family *family;
	int rc = family_new(&family, options, why);

	if (rc)
		return rc;
	rc = mm_alloc(family, family->memcg_levels ? family->memcgs[family->memcg_levels] : NULL,
		      mm);
	if (rc) {
		family_free(family);
		return why_not(why, -rc, "no memory for an mm");
	}
	return 0;
}

int mm_new_beside(struct mm *mm, struct memcg *memcg, struct mm **result)
{
	return mm_alloc(mm->family, memcg, result);
}

struct memcg_tree *mm_memcg_tree(struct mm *mm)
{
	return &mm->family->tree;
}

struct memcg *mm_memcg(struct mm *mm)
{
	return mm->memcg;
}

struct swap *mm_swap_area(struct mm *mm)
{
	return mm->family->swap ? &mm->family->swap->swap : NULL;
}

struct zswap *mm_zswap(struct mm *mm)
{
	return mm->family->swap ? mm->family->swap->zswap : NULL;
}

unsigned long mm_reclaim(struct mm *mm, struct memcg *memcg, unsigned long pages)
{
	if (!mm->family->swap)
		return 0;
	return reclaim_pages(mm->family, mm_switch(mm), memcg, pages);
}

void mm_free(struct mm *mm)
{
	struct mm_family *family = mm->family;
	bool last;

	mm_exit(mm);
	last = family_remove(family, mm);
	pgtable_release(&mm->tables);
	lock_mm_release(&mm->lock);
	if (mm->memcg)
		memcg_put(mm->memcg, 1);
	memory_free(mm);
	if (last)
		family_free(family);
}
