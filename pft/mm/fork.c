/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fork: a copy of an address space (dup_mmap(), copy_page_range()), and its end (exit_mmap()). */
#include "pft/mm/fork.h"

#include <errno.h>

#include "pft/mm/anon_vma.h"
#include "pft/mm/map_ops.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/vma.h"
#include "pft/mm/vma_update.h"
#include "pft/mm/vma_walk.h"

/* A copy of PTEs under way. */
struct copy {
	struct pgtable_visit visit;
	struct mm *child;
	struct mm_worker *worker;
	long copied; /* since rss was told */
	long swapped; /* of swap PTEs, likewise */
};

/* copy_present_ptes(), copy_nonpresent_pte(): both PTE pages are locked. */
static int copy_entry(struct pgtable_visit *visit, unsigned long address, uint64_t pte)
{
	struct copy *copy = container_of(visit, struct copy, visit);
	struct mm_family *family = copy->child->family;
	struct frame *frame;

	(void)address;
	if (pte_is_swap(pte)) {
		if (swap_slot_dup(&family->swap->swap.slots, pte_swap_offset(pte)))
			return -ENOMEM;
		copy->swapped++;
		return 0;
	}
	frame = frame_of_pfn(family->zones, pte_frame(pte));
	if (!(pte & PTE_PRESENT))
		BUG("entry %lx is not of a page", (unsigned long)pte);
	frame_get(frame);
	arch_xadd_relaxed(&frame->mapcount, 1);
	copy->copied++;
	return 0;
}

static void copy_unlocked(struct pgtable_visit *visit)
{
	struct copy *copy = container_of(visit, struct copy, visit);

	rss_add(copy->child, copy->worker, MM_ANONPAGES, copy->copied);
	rss_add(copy->child, copy->worker, MM_SWAPENTS, copy->swapped);
	copy->copied = 0;
	copy->swapped = 0;
}

/* vm_area_dup() and what goes with it; the copy is not attached. */
static struct vma *dup_vma(struct mm *child, struct mm *parent, struct vma *vma)
{
	struct vma *copy = lock_vma_dup(&child->lock, vma);

	if (copy && anon_vma_fork(child, copy, parent, vma)) {
		lock_vma_free(&child->lock, copy);
		return NULL;
	}
	return copy;
}

/* One VMA and its pages. The parent's is write-locked first: since 6.5 no fault may change a PTE
 * that is being copied, nor read a flag of what is copied. */
static int fork_vma(struct mm *child, struct mm *parent, struct vma *vma)
{
	unsigned long start = vma_start(parent, vma), end = vma_end(parent, vma);
	int *map_count = mm_field(child, map_count, int);
	struct copy copy = {
		.visit = {.entry = copy_entry, .unlocked = copy_unlocked},
		.child = child,
		.worker = mm_worker(child->family),
	};
	struct vma_index_update update;
	struct vma_index_piece piece;
	struct vma *mine;

	lock_vma_start_write(&parent->lock, vma);
	mine = dup_vma(child, parent, vma);
	if (!mine)
		return -ENOMEM;
	piece = (struct vma_index_piece){.start = start, .end = end, .entry = mine};
	if (vma_index_prepare(&update, &child->index, start, end, &piece, 1)) {
		vma_free(child, mine);
		return -ENOMEM;
	}
	lock_vma_start_write(&child->lock, mine);
	lock_vma_mark_attached(&child->lock, mine);
	vma_index_commit(&update);
	arch_write_once(map_count, *map_count + 1);
	return pgtable_copy(&child->tables, &parent->tables, start, end, true, &copy.visit);
}

int mm_fork(struct mm *parent, struct mm **child)
{
	struct vma_walk walk;
	struct vma *vma;
	struct mm *mm;
	int rc;

	rc = mm_alloc(parent->family, parent->memcg, &mm);
	if (rc)
		return rc;
	rc = lock_mmap_write_killable(&parent->lock);
	if (rc) {
		mm_free(mm);
		return rc;
	}
	mm_switch(parent);
	lock_mmap_write(&mm->lock);
	vma_walk_init(&walk, &parent->index, 0);
	while (!rc && (vma = vma_walk_next(&walk)))
		rc = fork_vma(mm, parent, vma);
	lock_mmap_write_unlock(&mm->lock);
	/* The parent's pages may no longer be written: flush_tlb_mm(). */
	mm_flush_tlb(parent);
	lock_mmap_write_unlock(&parent->lock);
	if (rc) {
		mm_free(mm);
		return rc;
	}
	mm_event(parent, MM_FORK);
	*child = mm;
	return 0;
}

/* unmap_vmas(): nobody can come any more, but lookups of 6.15 and later that met a VMA of this mm
 * under RCU; so all are detached as munmap() would. */
void mm_exit(struct mm *mm)
{
	struct vma_walk walk;
	struct gather gather;
	struct vma *vma, *next, *first = NULL;

	lock_mmap_read(&mm->lock);
	gather_begin(&gather, mm);
	gather_zap(&gather, 0, PGTABLE_END);
	lock_mmap_read_unlock(&mm->lock);
	lock_mmap_write(&mm->lock);
	vma_walk_init(&walk, &mm->index, 0);
	while ((vma = vma_walk_next(&walk)))
		anon_vma_unlink(mm, vma);
	pgtable_free_range(&mm->tables, 0, PGTABLE_END, 0, 0);
	gather_finish(&gather);
	vma_walk_init(&walk, &mm->index, 0);
	while ((vma = vma_walk_next(&walk))) {
		lock_vma_start_write(&mm->lock, vma);
		lock_vma_mark_detached(&mm->lock, vma);
		vma_store(mm, vma, vm_file, struct vma *, first);
		first = vma;
	}
	vma_index_release(&mm->index);
	for (vma = first; vma; vma = next) {
		next = vma_load(mm, vma, vm_file, struct vma *);
		vma_store(mm, vma, vm_file, struct vma *, NULL);
		vma_free(mm, vma);
	}
	arch_write_once(mm_field(mm, map_count, int), 0);
	lock_mmap_write_unlock(&mm->lock);
}
