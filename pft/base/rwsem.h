/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rwsem: the kernel's rw_semaphore (kernel/locking/rwsem.c of 6.12): its 40 bytes, its fast paths and
 * its slow ones, so that what it costs under contention and when it leaves the CPU are the kernel's.
 * What count and owner mean: rwsem_struct.h.
 *
 * Order: a sleeping lock; nothing that spins may be held when taking it. Inside are osq (taken with
 * nothing held), and wait_lock, which guards wait_list, the waiters on it, and bits 1 and 2 of count.
 *
 * Every lock belongs to a class, for counting: a constant that only the slow paths get to see, so that the
 * fast paths are the kernel's and count nothing. What is counted: rwsem_stat.h.
 */
#ifndef PFT_BASE_RWSEM_H
#define PFT_BASE_RWSEM_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/rwsem_struct.h"
#include "pft/base/task.h"

/* What a lock is counted as. */
enum rwsem_class {
	RWSEM_MMAP_LOCK, /* mm->mmap_lock */
	RWSEM_VMA_LOCK, /* vma->vm_lock */
	RWSEM_OTHER,
	NR_RWSEM_CLASSES
};

/* Whether writers spin before they sleep (CONFIG_RWSEM_SPIN_ON_OWNER); on at start. Takes effect for
 * those who enter a slow path afterwards. */
void rwsem_set_spin(bool on);

/* init_rwsem() */
void rwsem_init(struct rw_semaphore *sem);

/* The slow paths, for the fast ones below only. @count is the value of count after the caller added
 * its reader. They return 0, or -EINTR with nothing held in mode TASK_KILLABLE. */
__attribute__((cold)) int rwsem_down_read_slow(struct rw_semaphore *sem, int64_t count,
					       enum task_mode mode, enum rwsem_class class);
__attribute__((cold)) int rwsem_down_write_slow(struct rw_semaphore *sem, enum task_mode mode,
						enum rwsem_class class);
__attribute__((cold)) void rwsem_up_read_slow(struct rw_semaphore *sem, enum rwsem_class class);
__attribute__((cold)) void rwsem_wake(struct rw_semaphore *sem, enum rwsem_class class);
__attribute__((cold)) void rwsem_downgrade_wake(struct rw_semaphore *sem, enum rwsem_class class);

/* What the owner word says of the calling worker. */
static inline uint64_t rwsem_self(void)
{
	return (uint64_t)(arch_slot() + 1) << RWSEM_OWNER_SHIFT;
}

/* rwsem_set_reader_owned(): not protected by anything; a hint for writers that might spin. The
 * nonspinnable bit stays, until the readers are gone. */
static inline void rwsem_set_reader_owned(struct rw_semaphore *sem, uint64_t who)
{
	uint64_t sticky = arch_read_once(&sem->owner) & RWSEM_NONSPINNABLE;

	arch_write_once(&sem->owner, who | RWSEM_READER_OWNED | sticky);
}

/* __down_read_common(): acquire pairs with the release in up_write() and downgrade_write(). */
static inline int rwsem_down_read_common(struct rw_semaphore *sem, enum task_mode mode,
					 enum rwsem_class class)
{
	int64_t count = arch_xadd_acquire(&sem->count, RWSEM_READER_BIAS) + RWSEM_READER_BIAS;

	if (count & RWSEM_READ_FAILED_MASK)
		return rwsem_down_read_slow(sem, count, mode, class);
	rwsem_set_reader_owned(sem, rwsem_self());
	return 0;
}

/* Take the lock for reading; sleeps if it must. */
static inline void down_read(struct rw_semaphore *sem, enum rwsem_class class)
{
	rwsem_down_read_common(sem, TASK_UNINTERRUPTIBLE, class);
}

/* The same, or -EINTR if the caller is killed (task_kill()) while it sleeps. */
static inline int down_read_killable(struct rw_semaphore *sem, enum rwsem_class class)
{
	return rwsem_down_read_common(sem, TASK_KILLABLE, class);
}

/* Take the lock for reading if that is possible at once; never sleeps. */
static inline bool down_read_trylock(struct rw_semaphore *sem)
{
	int64_t count = arch_read_once(&sem->count);

	while (!(count & RWSEM_READ_FAILED_MASK)) {
		/* Acquire: as in rwsem_down_read_common(). */
		if (arch_cmpxchg_acquire(&sem->count, &count, count + RWSEM_READER_BIAS)) {
			rwsem_set_reader_owned(sem, rwsem_self());
			return true;
		}
	}
	return false;
}

/* Drop a read lock. Release: pairs with the acquire of the next writer's compare-and-exchange. */
static inline void up_read(struct rw_semaphore *sem, enum rwsem_class class)
{
	int64_t count = arch_xadd_release(&sem->count, -RWSEM_READER_BIAS) - RWSEM_READER_BIAS;

	if ((count & (RWSEM_LOCK_MASK | RWSEM_FLAG_WAITERS)) == RWSEM_FLAG_WAITERS)
		rwsem_up_read_slow(sem, class);
}

/* Take the lock for writing if it is free and nobody waits; acquire pairs with the release in
 * up_read() and up_write(). */
static inline bool down_write_trylock(struct rw_semaphore *sem)
{
	int64_t count = 0;

	if (!arch_cmpxchg_acquire(&sem->count, &count, RWSEM_WRITER_LOCKED))
		return false;
	arch_write_once(&sem->owner, rwsem_self());
	return true;
}

/* Take the lock for writing; spins, then sleeps. */
static inline void down_write(struct rw_semaphore *sem, enum rwsem_class class)
{
	if (!down_write_trylock(sem))
		rwsem_down_write_slow(sem, TASK_UNINTERRUPTIBLE, class);
}

/* The same, or -EINTR if the caller is killed while it sleeps. */
static inline int down_write_killable(struct rw_semaphore *sem, enum rwsem_class class)
{
	return down_write_trylock(sem) ? 0 : rwsem_down_write_slow(sem, TASK_KILLABLE, class);
}

/* Drop the write lock. Release: pairs with the acquire of whoever takes the lock next. */
static inline void up_write(struct rw_semaphore *sem, enum rwsem_class class)
{
	arch_write_once(&sem->owner, (uint64_t)0);
	if (arch_xadd_release(&sem->count, -RWSEM_WRITER_LOCKED) & RWSEM_FLAG_WAITERS)
		rwsem_wake(sem, class);
}

/* Turn the write lock into a read lock, with nobody in between; queued readers come in. Release: pairs
 * with the acquire of those readers. */
static inline void downgrade_write(struct rw_semaphore *sem, enum rwsem_class class)
{
	int64_t count =
		arch_xadd_release(&sem->count, RWSEM_READER_BIAS - RWSEM_WRITER_LOCKED);

	rwsem_set_reader_owned(sem, rwsem_self());
	if (count & RWSEM_FLAG_WAITERS)
		rwsem_downgrade_wake(sem, class);
}

/* For asserts: whether the caller holds the lock for writing. */
static inline bool rwsem_held_write(struct rw_semaphore *sem)
{
	return (arch_read_once(&sem->count) & RWSEM_WRITER_LOCKED) &&
	       arch_read_once(&sem->owner) == rwsem_self();
}

/* For asserts: whether the caller may hold the lock; readers are not known by name. */
static inline bool rwsem_held(struct rw_semaphore *sem)
{
	return rwsem_held_write(sem) ||
	       ((arch_read_once(&sem->count) & RWSEM_READER_MASK) &&
		(arch_read_once(&sem->owner) & RWSEM_READER_OWNED));
}

/* For asserts: whether nobody holds the lock (rwsem_is_locked() negated), e.g. before it is freed. */
static inline bool rwsem_notheld(struct rw_semaphore *sem)
{
	return !(arch_read_once(&sem->count) & RWSEM_LOCK_MASK);
}

/* rwsem_is_contended(): whether somebody is queued. */
static inline bool rwsem_is_contended(struct rw_semaphore *sem)
{
	return (arch_read_once(&sem->count) & RWSEM_FLAG_WAITERS) != 0;
}

#endif
