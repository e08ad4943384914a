/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/locks/lock.h"

#include <errno.h>

/* The mmap_lock path of a fault (lock_mm_and_find_vma() of 6.5), and mmap_lock for the mm's
 * writers. */

static void read_unlock(struct lock_mm *mm)
{
	up_read(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);
}

int lock_fault_mmap(struct fault *fault)
{
	struct lock_mm *mm = fault->mm;
	struct rw_semaphore *sem = lock_mmap_sem(mm);
	int rc;

	/* get_mmap_lock_carefully(): try first. */
	if (likely(down_read_trylock(sem))) {
		stat_inc(&mm->domain->events, MMAP_LOCK_FAST);
	} else {
		stat_inc(&mm->domain->events, MMAP_LOCK_SLOW);
		rc = down_read_killable(sem, RWSEM_MMAP_LOCK);
		if (rc)
			return rc;
	}
	fault->vma = mm->find(mm, fault->address);
	if (!fault->vma) {
		read_unlock(mm);
		return -EFAULT;
	}
	fault->held = FAULT_MMAP;
	return 0;
}

int lock_fault_fallback(struct fault *fault)
{
	enum lock_event event;

	if (fault->held != FAULT_VMA && fault->held != FAULT_SPECULATIVE)
		BUG("a fault falls back that holds %d", (int)fault->held);
	event = fault->held == FAULT_VMA ? VMA_LOCK_RETRY : VMA_LOCK_ABORT;
	fault->mm->fault_put(fault);
	fault->held = FAULT_NOTHING;
	stat_inc(&fault->mm->domain->events, event);
	return lock_fault_mmap(fault);
}

void lock_mmap_write(struct lock_mm *mm)
{
	down_write(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);
	mm->design->write_locked(mm);
}

int lock_mmap_write_killable(struct lock_mm *mm)
{
	int rc = down_write_killable(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);

	if (!rc)
		mm->design->write_locked(mm);
	return rc;
}

void lock_mmap_write_unlock(struct lock_mm *mm)
{
	mm->design->write_unlocking(mm);
	up_write(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);
}

void lock_mmap_downgrade(struct lock_mm *mm)
{
	mm->design->write_unlocking(mm);
	downgrade_write(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);
}

void lock_mmap_read(struct lock_mm *mm)
{
	down_read(lock_mmap_sem(mm), RWSEM_MMAP_LOCK);
}

bool lock_mmap_read_trylock(struct lock_mm *mm)
{
	return down_read_trylock(lock_mmap_sem(mm));
}

void lock_mmap_read_unlock(struct lock_mm *mm)
{
	read_unlock(mm);
}
