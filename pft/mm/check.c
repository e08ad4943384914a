/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: the full walk. First each mm: its VMAs against the index, its PTEs against its VMAs, its
 * counters against its PTEs. Then what the family shares: how often each frame is mapped, by whom
 * it is kept, where it is listed, to whom it is charged.
 */
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/base/frame_lock.h"
#include "pft/base/obj_cgroup.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/family.h"
#include "pft/mm/kswapd.h"
#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"
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
	uint64_t *charged; /* frames and stocks, by group */
	uint64_t present, swapped; /* PTEs of the mm */
	uint32_t *uses; /* of each swap slot, by PTEs */
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

	if (!census->vma)
		BUG("a page is mapped at %lx, outside all VMAs", address);
	if (pte_is_swap(pte)) {
		if (!census->uses || pte_swap_offset(pte) >= mm->family->swap->swap.slots.nr)
			BUG("entry %lx at %lx is of no slot", (unsigned long)pte, address);
		census->uses[pte_swap_offset(pte)]++;
		census->swapped++;
		return 0;
	}
	if (!(pte & PTE_PRESENT))
		BUG("entry %lx at %lx is not of a page", (unsigned long)pte, address);
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
	census->swapped = 0;
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
	if (rss_sum(mm, MM_SWAPENTS) != (long)census->swapped)
		BUG("%lu swapped pages are counted as %ld", (unsigned long)census->swapped,
		    rss_sum(mm, MM_SWAPENTS));
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
	for (node = 0; node < family->nr_nodes; node++) {
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

/* One LRU list. */
static void check_list(struct census *census, struct lruvec *lruvec, enum lru_list list)
{
	struct frame *frame;
	uint64_t count = 0;

	list_for_each_entry(frame, &lruvec->lists[list], lru)
	{
		if (!frame_test(frame, FRAME_LRU) || frame_test(frame, FRAME_FREE) ||
		    frame_test(frame, FRAME_LOCKED | FRAME_WRITEBACK) ||
		    frame_test(frame, FRAME_ACTIVE) != (list == LRU_ACTIVE_ANON) ||
		    frame_lruvec(census->family, frame) != lruvec)
			BUG("a frame with flags %x is on an LRU list of node %u", frame->flags,
			    lruvec->node);
		found_of(census, frame)->lists++;
		count++;
	}
	if (count != lruvec->nr[list] || spin_is_locked(&lruvec->lru_lock))
		BUG("an LRU list of %lu says %lu", (unsigned long)count,
		    (unsigned long)lruvec->nr[list]);
}

static void check_lists(struct census *census, struct mm_family *family)
{
	struct memcg *memcg = NULL;
	unsigned node;

	while ((memcg = memcg_next(family->tree.root, memcg))) {
		for (node = 0; node < family->nr_nodes; node++) {
			check_list(census, &memcg->lruvecs[node], LRU_INACTIVE_ANON);
			check_list(census, &memcg->lruvecs[node], LRU_ACTIVE_ANON);
		}
	}
}

/* One frame against what was found of it. Returns the group it is charged to. */
static struct memcg *check_frame(const struct frame *frame, const struct found *found,
				 unsigned long at)
{
	bool listed = frame->flags & (FRAME_LRU | FRAME_FREE);
	unsigned users;

	if (frame->flags & FRAME_FREE && (frame->refcount || frame->mapcount || frame->memcg))
		BUG("free frame %lu has %d references, %d maps", at, frame->refcount,
		    frame->mapcount);
	if (!(frame->flags & FRAME_FREE) && !frame->refcount)
		BUG("frame %lu is lost", at);
	if ((int32_t)found->maps != frame->mapcount)
		BUG("frame %lu is mapped %u times, not %d", at, found->maps, frame->mapcount);
	users = found->maps + found->batches + frame_test(frame, FRAME_SWAPCACHE);
	if ((int32_t)users != frame->refcount)
		BUG("frame %lu has %u users, not %d", at, users, frame->refcount);
	if (found->lists != listed)
		BUG("frame %lu is on %u lists", at, found->lists);
	return frame->memcg;
}

/* Pages charged to @memcg and below, but for those that were compressed. */
static uint64_t charged_below(struct census *census, struct memcg *memcg)
{
	struct memcg *one = NULL;
	uint64_t sum = 0;

	while ((one = memcg_next(memcg, one)))
		sum += census->charged[one->id];
	return sum;
}

/* What groups are charged. Compressed bytes come on top, in whole pages for each group. */
static void check_memcgs(struct census *census, struct mm_family *family)
{
	struct memcg *memcg = NULL;
	unsigned slot;

	if (family->swap)
		obj_cgroup_drain_all(&family->tree);
	family_for_each_slot(slot, family)
	{
		const struct memcg_stock *stock = &family->workers[slot].stock;

		if (stock->nr_pages)
			census->charged[memcg_of_stock(stock)->id] += stock->nr_pages;
	}
	while ((memcg = memcg_next(family->tree.root, memcg))) {
		struct page_counter *counter = &memcg->memory;
		uint64_t charged = memcg->parent ? charged_below(census, memcg) : 0;
		long more = counter->usage - (long)charged;
		long bytes = arch_read_once(&memcg->zswap_bytes);

		bytes = family->tree.frames_only ? 0 : bytes;
		if (more < bytes / PAGE_SIZE ||
		    more > bytes / PAGE_SIZE + (family->swap ? MEMCG_MAX : 0))
			BUG("%lu pages and %ld compressed bytes are charged as %ld",
			    (unsigned long)charged, bytes, counter->usage);
		if (!family->swap && counter->usage > counter->max)
			BUG("%ld pages are charged beyond %ld", counter->usage, counter->max);
	}
}

static void check_frames(struct census *census, struct mm_family *family)
{
	const struct memcg *memcg;
	uint64_t i, nr_free;
	unsigned node;

	for (node = 0; node < family->nr_nodes; node++) {
		struct zone *zone = &family->zones[node];

		if (spin_is_locked(&zone->lock))
			BUG("the lock of zone %u is held", node);
		for (i = nr_free = 0; i < zone->nr_frames; i++) {
			census->found[node][i].lists += zone_is_free(zone, i);
			nr_free += zone_is_free(zone, i);
			memcg = check_frame(&zone->frames[i], &census->found[node][i], i);
			if (memcg)
				census->charged[memcg->id]++;
		}
		if (nr_free != zone->nr_free)
			BUG("%lu free frames are counted as %lu", (unsigned long)nr_free,
			    (unsigned long)zone->nr_free);
	}
	check_memcgs(census, family);
}

/* Every slot's uses, then what the swap's own files know to check. Its threads rest. */
static void check_swap(struct census *census, struct mm_swap *swap)
{
	struct zswap_contents contents;
	struct why why = WHY_INIT;
	uint64_t slot;

	for (slot = 0; slot < swap->swap.slots.nr; slot++) {
		unsigned uses = census->uses[slot] + (swap->swap.cache.table[slot] != NULL);

		if (swap_slot_count(&swap->swap.slots, slot) != uses)
			BUG("slot %lu has %u uses, not %u", (unsigned long)slot, uses,
			    swap_slot_count(&swap->swap.slots, slot));
	}
	if (swap_slots_check(&swap->swap.slots, &why) ||
	    swap_cache_check(&swap->swap.cache, &why) || zswap_check(swap->zswap, &contents, &why))
		BUG("%s", why.text);
}

/* Nobody works for the family any more, and nobody asks for it. */
static void rest(struct mm_family *family)
{
	unsigned node;

	for (node = 0; node < family->nr_nodes; node++)
		kswapd_flush(family, node);
	zswap_worker_flush(family->swap->zswap);
	swap_device_drain(&family->swap->swap.device);
}

void mm_check(struct mm *mm)
{
	struct mm_family *family = mm->family;
	struct census census = {.visit = {.entry = check_entry}, .family = family};
	struct mm *one;
	unsigned i;

	if (family->swap) {
		rest(family);
		census.uses = xcalloc(family->swap->swap.slots.nr, sizeof(*census.uses));
	}
	census.charged = xcalloc(MEMCG_MAX, sizeof(*census.charged));
	for (i = 0; i < family->nr_nodes; i++)
		census.found[i] = xcalloc(family->zones[i].nr_frames, sizeof(*census.found[i]));
	list_for_each_entry(one, &family->mms, link) check_mm(&census, one);
	family_for_each_slot(i, family) check_worker(&census, family, &family->workers[i]);
	check_lists(&census, family);
	check_frames(&census, family);
	if (family->swap)
		check_swap(&census, family->swap);
	for (i = 0; i < family->nr_nodes; i++)
		free(census.found[i]);
	free(census.charged);
	free(census.uses);
}
