/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/vma.h"

#include <errno.h>

#include "common/say.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/vma_update.h"

void vma_set_flags(struct mm *mm, struct vma *vma, unsigned long flags)
{
	uint64_t prot = PTE_PRESENT | PTE_ACCESSED;

	if (!(flags & VM_ACCESS))
		prot |= PTE_NOACCESS;
	vma_store(mm, vma, vm_flags, unsigned long, flags);
	vma_store(mm, vma, vm_page_prot, unsigned long, prot);
}

struct vma *vma_find_locked(struct lock_mm *lock, unsigned long address)
{
	/* mm_mt is where it is in the image, so that its line is as hot as in the kernel. */
	struct vma_index *index =
		arch_read_once(layout_at(lock->image, lock->design->mm->mm_mt, struct vma_index *));

	return vma_index_find(index, address);
}

static void map_count_add(struct mm *mm, int n)
{
	int *count = mm_field(mm, map_count, int);

	arch_write_once(count, *count + n);
}

/* vma_prepare(): nobody looks at what changes. A range that grows or shrinks only at its end needs
 * it as well: a fault checks its address against it. */
static void lock_change(struct mm *mm, const struct vma_change *change)
{
	unsigned i;

	for (i = 0; i < change->nr; i++)
		lock_vma_start_write(&mm->lock, change->pieces[i].vma);
	for (i = 0; i < change->nr_removed; i++)
		lock_vma_start_write(&mm->lock, change->removed[i]);
}

/* The anon_vma of those that change, which is the same for all that have one; or NULL. */
static struct anon_vma *anon_of_change(const struct mm *mm, const struct vma_change *change)
{
	struct anon_vma *anon = NULL;
	unsigned i;

	for (i = 0; i < change->nr && !anon; i++)
		anon = vma_anon(mm, change->pieces[i].vma);
	for (i = 0; i < change->nr_removed && !anon; i++)
		anon = vma_anon(mm, change->removed[i]);
	return anon;
}

static void store_borders(struct mm *mm, const struct vma_piece *piece)
{
	unsigned long start = vma_start(mm, piece->vma);
	unsigned long pgoff = vma_load(mm, piece->vma, vm_pgoff, unsigned long);

	pgoff += (long)(piece->start - start) >> PAGE_SHIFT;
	vma_store(mm, piece->vma, vm_start, unsigned long, piece->start);
	vma_store(mm, piece->vma, vm_end, unsigned long, piece->end);
	vma_store(mm, piece->vma, vm_pgoff, unsigned long, pgoff);
}

int vma_change_apply(struct mm *mm, const struct vma_change *change)
{
	struct vma_index_piece pieces[3];
	struct vma_index_update update;
	struct anon_vma *anon;
	unsigned i;

	for (i = 0; i < change->nr; i++)
		pieces[i] = (struct vma_index_piece){.start = change->pieces[i].start,
						     .end = change->pieces[i].end,
						     .entry = change->pieces[i].vma};
	if (vma_index_prepare(&update, &mm->index, pieces[0].start, pieces[change->nr - 1].end,
			      pieces, change->nr))
		return -ENOMEM;
	lock_change(mm, change);
	anon = anon_of_change(mm, change);
	anon_vma_lock_write(mm->family, anon);
	for (i = 0; i < change->nr; i++)
		store_borders(mm, &change->pieces[i]);
	anon_vma_unlock_write(mm->family, anon);
	if (change->fresh) {
		lock_vma_mark_attached(&mm->lock, change->fresh);
		map_count_add(mm, 1);
	}
	vma_index_commit(&update);
	for (i = 0; i < change->nr_removed; i++) {
		lock_vma_mark_detached(&mm->lock, change->removed[i]);
		map_count_add(mm, -1);
		vma_free(mm, change->removed[i]);
	}
	return 0;
}

void vma_free(struct mm *mm, struct vma *vma)
{
	struct anon_vma *anon = vma_anon(mm, vma);

	anon_vma_unlink(mm, vma);
	if (anon)
		anon_vma_put(mm->family, anon);
	lock_vma_free(&mm->lock, vma);
}

struct vma *vma_split(struct mm *mm, struct vma *vma, unsigned long address)
{
	unsigned long start = vma_start(mm, vma), end = vma_end(mm, vma);
	struct vma *fresh = lock_vma_dup(&mm->lock, vma);
	struct vma_change change = {
		.nr = 2,
		.pieces = {{vma, start, address}, {fresh, address, end}},
		.fresh = fresh,
	};

	if (!fresh)
		return NULL;
	if (anon_vma_clone(mm, fresh, mm, vma) || vma_change_apply(mm, &change)) {
		anon_vma_unlink(mm, fresh);
		lock_vma_free(&mm->lock, fresh);
		return NULL;
	}
	/* The reference of @vma has kept it until here. */
	if (vma_anon(mm, fresh))
		anon_vma_get(vma_anon(mm, fresh));
	mm_event(mm, MM_VMA_SPLIT);
	return fresh;
}

int vma_insert(struct mm *mm, unsigned long start, unsigned long end, unsigned long flags,
	       struct mempolicy *policy)
{
	struct vma *vma = lock_vma_new(&mm->lock, start, end);
	struct vma_change change = {.nr = 1, .pieces = {{vma, start, end}}, .fresh = vma};

	if (!vma)
		return -ENOMEM;
	vma_set_flags(mm, vma, flags);
	vma_store(mm, vma, vm_pgoff, unsigned long, start >> PAGE_SHIFT);
	vma_store(mm, vma, vm_policy, struct mempolicy *, policy);
	if (vma_change_apply(mm, &change)) {
		lock_vma_free(&mm->lock, vma);
		return -ENOMEM;
	}
	return 0;
}

/* can_vma_merge_after(), can_vma_merge_before() without the position: is_mergeable_vma(). */
static bool mergeable(const struct mm *mm, const struct vma *vma, unsigned long flags,
		      const struct mempolicy *policy)
{
	return vma && !(flags & VM_DONTEXPAND) && vma_flags(mm, vma) == flags &&
	       vma_policy(mm, vma) == policy;
}

/* Build the change that gives [@start, @end) to @prev, @next or both; @middle as in vma_merge(). */
static struct vma *plan_merge(struct mm *mm, struct vma_change *change, struct vma *prev,
			      struct vma *next, struct vma *middle, unsigned long start,
			      unsigned long end)
{
	unsigned long low = middle ? vma_start(mm, middle) : start;
	unsigned long high = middle ? vma_end(mm, middle) : end;
	struct vma *heir = prev ? prev : next;

	*change = (struct vma_change){.nr = 1};
	if (prev && next)
		change->pieces[0] =
			(struct vma_piece){prev, vma_start(mm, prev), vma_end(mm, next)};
	else if (prev)
		change->pieces[0] = (struct vma_piece){prev, vma_start(mm, prev), end};
	else
		change->pieces[0] = (struct vma_piece){next, start, vma_end(mm, next)};
	if (prev && next)
		change->removed[change->nr_removed++] = next;
	if (middle && low == start && high == end) {
		change->removed[change->nr_removed++] = middle;
	} else if (middle && prev) {
		change->pieces[change->nr++] = (struct vma_piece){middle, end, high};
	} else if (middle) {
		change->pieces[change->nr++] = change->pieces[0];
		change->pieces[0] = (struct vma_piece){middle, low, start};
	}
	return heir;
}

/*
 * is_mergeable_anon_vma(): whether @middle (NULL: a new mapping) and a neighbour, which has the
 * range then, go together, and the anon_vma that all have then in *@anon, which may be NULL before.
 * One may have none, unless the other's was forked: its pages may be an ancestor's.
 */
static bool merge_anon(const struct mm *mm, const struct vma *middle, const struct vma *neighbour,
		       struct anon_vma **anon)
{
	struct anon_vma *mine = middle ? vma_anon(mm, middle) : NULL;
	struct anon_vma *other = vma_anon(mm, neighbour);
	struct anon_vma *both = mine ? mine : other;

	if (mine != other && ((mine && other) || both->parent))
		return false;
	if (*anon && both && *anon != both)
		return false;
	if (both)
		*anon = both;
	return true;
}

/* Of those that are merged, one with an anon_vma: there is one. */
static struct vma *anon_donor(const struct mm *mm, struct vma *middle, struct vma *prev,
			      struct vma *next)
{
	if (middle && vma_anon(mm, middle))
		return middle;
	return prev && vma_anon(mm, prev) ? prev : next;
}

struct vma *vma_merge(struct mm *mm, struct vma *middle, unsigned long start, unsigned long end,
		      unsigned long flags, struct mempolicy *policy)
{
	struct vma *prev = start ? vma_index_find(&mm->index, start - 1) : NULL;
	struct vma *next = vma_index_find(&mm->index, end), *heir;
	struct anon_vma *anon = NULL;
	struct vma_change change;
	bool failed;

	if (prev == middle || !mergeable(mm, prev, flags, policy) ||
	    !merge_anon(mm, middle, prev, &anon))
		prev = NULL;
	if (next == middle || !mergeable(mm, next, flags, policy) ||
	    !merge_anon(mm, middle, next, &anon))
		next = NULL;
	if (!prev && !next)
		return NULL;
	heir = plan_merge(mm, &change, prev, next, middle, start, end);
	/* dup_anon_vma(): before what had it is freed. */
	anon = vma_anon(mm, heir) ? NULL : anon;
	if (anon)
		anon_vma_get(anon);
	failed = (anon && anon_vma_clone(mm, heir, mm, anon_donor(mm, middle, prev, next))) ||
		 vma_change_apply(mm, &change);
	if (failed && anon) {
		anon_vma_unlink(mm, heir);
		anon_vma_put(mm->family, anon);
	}
	if (failed)
		return NULL;
	if (anon)
		vma_store(mm, heir, anon_vma, struct anon_vma *, anon);
	mm_event(mm, MM_VMA_MERGE);
	return heir;
}
