/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/anon_vma.h"

#include <errno.h>

#include "pft/base/slab.h"
#include "pft/mm/vma.h"

static struct anon_vma *anon_vma_new(struct mm *mm, struct anon_vma *parent)
{
	struct anon_vma *anon = kmem_cache_alloc(mm->family->anon_vmas);

	if (!anon)
		return NULL;
	*anon = (struct anon_vma){
		.root = parent ? parent->root : anon, .parent = parent, .refcount = 1};
	if (parent)
		anon_vma_get(parent);
	mm_event(mm, MM_ANON_VMA);
	return anon;
}

void anon_vma_put(struct mm *mm, struct anon_vma *anon)
{
	struct anon_vma *parent;

	for (; anon; anon = parent) {
		/* Full: the last one sees what the others did, as in put_anon_vma(). */
		if (arch_xadd_full(&anon->refcount, -1) > 1)
			return;
		parent = anon->parent;
		kmem_cache_free(mm->family->anon_vmas, anon);
	}
}

struct anon_vma *anon_vma_fork(struct mm *child, struct anon_vma *parent)
{
	return anon_vma_new(child, parent);
}

/* anon_vma_compatible(), reusable_anon_vma(): what the neighbour @other has, if both could be
 * merged once their protections were the same. */
static struct anon_vma *reusable(const struct mm *mm, const struct vma *vma,
				 const struct vma *other)
{
	struct anon_vma *anon;

	if (!other || vma_policy(mm, other) != vma_policy(mm, vma) ||
	    (vma_flags(mm, other) ^ vma_flags(mm, vma)) & ~VM_ACCESS ||
	    vma_flags(mm, vma) & VM_DONTEXPAND)
		return NULL;
	/* Acquire: pairs with the release of a fault that gives it to @other now. */
	anon = arch_load_acquire(layout_at(other, mm->vma->anon_vma, struct anon_vma *));
	return anon && !anon->parent ? anon : NULL;
}

/* find_mergeable_anon_vma(): the next neighbour is asked first. */
static struct anon_vma *find_mergeable(const struct mm *mm, const struct vma *vma)
{
	unsigned long start = vma_start(mm, vma);
	struct anon_vma *anon;

	anon = reusable(mm, vma, vma_index_find(&mm->index, vma_end(mm, vma)));
	if (!anon && start)
		anon = reusable(mm, vma, vma_index_find(&mm->index, start - 1));
	return anon;
}

int anon_vma_prepare(struct mm *mm, struct vma *vma)
{
	struct spinlock *lock = mm_field(mm, page_table_lock, struct spinlock);
	struct anon_vma *anon = find_mergeable(mm, vma);

	/* A neighbour's: its VMA cannot go while mmap_lock is held. */
	if (anon)
		anon_vma_get(anon);
	else
		anon = anon_vma_new(mm, NULL);
	if (!anon)
		return -ENOMEM;
	spin_lock(lock);
	if (!vma_anon(mm, vma)) {
		/* Release: pairs with the acquire in reusable(). */
		arch_store_release(layout_at(vma, mm->vma->anon_vma, struct anon_vma *), anon);
		anon = NULL;
	}
	spin_unlock(lock);
	if (anon)
		anon_vma_put(mm, anon);
	return 0;
}
