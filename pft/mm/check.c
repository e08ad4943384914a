/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: the full walk. First each mm: its VMAs against the index, its PTEs against its VMAs, its
 * counters against its PTEs. Then what the family shares: how often each frame is mapped, by whom
 * it is kept, where it is listed, to whom it is charged.
 */
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/family.h"
#include "pft/mm/pgtable_range.h"
#include "pft/mm/vma.h"
#include "pft/mm/vma_walk.h"

/* What the walk has found of a frame. */
struct found {
	uint32_t maps, batches, lists;
};

struct census {
	struct pgtable_visit visit;
	struct mm_family *family;
	struct mm *mm;
	struct vma *vma; /* whose range is looked at */
	struct found *found[NODE_MEMORY_MAX];
	uint64_t present; /* PTEs of the mm */
};

static struct found *found_of(struct census *census, const struct frame *frame)
{
	return &census->found[frame->node][frame_number(census->family->zones, frame)];
}

static int check_entry(struct pgtable_visit *visit, unsigned long address, uint64_t pte)
{
	struct census *census = container_of(visit, struct census, visit);
	struct mm *mm = census->mm;
	struct frame *frame;
	unsigned long flags;

	if (!(pte & PTE_PRESENT))
		BUG("entry %lx at %lx is not of a page", (unsigned long)pte, address);
	if (!census->vma)
		BUG("a page is mapped at %lx, outside all VMAs", address);
	frame = frame_of_pfn(mm->family->zones, pte_frame(pte));
	flags = vma_flags(mm, census->vma);
	if (pte & PTE_WRITE && !(flags & VM_WRITE))
		BUG("the page at %lx may be written, its VMA may not", address);
	if (!(pte & PTE_NOACCESS) != !!(flags & VM_ACCESS))
		BUG("the page at %lx and its VMA differ in access", address);
	if (pte & PTE_WRITE && arch_read_once(&frame->mapcount) != 1)
		BUG("the page at %lx may be written and is shared", address);
	if (!vma_anon(mm, census->vma) || !frame->mapping)
		BUG("the page at %lx has no anon_vma", address);
	if (frame->index != vma_pgoff(mm, census->vma, address))
		BUG("the page at %lx is that of index %lx", address, frame->index);
	if (frame->mapping->root != vma_anon(mm, census->vma)->root)
		BUG("the page at %lx belongs to another anon_vma", address);
	found_of(census, frame)->maps++;
	census->present++;
	return 0;
}

/* A VMA is linked to its anon_vma and to each above it, once. */
static void check_chains(const struct mm *mm, const struct vma *vma)
{
	const struct anon_vma_chain *chain;
	const struct anon_vma *anon;
	int above = 0;

	for (anon = mm->family->rmap ? vma_anon(mm, vma) : NULL; anon; anon = anon->parent)
		above++;
	chain = vma_load(mm, vma, anon_vma_chain, struct anon_vma_chain *);
	for (; chain; chain = chain->next, above--) {
		for (anon = vma_anon(mm, vma); anon && anon != chain->anon; anon = anon->parent)
			;
		if (chain->vma != vma || !anon || list_empty(&chain->same_anon))
			BUG("the VMA at %lx is linked to an anon_vma that is not its",
			    vma_start(mm, vma));
	}
	if (above)
		BUG("the VMA at %lx has %d anon_vmas more than links", vma_start(mm, vma), above);
}

/* One VMA; @below is the one before it. */
static void check_vma(struct mm *mm, struct vma *vma, const struct vma_range *range)
{
	if (vma_start(mm, vma) != range->start || vma_end(mm, vma) != range->end)
		BUG("the VMA of %lx-%lx says %lx-%lx", range->start, range->end, vma_start(mm, vma),
		    vma_end(mm, vma));
	if (vma_load(mm, vma, vm_pgoff, unsigned long) != range->start >> PAGE_SHIFT)
		BUG("the VMA at %lx has a wrong vm_pgoff", range->start);
	if (vma_load(mm, vma, vm_mm, struct lock_mm *) != &mm->lock)
		BUG("the VMA at %lx belongs to another mm", range->start);
	if (vma_load(mm, vma, vm_file, void *))
		BUG("the VMA at %lx is on a list of detached ones", range->start);
	if (vma_anon(mm, vma) && arch_read_once(&vma_anon(mm, vma)->refcount) <= 0)
		BUG("the anon_vma at %lx is not referred to", range->start);
	check_chains(mm, vma);
}

static void check_vmas(struct census *census, struct mm *mm)
{
	unsigned long at = 0;
	struct vma_walk walk;
	struct vma *vma;
	int count = 0;

	census->mm = mm;
	census->present = 0;
	vma_walk_init(&walk, &mm->index, 0);
	while ((vma = vma_walk_next(&walk))) {
		check_vma(mm, vma, &walk.range);
		census->vma = NULL;
		pgtable_look(&mm->tables, at, walk.range.start, &census->visit);
		census->vma = vma;
		pgtable_look(&mm->tables, walk.range.start, walk.range.end, &census->visit);
		at = walk.range.end;
		count++;
	}
	census->vma = NULL;
	pgtable_look(&mm->tables, at, PGTABLE_END, &census->visit);
	if (count != arch_read_once(mm_field(mm, map_count, int)))
		BUG("%d VMAs are counted as %d", count, *mm_field(mm, map_count, int));
	if (rss_sum(mm, MM_ANONPAGES) != (long)census->present)
		BUG("%lu pages are counted as %ld", (unsigned long)census->present,
		    rss_sum(mm, MM_ANONPAGES));
}

static void check_mm(struct census *census, struct mm *mm)
{
	if (!rwsem_notheld(lock_mmap_sem(&mm->lock)))
		BUG("mmap_lock is held");
	if (spin_is_locked(mm_field(mm, page_table_lock, struct spinlock)))
		BUG("page_table_lock is held");
	vma_index_check(&mm->index);
	pgtable_check(&mm->tables);
	check_vmas(census, mm);
}

/* Count the frames that wait in batches, and those in free lists. */
static void check_worker(struct census *census, struct mm_family *family, struct mm_worker *worker)
{
	unsigned i, node, count;
	struct frame *frame;

	for (i = 0; i < worker->lru.nr; i++)
		found_of(census, worker->lru.frames[i])->batches++;
	for (node = 0; worker->active_mm && node < family->nr_nodes; node++) {
		count = 0;
		list_for_each_entry(frame, &worker->pcps[node].list, lru)
		{
			if (frame->node != node || frame->flags != FRAME_FREE)
				BUG("a frame of node %u is in the list of node %u", frame->node,
				    node);
			found_of(census, frame)->lists++;
			count++;
		}
		if (count != worker->pcps[node].count)
			BUG("%u frames are counted as %u", count, worker->pcps[node].count);
	}
}

static void check_lists(struct census *census, struct mm_family *family)
{
	unsigned level, node;
	struct frame *frame;
	uint64_t count;

	for (node = 0; node < family->nr_nodes; node++) {
		for (level = 0; level <= family->memcg_levels; level++) {
			struct lruvec *lruvec = &family->memcgs[level]->lruvecs[node];
			struct list_head *list = &lruvec->lists[LRU_INACTIVE_ANON];

			count = 0;
			list_for_each_entry(frame, list, lru)
			{
				if (frame->flags != FRAME_LRU || frame->node != node)
					BUG("a frame with flags %x is on an LRU list of node %u",
					    frame->flags, node);
				found_of(census, frame)->lists++;
				count++;
			}
			if (count != lruvec->nr[LRU_INACTIVE_ANON] ||
			    spin_is_locked(&lruvec->lru_lock))
				BUG("an LRU list of %lu says %lu", (unsigned long)count,
				    (unsigned long)lruvec->nr[LRU_INACTIVE_ANON]);
		}
	}
}

/* One frame against what was found of it. Returns the group it is charged to. */
static struct memcg *check_frame(const struct frame *frame, const struct found *found,
				 unsigned long at)
{
	bool listed = frame->flags & (FRAME_LRU | FRAME_FREE);

	if (frame->flags & FRAME_FREE && (frame->refcount || frame->mapcount || frame->memcg))
		BUG("free frame %lu has %d references, %d maps", at, frame->refcount,
		    frame->mapcount);
	if (!(frame->flags & FRAME_FREE) && !frame->refcount)
		BUG("frame %lu is lost", at);
	if ((int32_t)found->maps != frame->mapcount)
		BUG("frame %lu is mapped %u times, not %d", at, found->maps, frame->mapcount);
	if ((int32_t)(found->maps + found->batches) != frame->refcount)
		BUG("frame %lu has %u users, not %d", at, found->maps + found->batches,
		    frame->refcount);
	if (found->lists != listed)
		BUG("frame %lu is on %u lists", at, found->lists);
	return frame->memcg;
}

static void check_memcgs(struct mm_family *family, uint64_t charged)
{
	unsigned level, slot;

	for (slot = 0; slot < family->nr_slots; slot++)
		charged += family->workers[slot].stock.nr_pages;
	for (level = 1; level <= family->memcg_levels; level++) {
		struct page_counter *counter = &family->memcgs[level]->memory;

		if (counter->usage != (long)charged || counter->usage > counter->max)
			BUG("%lu pages are charged as %ld", (unsigned long)charged, counter->usage);
	}
}

static void check_frames(struct census *census, struct mm_family *family)
{
	uint64_t i, nr_free, charged = 0;
	unsigned node;

	for (node = 0; node < family->nr_nodes; node++) {
		struct zone *zone = &family->zones[node];

		if (spin_is_locked(&zone->lock))
			BUG("the lock of zone %u is held", node);
		for (i = nr_free = 0; i < zone->nr_frames; i++) {
			census->found[node][i].lists += zone_is_free(zone, i);
			nr_free += zone_is_free(zone, i);
			charged +=
				check_frame(&zone->frames[i], &census->found[node][i], i) != NULL;
		}
		if (nr_free != zone->nr_free)
			BUG("%lu free frames are counted as %lu", (unsigned long)nr_free,
			    (unsigned long)zone->nr_free);
	}
	check_memcgs(family, charged);
}

void mm_check(struct mm *mm)
{
	struct mm_family *family = mm->family;
	struct census census = {.visit = {.entry = check_entry}, .family = family};
	struct mm *one;
	unsigned i;

	for (i = 0; i < family->nr_nodes; i++)
		census.found[i] = xcalloc(family->zones[i].nr_frames, sizeof(*census.found[i]));
	list_for_each_entry(one, &family->mms, link) check_mm(&census, one);
	for (i = 0; i < family->nr_slots; i++)
		check_worker(&census, family, &family->workers[i]);
	check_lists(&census, family);
	check_frames(&census, family);
	for (i = 0; i < family->nr_nodes; i++)
		free(census.found[i]);
}
