/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/rwsem.h"

#include <errno.h>

#include "pft/base/rwsem_spin.h"
#include "pft/base/rwsem_stat.h"

/* How long a waiter is passed over before it asks for handoff (RWSEM_WAIT_TIMEOUT). */
#define HANDOFF_NS 4000000

/* Readers let in by one wake-up, at most (MAX_READERS_WAKEUP). */
#define MAX_READERS_WAKEUP WAKE_Q_MAX

/* What a wake-up may wake. */
enum wake_type {
	WAKE_ANY, /* the lock is free: whoever is first */
	WAKE_READERS, /* readers hold it: only readers */
	WAKE_READ_OWNED, /* the caller itself holds it for reading */
};

/* One who is queued, on its stack. */
struct rwsem_waiter {
	struct list_head list;
	uint32_t task; /* slot + 1; a reader's is cleared when it has been given the lock */
	bool writer;
	bool handoff_set; /* the handoff bit was set for this one */
	uint64_t handoff_ns; /* from when on it may be */
};

void rwsem_init(struct rw_semaphore *sem)
{
	sem->count = 0;
	sem->owner = 0;
	osq_init(&sem->osq);
	spin_lock_init(&sem->wait_lock);
	list_init(&sem->wait_list);
}

static struct rwsem_waiter *first_waiter(struct rw_semaphore *sem)
{
	return list_first_entry(&sem->wait_list, struct rwsem_waiter, list);
}

static void waiter_init(struct rwsem_waiter *waiter, bool writer)
{
	waiter->task = arch_slot() + 1;
	waiter->writer = writer;
	waiter->handoff_set = false;
	waiter->handoff_ns = arch_now_ns() + HANDOFF_NS;
}

/*
 * Take the lock for the first queued reader, and say so in owner as early as possible, for spinners.
 * False if a writer was faster: then the reader goes on waiting, and asks for handoff if it has waited
 * for too long.
 */
static bool grant_first_reader(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			       const struct stat_table *stat)
{
	int64_t old, undo = -RWSEM_READER_BIAS;

	/* Acquire: pairs with the release of the last writer, on behalf of the readers granted. */
	old = arch_xadd_acquire(&sem->count, RWSEM_READER_BIAS);
	if (!(old & RWSEM_WRITER_LOCKED)) {
		rwsem_set_reader_owned(sem, (uint64_t)waiter->task << RWSEM_OWNER_SHIFT);
		return true;
	}
	if (arch_now_ns() > waiter->handoff_ns) {
		if (!(old & RWSEM_FLAG_HANDOFF)) {
			undo += RWSEM_FLAG_HANDOFF;
			stat_inc(stat, RWSEM_RLOCK_HANDOFF);
		}
		arch_write_once(&waiter->handoff_set, true);
	}
	arch_xadd_relaxed(&sem->count, undo);
	return false;
}

/* Move the queued readers to @granted, up to MAX_READERS_WAKEUP and past writers: in a reader phase all
 * readers come in, wherever they stand. Returns how many. */
static int64_t collect_readers(struct rw_semaphore *sem, struct list_head *granted)
{
	struct rwsem_waiter *waiter, *spare;
	int64_t nr = 0;

	list_for_each_entry_safe(waiter, spare, &sem->wait_list, list) {
		if (waiter->writer)
			continue;
		list_move_tail(&waiter->list, granted);
		if (++nr >= MAX_READERS_WAKEUP)
			break;
	}
	return nr;
}

/*
 * rwsem_mark_wake(): with wait_lock held and somebody queued, give the lock to queued readers or choose
 * the first writer; who is to be woken goes into @q, for after wait_lock.
 */
static void mark_wake(struct rw_semaphore *sem, enum wake_type type, struct wake_q *q,
		      const struct stat_table *stat)
{
	struct rwsem_waiter *waiter = first_waiter(sem), *spare;
	struct list_head granted;
	int64_t woken, add = 0;

	if (waiter->writer) {
		/* Not given the lock: until it has run and taken it, others may steal it. */
		if (type == WAKE_ANY) {
			wake_q_add(q, waiter->task - 1);
			stat_inc(stat, RWSEM_WAKE_WRITER);
		}
		return;
	}
	if (arch_read_once(&sem->count) < 0)
		return;
	if (type != WAKE_READ_OWNED) {
		if (!grant_first_reader(sem, waiter, stat))
			return;
		add = -RWSEM_READER_BIAS;
	}

	/* Two passes: all are added to count before the first of them can run and take itself off. */
	list_init(&granted);
	woken = collect_readers(sem, &granted);
	add += woken * RWSEM_READER_BIAS;
	if (list_empty(&sem->wait_list))
		add -= RWSEM_FLAG_WAITERS;
	/* Readers have got in: no need to force writers out any more. Bits 1 and 2 are ours. */
	if (arch_read_once(&sem->count) & RWSEM_FLAG_HANDOFF)
		add -= RWSEM_FLAG_HANDOFF;
	if (add)
		arch_xadd_relaxed(&sem->count, add);
	stat_add(stat, RWSEM_WAKE_READER, woken);
	list_for_each_entry_safe(waiter, spare, &granted, list) {
		wake_q_add(q, waiter->task - 1);
		/* Release: pairs with the reader's acquire; after it the waiter may be gone. */
		arch_store_release(&waiter->task, (uint32_t)0);
	}
}

/* rwsem_cond_wake_waiter(): after queueing, with wait_lock held: wake whom @count allows. */
static void cond_wake_waiter(struct rw_semaphore *sem, int64_t count, struct wake_q *q,
			     const struct stat_table *stat)
{
	if (count & RWSEM_WRITER_LOCKED)
		return;
	if (count & RWSEM_READER_MASK) {
		mark_wake(sem, WAKE_READERS, q, stat);
	} else {
		rwsem_clear_nonspinnable(sem);
		mark_wake(sem, WAKE_ANY, q, stat);
	}
}

/* rwsem_del_wake_waiter(): take a killed waiter off the queue, and wake who is first after it. Drops
 * wait_lock. */
static void del_wake_waiter(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			    const struct stat_table *stat)
{
	bool first = first_waiter(sem) == waiter;
	struct wake_q q;

	wake_q_init(&q);
	list_del(&waiter->list);
	if (list_empty(&sem->wait_list))
		arch_andnot_relaxed(&sem->count, RWSEM_FLAG_HANDOFF | RWSEM_FLAG_WAITERS);
	else if (first)
		mark_wake(sem, WAKE_ANY, &q, stat);
	spin_unlock(&sem->wait_lock);
	wake_up_q(&q);
}

/* Wake whoever is queued, as far as @type allows, after count has been changed for good. */
static void wake(struct rw_semaphore *sem, enum wake_type type, const struct stat_table *stat)
{
	struct wake_q q;

	wake_q_init(&q);
	spin_lock(&sem->wait_lock);
	if (!list_empty(&sem->wait_list))
		mark_wake(sem, type, &q, stat);
	spin_unlock(&sem->wait_lock);
	wake_up_q(&q);
}

void rwsem_wake(struct rw_semaphore *sem, enum rwsem_class class)
{
	wake(sem, WAKE_ANY, rwsem_stat[class]);
}

void rwsem_up_read_slow(struct rw_semaphore *sem, enum rwsem_class class)
{
	rwsem_clear_nonspinnable(sem);
	wake(sem, WAKE_ANY, rwsem_stat[class]);
}

void rwsem_downgrade_wake(struct rw_semaphore *sem, enum rwsem_class class)
{
	wake(sem, WAKE_READ_OWNED, rwsem_stat[class]);
}

/* The reader has come in past the queue. As the first of a new phase it takes queued readers along. */
static int read_stolen(struct rw_semaphore *sem, int64_t count, const struct stat_table *stat)
{
	rwsem_set_reader_owned(sem, rwsem_self());
	stat_inc(stat, RWSEM_RLOCK_STEAL);
	if (count >> RWSEM_READER_SHIFT == 1 && (count & RWSEM_FLAG_WAITERS))
		wake(sem, WAKE_READ_OWNED, stat);
	return 0;
}

/* Sleep until given the lock: 0, or -EINTR with nothing held and off the queue. */
static int read_sleep(struct rw_semaphore *sem, struct rwsem_waiter *waiter, enum task_mode mode,
		      const struct stat_table *stat)
{
	uint64_t ns;
	int rc = 0;

	for (;;) {
		task_prepare(mode);
		/* Acquire: pairs with the release in mark_wake(), which had acquired the lock. */
		if (!arch_load_acquire(&waiter->task))
			break;
		if (task_signal_pending(mode)) {
			spin_lock(&sem->wait_lock);
			if (arch_read_once(&waiter->task)) {
				del_wake_waiter(sem, waiter, stat);
				rc = -EINTR;
			} else {
				/* Given the lock before it was killed; ordered by wait_lock. */
				spin_unlock(&sem->wait_lock);
			}
			break;
		}
		ns = task_schedule();
		if (ns) {
			stat_inc(stat, RWSEM_SLEEP_READER);
			stat_add(stat, RWSEM_SLEEP_READER_NS, ns);
		}
	}
	task_running();
	stat_inc(stat, rc ? RWSEM_RLOCK_FAIL : RWSEM_RLOCK);
	return rc;
}

/* rwsem_down_read_slowpath() */
int rwsem_down_read_slow(struct rw_semaphore *sem, int64_t count, enum task_mode mode,
			 enum rwsem_class class)
{
	const struct stat_table *stat = rwsem_stat[class];
	int64_t add = -RWSEM_READER_BIAS;
	struct rwsem_waiter waiter;
	struct wake_q q;
	bool readers_inside;

	stat_inc(stat, RWSEM_RSLOW);
	if (count < 0)
		rwsem_set_nonspinnable(sem);
	/* Readers that hold the lock are not joined past those who are queued, or a stream of them
	 * would starve a writer; a writer's lock, just released, may be stolen. */
	readers_inside = (arch_read_once(&sem->owner) & RWSEM_READER_OWNED) &&
			 count >> RWSEM_READER_SHIFT > 1 && !(count & RWSEM_WRITER_LOCKED);
	if (!readers_inside && !(count & (RWSEM_WRITER_LOCKED | RWSEM_FLAG_HANDOFF)))
		return read_stolen(sem, count, stat);

	waiter_init(&waiter, false);
	wake_q_init(&q);
	spin_lock(&sem->wait_lock);
	if (list_empty(&sem->wait_list)) {
		/* Acquire: pairs with the release of the writer that has left since. The bias that the
		 * fast path added makes it ours. */
		if (!(arch_load_acquire(&sem->count) & RWSEM_WRITER_LOCKED)) {
			spin_unlock(&sem->wait_lock);
			rwsem_set_reader_owned(sem, rwsem_self());
			stat_inc(stat, RWSEM_RLOCK_FAST);
			return 0;
		}
		add += RWSEM_FLAG_WAITERS;
	}
	list_add_tail(&waiter.list, &sem->wait_list);
	/* Queued, and no longer in count. Full, as the kernel's: whoever then drops the lock sees the
	 * waiters bit, or count below shows it free and we wake ourselves. */
	count = arch_xadd_full(&sem->count, add) + add;
	cond_wake_waiter(sem, count, &q, stat);
	spin_unlock(&sem->wait_lock);
	wake_up_q(&q);
	return read_sleep(sem, &waiter, mode, stat);
}

/*
 * rwsem_try_write_lock(): with wait_lock held, take the lock for the queued @waiter and take it off the
 * queue; or, if it has waited for too long, ask for handoff to whoever is first.
 */
static bool try_write_lock(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			   const struct stat_table *stat)
{
	struct rwsem_waiter *first = first_waiter(sem);
	int64_t count = arch_read_once(&sem->count), new;

	do {
		bool handoff = count & RWSEM_FLAG_HANDOFF;

		/* A handoff is for the first; one that was set for somebody who has left is not. */
		if (handoff && arch_read_once(&first->handoff_set) && waiter != first)
			return false;
		new = count;
		if (count & RWSEM_LOCK_MASK) {
			if (handoff || arch_now_ns() <= waiter->handoff_ns)
				return false;
			new |= RWSEM_FLAG_HANDOFF;
		} else {
			new |= RWSEM_WRITER_LOCKED;
			new &= ~RWSEM_FLAG_HANDOFF;
			if (list_is_singular(&sem->wait_list))
				new &= ~RWSEM_FLAG_WAITERS;
		}
		/* Acquire: as in down_write_trylock(). */
	} while (!arch_cmpxchg_acquire(&sem->count, &count, new));

	if (new & RWSEM_FLAG_HANDOFF) {
		arch_write_once(&first->handoff_set, true);
		stat_inc(stat, RWSEM_WLOCK_HANDOFF);
		return false;
	}
	list_del(&waiter->list);
	arch_write_once(&sem->owner, rwsem_self());
	return true;
}

/* Join the queue; leaves wait_lock held. */
static void queue_writer(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			 const struct stat_table *stat)
{
	struct wake_q q;

	waiter_init(waiter, true);
	spin_lock(&sem->wait_lock);
	list_add_tail(&waiter->list, &sem->wait_list);
	if (first_waiter(sem) == waiter) {
		arch_or_full(&sem->count, RWSEM_FLAG_WAITERS);
		return;
	}
	wake_q_init(&q);
	cond_wake_waiter(sem, arch_read_once(&sem->count), &q, stat);
	if (q.nr) {
		/* Many readers may have to be woken: not with wait_lock held. */
		spin_unlock(&sem->wait_lock);
		wake_up_q(&q);
		spin_lock(&sem->wait_lock);
	}
}

/*
 * The waiter that is next does not sleep if it sees the owner leave, but tries again at once. The limit
 * is for a reader that was preempted between count and owner: until it runs, nobody seems to be owner.
 */
static bool handoff_spin(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			 struct spin_limit *limit, const struct stat_table *stat)
{
	if (!arch_read_once(&waiter->handoff_set) || !rwsem_spin_is_on())
		return false;
	if (spin_limit_reached(limit) || rwsem_spin_on_owner(sem, limit) != RWSEM_OWNER_NULL)
		return false;
	stat_inc(stat, RWSEM_HANDOFF_SPIN);
	return true;
}

/* rwsem_down_write_slowpath() */
int rwsem_down_write_slow(struct rw_semaphore *sem, enum task_mode mode, enum rwsem_class class)
{
	const struct stat_table *stat = rwsem_stat[class];
	struct rwsem_waiter waiter;
	struct spin_limit limit;
	uint64_t ns;

	stat_inc(stat, RWSEM_WSLOW);
	if (rwsem_spin_is_on() && rwsem_optimistic_spin(sem, class))
		return 0;

	queue_writer(sem, &waiter, stat);
	spin_limit_init(&limit, waiter.handoff_ns);
	task_prepare(mode);
	while (!try_write_lock(sem, &waiter, stat)) {
		spin_unlock(&sem->wait_lock);
		if (task_signal_pending(mode)) {
			spin_lock(&sem->wait_lock);
			del_wake_waiter(sem, &waiter, stat);
			task_running();
			stat_inc(stat, RWSEM_WLOCK_FAIL);
			return -EINTR;
		}
		if (!handoff_spin(sem, &waiter, &limit, stat)) {
			ns = task_schedule();
			if (ns) {
				stat_inc(stat, RWSEM_SLEEP_WRITER);
				stat_add(stat, RWSEM_SLEEP_WRITER_NS, ns);
			}
			task_prepare(mode);
		}
		spin_lock(&sem->wait_lock);
	}
	task_running();
	spin_unlock(&sem->wait_lock);
	stat_inc(stat, RWSEM_WLOCK);
	return 0;
}
