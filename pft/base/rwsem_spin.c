/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/rwsem_spin.h"

#include "pft/base/rwsem_stat.h"

static bool rwsem_spin __attribute__((aligned(ARCH_PAIR))) = true;

void rwsem_set_spin(bool on)
{
	arch_write_once(&rwsem_spin, on);
}

bool rwsem_spin_is_on(void)
{
	return arch_read_once(&rwsem_spin);
}

void rwsem_set_nonspinnable(struct rw_semaphore *sem)
{
	uint64_t owner = arch_read_once(&sem->owner);

	do {
		if (!(owner & RWSEM_READER_OWNED) || (owner & RWSEM_NONSPINNABLE))
			return;
	} while (!arch_cmpxchg_relaxed(&sem->owner, &owner, owner | RWSEM_NONSPINNABLE));
}

void rwsem_clear_nonspinnable(struct rw_semaphore *sem)
{
	if (arch_read_once(&sem->owner) & RWSEM_NONSPINNABLE)
		arch_andnot_relaxed(&sem->owner, RWSEM_NONSPINNABLE);
}

/* Whether the worker that the owner word names is running. */
static bool owner_on_cpu(uint64_t owner)
{
	return arch_on_cpu((owner >> RWSEM_OWNER_SHIFT) - 1);
}

/* rwsem_can_spin_on_owner(); a reader's name is not looked at, it may be long gone. */
static bool can_spin_on_owner(struct rw_semaphore *sem)
{
	uint64_t owner = arch_read_once(&sem->owner);

	if (arch_need_resched() || (owner & RWSEM_NONSPINNABLE))
		return false;
	return !owner || (owner & RWSEM_READER_OWNED) || owner_on_cpu(owner);
}

/* rwsem_owner_state() */
static enum rwsem_owner owner_state(uint64_t owner)
{
	if (owner & RWSEM_NONSPINNABLE)
		return RWSEM_OWNER_NONSPINNABLE;
	if (owner & RWSEM_READER_OWNED)
		return RWSEM_OWNER_READER;
	return owner ? RWSEM_OWNER_WRITER : RWSEM_OWNER_NULL;
}

enum rwsem_owner rwsem_spin_on_owner(struct rw_semaphore *sem, struct spin_limit *limit)
{
	uint64_t owner = arch_read_once(&sem->owner), now;

	if (owner_state(owner) != RWSEM_OWNER_WRITER)
		return owner_state(owner);
	while ((now = arch_read_once(&sem->owner)) == owner) {
		if (spin_limit_reached(limit) || !owner_on_cpu(owner))
			return RWSEM_OWNER_NONSPINNABLE;
		arch_relax();
	}
	return owner_state(now);
}

/* rwsem_try_write_lock_unqueued(): past those who are queued, if no handoff is due. */
static bool try_write_lock_unqueued(struct rw_semaphore *sem)
{
	int64_t count = arch_read_once(&sem->count);

	while (!(count & (RWSEM_LOCK_MASK | RWSEM_FLAG_HANDOFF))) {
		/* Acquire: as in down_write_trylock(). */
		if (arch_cmpxchg_acquire(&sem->count, &count, count | RWSEM_WRITER_LOCKED)) {
			arch_write_once(&sem->owner, rwsem_self());
			return true;
		}
	}
	return false;
}

/* rwsem_rspin_threshold(): until when to spin on readers: 10 us and half a microsecond for each, of 30
 * at most. The more there are, the longer until the last is gone. */
static uint64_t reader_threshold(struct rw_semaphore *sem)
{
	int64_t readers = arch_read_once(&sem->count) >> RWSEM_READER_SHIFT;

	if (readers > 30)
		readers = 30;
	return arch_now_ns() + (uint64_t)((20 + readers) * 500);
}

/* The spinner at the head of the osq. */
static bool spin_as_head(struct rw_semaphore *sem, struct spin_limit *limit,
			 const struct stat_table *stat)
{
	enum rwsem_owner before = RWSEM_OWNER_NULL, owner;
	uint64_t threshold = 0;
	unsigned loop = 0;

	for (;;) {
		owner = rwsem_spin_on_owner(sem, limit);
		if (owner == RWSEM_OWNER_NONSPINNABLE)
			return false;
		if (try_write_lock_unqueued(sem))
			return true;
		if (owner == RWSEM_OWNER_READER) {
			/* Each phase of readers gets its own time; the clock is read at every 16th look,
			 * so that a free lock is seen soon. */
			if (before != RWSEM_OWNER_READER) {
				if (arch_read_once(&sem->owner) & RWSEM_NONSPINNABLE)
					return false;
				threshold = reader_threshold(sem);
				loop = 0;
			} else if (++loop % 16 == 0 && arch_now_ns() > threshold) {
				rwsem_set_nonspinnable(sem);
				stat_inc(stat, RWSEM_OPT_NOSPIN);
				return false;
			}
		}
		/* The kernel asks need_resched() here but for writers, on whom it has just spun; the
		 * time must end a chain of short ones, too, who each steal before us. */
		if (spin_limit_reached(limit))
			return false;
		before = owner;
		arch_relax();
	}
}

bool rwsem_optimistic_spin(struct rw_semaphore *sem, enum rwsem_class class)
{
	const struct stat_table *stat = rwsem_stat[class];
	struct spin_limit limit;
	uint64_t start;
	bool taken = false;

	if (!can_spin_on_owner(sem)) {
		stat_inc(stat, RWSEM_OPT_REFUSED);
		return false;
	}
	start = arch_now_ns();
	spin_limit_init(&limit, start);
	if (osq_lock(&sem->osq, &limit)) {
		taken = spin_as_head(sem, &limit, stat);
		osq_unlock(&sem->osq);
	}
	stat_inc(stat, taken ? RWSEM_OPT_LOCK : RWSEM_OPT_FAIL);
	if (limit.hit)
		stat_inc(stat, RWSEM_OPT_LIMIT);
	stat_add(stat, RWSEM_SPIN_NS, arch_now_ns() - start);
	return taken;
}
