/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/anon_vma.h"

#include <errno.h>

#include "pft/base/slab.h"
#include "pft/mm/vma.h"

void anon_vma_ctor(void *object)
{
	struct anon_vma *anon = object;

	rwsem_init(&anon->rwsem);
	list_init(&anon->chains);
	anon->refcount = 0;
}

/* What the constructor made is left alone: somebody may still look at the last life. */
static struct anon_vma *anon_vma_new(struct mm *mm, struct anon_vma *parent)
{
	struct anon_vma *anon = kmem_cache_alloc(mm->family->anon_vmas);

	if (!anon)
		return NULL;
	anon->parent = parent;
	arch_write_once(&anon->root, parent ? parent->root : anon);
	arch_write_once(&anon->refcount, 1);
	if (parent)
		anon_vma_get(parent);
	mm_event(mm, MM_ANON_VMA);
	return anon;
}

void anon_vma_put(struct mm_family *family, struct anon_vma *anon)
{
	struct anon_vma *parent;

	for (; anon; anon = parent) {
		struct rw_semaphore *rwsem = &anon->root->rwsem;

		/* Full: the last one sees what the others did, as in put_anon_vma(). */
		if (arch_xadd_full(&anon->refcount, -1) > 1)
			return;
		/* anon_vma_free(): who came by a page's mapping may have the lock, without a
		 * reference; it finds the page not mapped, and leaves. */
		if (!rwsem_notheld(rwsem)) {
			down_write(rwsem, RWSEM_OTHER);
			up_write(rwsem, RWSEM_OTHER);
		}
		parent = anon->parent;
		kmem_cache_free(family->anon_vmas, anon);
	}
}

void anon_vma_lock_write(const struct mm_family *family, struct anon_vma *anon)
{
	if (family->rmap && anon)
		down_write(&anon->root->rwsem, RWSEM_OTHER);
}

void anon_vma_unlock_write(const struct mm_family *family, struct anon_vma *anon)
{
	if (family->rmap && anon)
		up_write(&anon->root->rwsem, RWSEM_OTHER);
}

static struct anon_vma_chain *first_chain(const struct mm *mm, const struct vma *vma)
{
	return vma_load(mm, vma, anon_vma_chain, struct anon_vma_chain *);
}

/* anon_vma_chain_link(): the root is locked for write. Last, so that a walk meets parents before
 * children, to whom fork copies. */
static void link_chain(struct mm *mm, struct vma *vma, struct anon_vma_chain *chain,
		       struct anon_vma *anon)
{
	chain->vma = vma;
	chain->anon = anon;
	chain->next = first_chain(mm, vma);
	vma_store(mm, vma, anon_vma_chain, struct anon_vma_chain *, chain);
	list_add_tail(&chain->same_anon, &anon->chains);
}

void anon_vma_unlink(struct mm *mm, struct vma *vma)
{
	struct anon_vma_chain *first = first_chain(mm, vma), *chain, *next;
	struct anon_vma *anon;

	if (!first)
		return;
	anon = first->anon;
	anon_vma_lock_write(mm->family, anon);
	for (chain = first; chain; chain = chain->next)
		list_del(&chain->same_anon);
	anon_vma_unlock_write(mm->family, anon);
	vma_store(mm, vma, anon_vma_chain, struct anon_vma_chain *, NULL);
	for (chain = first; chain; chain = next) {
		next = chain->next;
		kmem_cache_free(mm->family->anon_vma_chains, chain);
	}
}

int anon_vma_clone(struct mm *mm, struct vma *copy, const struct mm *from, const struct vma *vma)
{
	struct anon_vma *anon = vma_anon(from, vma);
	const struct anon_vma_chain *one;
	struct anon_vma_chain *chain;

	anon_vma_lock_write(mm->family, anon);
	for (one = first_chain(from, vma); one; one = one->next) {
		chain = kmem_cache_alloc(mm->family->anon_vma_chains);
		if (!chain)
			break;
		link_chain(mm, copy, chain, one->anon);
	}
	anon_vma_unlock_write(mm->family, anon);
	if (!one)
		return 0;
	anon_vma_unlink(mm, copy);
	return -ENOMEM;
}

/* Give @vma, which nobody else sees, the new @anon. 0 or -ENOMEM. */
static int attach(struct mm *mm, struct vma *vma, struct anon_vma *anon)
{
	struct anon_vma_chain *chain;

	if (mm->family->rmap) {
		chain = kmem_cache_alloc(mm->family->anon_vma_chains);
		if (!chain)
			return -ENOMEM;
		anon_vma_lock_write(mm->family, anon);
		link_chain(mm, vma, chain, anon);
		anon_vma_unlock_write(mm->family, anon);
	}
	vma_store(mm, vma, anon_vma, struct anon_vma *, anon);
	return 0;
}

int anon_vma_fork(struct mm *child, struct vma *copy, const struct mm *parent,
		  const struct vma *vma)
{
	struct anon_vma *from = vma_anon(parent, vma), *anon;

	vma_store(child, copy, anon_vma, struct anon_vma *, NULL);
	if (!from)
		return 0;
	if (anon_vma_clone(child, copy, parent, vma))
		return -ENOMEM;
	anon = anon_vma_new(child, from);
	if (anon && !attach(child, copy, anon))
		return 0;
	if (anon)
		anon_vma_put(child->family, anon);
	anon_vma_unlink(child, copy);
	return -ENOMEM;
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

/* Give @vma @anon if it has none yet: under the root's lock, then page_table_lock. */
static bool prepare_locked(struct mm *mm, struct vma *vma, struct anon_vma *anon,
			   struct anon_vma_chain *chain)
{
	struct spinlock *lock = mm_field(mm, page_table_lock, struct spinlock);
	bool first;

	anon_vma_lock_write(mm->family, anon);
	spin_lock(lock);
	first = !vma_anon(mm, vma);
	if (first) {
		/* Release: pairs with the acquire in reusable(). */
		arch_store_release(layout_at(vma, mm->vma->anon_vma, struct anon_vma *), anon);
		if (chain)
			link_chain(mm, vma, chain, anon);
	}
	spin_unlock(lock);
	anon_vma_unlock_write(mm->family, anon);
	return first;
}

int anon_vma_prepare(struct mm *mm, struct vma *vma)
{
	struct anon_vma *anon = find_mergeable(mm, vma);
	struct anon_vma_chain *chain = NULL;

	/* A neighbour's: its VMA cannot go while mmap_lock is held. */
	if (anon)
		anon_vma_get(anon);
	else
		anon = anon_vma_new(mm, NULL);
	if (!anon)
		return -ENOMEM;
	if (mm->family->rmap) {
		chain = kmem_cache_alloc(mm->family->anon_vma_chains);
		if (!chain) {
			anon_vma_put(mm->family, anon);
			return -ENOMEM;
		}
	}
	if (prepare_locked(mm, vma, anon, chain))
		return 0;
	if (chain)
		kmem_cache_free(mm->family->anon_vma_chains, chain);
	anon_vma_put(mm->family, anon);
	return 0;
}
