/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/locks/vma_rwsem.h"

#include <errno.h>
#include <limits.h>

#include "pft/base/slab.h"

static unsigned *vma_seq(const struct lock_mm *mm, const struct vma *vma)
{
	return layout_at(vma, mm->design->vma->vm_lock_seq, unsigned);
}

static unsigned *mm_seq(const struct lock_mm *mm)
{
	return layout_at(mm->image, mm->design->mm->mm_lock_seq, unsigned);
}

static bool *detached(const struct lock_mm *mm, const struct vma *vma)
{
	return layout_at(vma, mm->design->vma->detached, bool);
}

static struct rw_semaphore *sem_of(const struct lock_mm *mm, const struct vma *vma)
{
	return vma_rwsem_of(vma, mm->design->vma, mm->design->vma_lock);
}

/* vma_init() and vma_lock_alloc(): no mm_lock_seq is -1 for a long time, so it is not write-locked.
 * It is born detached, which the kernel's are not: the same, as it is attached before anyone can
 * find it. */
int vma_rwsem_init(struct lock_mm *mm, struct vma *vma)
{
	const struct vma_layout *layout = mm->design->vma;

	if (mm->design->vma_lock) {
		struct vma_lock *lock = kmem_cache_alloc(mm->domain->vma_lock_cache);

		if (!lock)
			return -ENOMEM;
		arch_write_once(layout_at(vma, layout->lock, struct vma_lock *), lock);
	}
	rwsem_init(sem_of(mm, vma));
	arch_write_once(vma_seq(mm, vma), UINT_MAX);
	arch_write_once(detached(mm, vma), true);
	return 0;
}

void vma_rwsem_destroy(struct lock_domain *domain, struct vma *vma)
{
	const struct lock_design *design = domain->design;

	if (!arch_read_once(layout_at(vma, design->vma->detached, bool)))
		BUG("a VMA is freed that is not detached");
	if (design->vma_lock)
		kmem_cache_free(
			domain->vma_lock_cache,
			arch_read_once(layout_at(vma, design->vma->lock, struct vma_lock *)));
}

/* mm_lock_seq stays as it is until the writer leaves. */
void vma_rwsem_write_locked(struct lock_mm *mm)
{
	(void)mm;
}

/* vma_end_write_all(): release pairs with the acquire in vma_rwsem_start_read(). */
void vma_rwsem_write_unlocking(struct lock_mm *mm)
{
	seqcounter_end_write(mm_seq(mm));
}

/*
 * vma_start_write(): waits for readers. Nobody else writes either number: mmap_lock is held for
 * write. vm_lock_seq is stored with the rwsem held, so the up_write() publishes it to the next
 * reader's down_read_trylock(); not plainly, because the first look of vma_rwsem_start_read() holds
 * nothing.
 */
void vma_rwsem_start_write(struct lock_mm *mm, struct vma *vma)
{
	struct rw_semaphore *sem = sem_of(mm, vma);
	unsigned seq = arch_read_once(mm_seq(mm));

	if (arch_read_once(vma_seq(mm, vma)) == seq)
		return;
	stat_inc(&mm->domain->events, VMA_START_WRITE);
	if (!down_write_trylock(sem)) {
		stat_inc(&mm->domain->events, VMA_WRITE_WAIT);
		down_write(sem, RWSEM_VMA_LOCK);
	}
	arch_write_once(vma_seq(mm, vma), seq);
	up_write(sem, RWSEM_VMA_LOCK);
	if (seeded_bug(SEEDED_ORDER))
		seqcounter_end_write(mm_seq(mm));
}

void vma_rwsem_mark_attached(struct lock_mm *mm, struct vma *vma)
{
	arch_write_once(detached(mm, vma), false);
}

/* Readers see it under the rwsem, which they can take again only after mm_lock_seq was raised: that
 * release orders this store before. */
void vma_rwsem_mark_detached(struct lock_mm *mm, struct vma *vma)
{
	if (!vma_rwsem_vma_write_locked(mm, vma))
		BUG("a VMA is detached that is not write-locked");
	arch_write_once(detached(mm, vma), true);
}

bool vma_rwsem_vma_write_locked(struct lock_mm *mm, struct vma *vma)
{
	return arch_read_once(vma_seq(mm, vma)) == arch_read_once(mm_seq(mm)) ||
	       seeded_bug(SEEDED_ORDER);
}
