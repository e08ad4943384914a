/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/locks/vma_ref.h"

#include <limits.h>

static int *refcnt_of(const struct lock_mm *mm, const struct vma *vma)
{
	return layout_at(vma, mm->design->vma->lock, int);
}

static unsigned *vma_seq(const struct lock_mm *mm, const struct vma *vma)
{
	return layout_at(vma, mm->design->vma->vm_lock_seq, unsigned);
}

static unsigned *mm_seq(const struct lock_mm *mm)
{
	return layout_at(mm->image, mm->design->mm->mm_lock_seq, unsigned);
}

static struct rcuwait *writer_wait(const struct lock_mm *mm)
{
	return layout_at(mm->image, mm->design->mm->vma_writer_wait, struct rcuwait);
}

void vma_ref_wake(struct lock_mm *mm, const struct mm_layout *layout)
{
	rcuwait_wake_up(layout_at(mm->image, layout->vma_writer_wait, struct rcuwait));
}

/* The reference keeps the other mm's exit waiting; behind it, its mm_count keeps vma_writer_wait.
 */
void vma_ref_put_foreign(struct vma *vma, struct lock_mm *other)
{
	struct vma_ref_layout layout = {other->design->vma, other->design->mm};

	rcu_read_unlock();
	lock_mm_grab(other);
	vma_ref_put(vma, &layout);
	lock_mm_drop(other);
}

/* vma_init() and vma_lock_init(): the object's last life ended with vm_refcnt 0, so no late reader
 * of that life can raise it before it is attached. */
int vma_ref_init(struct lock_mm *mm, struct vma *vma)
{
	arch_write_once(refcnt_of(mm, vma), 0);
	arch_write_once(vma_seq(mm, vma), UINT_MAX);
	return 0;
}

void vma_ref_destroy(struct lock_domain *domain, struct vma *vma)
{
	if (arch_read_once(layout_at(vma, domain->design->vma->lock, int)))
		BUG("a VMA is freed that is not detached");
}

/* mm_lock_seqcount_begin(): odd from now on. */
void vma_ref_write_locked(struct lock_mm *mm)
{
	seqcount_write_begin(mm_seq(mm));
}

/* vma_end_write_all(), mm_lock_seqcount_end(): release pairs with the acquire in
 * vma_ref_start_read(). */
void vma_ref_write_unlocking(struct lock_mm *mm)
{
	seqcount_write_end(mm_seq(mm));
}

/*
 * __vma_enter_locked(): keep readers out and wait for those inside, until the count is @target.
 * False: it is detached, only vma_mark_attached() could raise it. Acquire: pairs with the release
 * in vma_ref_put(); what the readers did comes before what the writer does.
 */
static bool enter_locked(struct lock_mm *mm, struct vma *vma, int target)
{
	int *refcnt = refcnt_of(mm, vma), old = arch_read_once(refcnt);

	do {
		if (!old) {
			/* In a detach the last reader may have left just now: acquire as below. */
			(void)arch_load_acquire(refcnt);
			return false;
		}
	} while (!arch_cmpxchg_relaxed(refcnt, &old, old + VMA_LOCK_OFFSET));
	if (arch_load_acquire(refcnt) == target)
		return true;
	stat_inc(&mm->domain->events, VMA_WRITE_WAIT);
	while (seeded_bug(SEEDED_WAKE) && arch_load_acquire(refcnt) != target) {
		rcuwait_prepare(writer_wait(mm));
		task_prepare(TASK_UNINTERRUPTIBLE);
		rcuwait_schedule();
		rcuwait_finish(writer_wait(mm));
	}
	rcuwait_wait_event(writer_wait(mm), arch_load_acquire(refcnt) == target,
			   TASK_UNINTERRUPTIBLE);
	return true;
}

/* __vma_exit_locked(): release pairs with the acquire in vma_ref_get(): who raises the count next
 * sees vm_lock_seq. */
static void exit_locked(struct lock_mm *mm, struct vma *vma)
{
	arch_xadd_release(refcnt_of(mm, vma), -VMA_LOCK_OFFSET);
}

/* __vma_start_write(). Nobody else writes either number: mmap_lock is held for write. vm_lock_seq
 * is not stored plainly, because the first look of vma_ref_start_read() holds nothing. */
void vma_ref_start_write(struct lock_mm *mm, struct vma *vma)
{
	unsigned seq = arch_read_once(mm_seq(mm));
	bool locked;

	if (arch_read_once(vma_seq(mm, vma)) == seq)
		return;
	stat_inc(&mm->domain->events, VMA_START_WRITE);
	locked = enter_locked(mm, vma, VMA_LOCK_OFFSET + 1);
	arch_write_once(vma_seq(mm, vma), seq);
	if (locked)
		exit_locked(mm, vma);
}

/* vma_mark_attached(): release pairs with the acquire in vma_ref_get(): who can raise the count
 * sees the VMA complete. */
void vma_ref_mark_attached(struct lock_mm *mm, struct vma *vma)
{
	if (!vma_ref_vma_write_locked(mm, vma))
		BUG("a VMA is attached that is not write-locked");
	if (arch_read_once(refcnt_of(mm, vma)))
		BUG("a VMA is attached twice");
	arch_store_release(refcnt_of(mm, vma), 1);
}

/*
 * vma_mark_detached(): from 1 to 0. Readers may be there for a moment, until they see that the VMA
 * is write-locked: wait for them. Full: acquires what they released, and keeps the writer's stores
 * before the 0.
 */
void vma_ref_mark_detached(struct lock_mm *mm, struct vma *vma)
{
	int old;

	if (!vma_ref_vma_write_locked(mm, vma))
		BUG("a VMA is detached that is not write-locked");
	old = arch_xadd_full(refcnt_of(mm, vma), -1);
	if (old <= 0)
		BUG("a VMA is detached twice");
	if (old > 1 && enter_locked(mm, vma, VMA_LOCK_OFFSET))
		exit_locked(mm, vma);
}

bool vma_ref_vma_write_locked(struct lock_mm *mm, struct vma *vma)
{
	return arch_read_once(vma_seq(mm, vma)) == arch_read_once(mm_seq(mm));
}
