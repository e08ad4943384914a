/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rwsem's queue, step by step: who waits, who is woken, who may steal, who spins. */
#include "tests/unit/rwsem_actor.h"

#include <unistd.h>

static void a_queued_writer_makes_readers_queue(void **state)
{
	struct actor w = {0}, r = {0};

	(void)state;
	down_read(&sem, CLASS);
	start(&w, 1, WRITE);
	await_queue(1);
	assert_int_equal(COUNT(), READERS(1) | WAITERS);
	start(&r, 2, READ);
	await_queue(2);
	assert_int_equal(COUNT(), READERS(1) | WAITERS);
	assert_int_equal(counted(RWSEM_RLOCK_STEAL), 0);
	assert_true(rwsem_is_contended(&sem));
	up_read(&sem, CLASS);
	await(&w);
	assert_int_equal(COUNT(), WRITER | WAITERS);
	assert_int_equal(OWNED_BY(), OWNER(1));
	assert_int_equal(arch_read_once(&r.got), 0);
	finish(&w);
	await(&r);
	assert_int_equal(COUNT(), READERS(1));
	assert_int_equal(OWNED_BY(), OWNER(2) | R);
	finish(&r);
	assert_int_equal(COUNT(), 0);
	assert_int_equal(counted(RWSEM_WAKE_WRITER), 1);
	assert_int_equal(counted(RWSEM_WAKE_READER), 1);
	assert_int_equal(counted(RWSEM_WLOCK), 1);
	assert_int_equal(counted(RWSEM_RLOCK), 1);
}

static void readers_are_woken_past_queued_writers(void **state)
{
	struct actor r[3] = {{0}}, w = {0};

	(void)state;
	down_write(&sem, CLASS);
	start(&r[0], 1, READ);
	await_queue(1);
	start(&w, 2, WRITE);
	await_queue(2);
	start(&r[1], 3, READ);
	await_queue(3);
	start(&r[2], 4, READ);
	await_queue(4);
	up_write(&sem, CLASS);
	for (int i = 0; i < 3; i++)
		await(&r[i]);
	assert_int_equal(COUNT(), READERS(3) | WAITERS);
	assert_int_equal(arch_read_once(&w.got), 0);
	assert_int_equal(counted(RWSEM_WAKE_READER), 3);
	for (int i = 0; i < 3; i++)
		finish(&r[i]);
	await(&w);
	assert_int_equal(COUNT(), WRITER);
	finish(&w);
}

static void a_wake_up_lets_256_readers_in(void **state)
{
	static struct actor r[257];
	unsigned in = 0;

	(void)state;
	down_write(&sem, CLASS);
	for (unsigned i = 0; i < 257; i++) {
		r[i].sleeps = true;
		start(&r[i], 1 + i, READ);
	}
	await_queue(257);
	up_write(&sem, CLASS);
	assert_int_equal(COUNT(), READERS(256) | WAITERS);
	for (unsigned i = 0; i < 257; i++) {
		if (task_signal_pending(TASK_KILLABLE))
			fail();
		arch_store_release(&r[i].go, 1);
		arch_wake(&r[i].go, 1);
	}
	for (unsigned i = 0; i < 257; i++) {
		assert_int_equal(pthread_join(r[i].thread, NULL), 0);
		in += r[i].got;
	}
	assert_int_equal(in, 257);
	assert_int_equal(COUNT(), 0);
	assert_int_equal(counted(RWSEM_WAKE_READER), 257);
}

static void downgrade_wakes_readers_but_no_writer(void **state)
{
	struct actor r = {0}, w = {0};

	(void)state;
	down_write(&sem, CLASS);
	start(&r, 1, READ);
	await_queue(1);
	downgrade_write(&sem, CLASS);
	await(&r);
	assert_int_equal(COUNT(), READERS(2));
	finish(&r);
	up_read(&sem, CLASS);

	down_write(&sem, CLASS);
	start(&w, 1, WRITE);
	await_queue(1);
	downgrade_write(&sem, CLASS);
	assert_int_equal(COUNT(), READERS(1) | WAITERS);
	assert_int_equal(counted(RWSEM_WAKE_WRITER), 0);
	up_read(&sem, CLASS);
	await(&w);
	finish(&w);
}

static void killed_waiters_leave_no_trace(void **state)
{
	static const enum op ops[] = {READ_KILLABLE, WRITE_KILLABLE};
	struct actor a = {0};

	(void)state;
	down_write(&sem, CLASS);
	for (int i = 0; i < 2; i++) {
		start(&a, 1, ops[i]);
		await_queue(1);
		await_asleep(1);
		task_kill(1);
		await(&a);
		assert_int_equal(a.rc, -EINTR);
		finish(&a);
		assert_int_equal(COUNT(), WRITER);
		/* It stays pending, and does not matter to those who cannot be killed, ... */
		start(&a, 1, i ? WRITE : READ);
		await_queue(1);
		up_write(&sem, CLASS);
		await(&a);
		assert_int_equal(a.rc, 0);
		finish(&a);
		/* ... nor to those who need not sleep. */
		start(&a, 1, ops[i]);
		await(&a);
		assert_int_equal(a.rc, 0);
		finish(&a);
		task_revive(1);
		down_write(&sem, CLASS);
	}
	up_write(&sem, CLASS);
	assert_int_equal(counted(RWSEM_RLOCK_FAIL), 1);
	assert_int_equal(counted(RWSEM_WLOCK_FAIL), 1);
}

static void killing_the_first_wakes_the_next(void **state)
{
	struct actor w = {0}, r = {0};

	(void)state;
	down_read(&sem, CLASS);
	start(&w, 1, WRITE_KILLABLE);
	await_queue(1);
	start(&r, 2, READ);
	await_queue(2);
	task_kill(1);
	await(&w);
	await(&r);
	assert_int_equal(w.rc, -EINTR);
	assert_int_equal(COUNT(), READERS(2));
	finish(&w);
	finish(&r);
	up_read(&sem, CLASS);
	task_revive(1);
}

/* The wait_lock is a queue: hold it, let the one who grants the lock line up, and then the killed one. */
static void a_lock_granted_is_not_lost_to_a_signal(void **state)
{
	struct actor w = {0}, r = {0};

	(void)state;
	start(&w, 1, WRITE);
	await(&w);
	start(&r, 2, READ_KILLABLE);
	await_queue(1);
	await_asleep(2);
	spin_lock(&sem.wait_lock);
	arch_store_release(&w.go, 1);
	while (arch_read_once(&sem.wait_lock.word) == 1)
		sched_yield();
	task_kill(2);
	while (!arch_read_once(&sem.wait_lock.tail))
		sched_yield();
	spin_unlock(&sem.wait_lock);
	await(&r);
	assert_int_equal(r.rc, 0);
	assert_int_equal(COUNT(), READERS(1));
	finish(&w);
	finish(&r);
	assert_int_equal(COUNT(), 0);
	task_revive(2);
}

static void a_writer_that_waits_for_long_gets_a_handoff(void **state)
{
	struct actor w[2] = {{0}};

	(void)state;
	down_write(&sem, CLASS);
	start(&w[0], 1, WRITE);
	await_queue(1);
	start(&w[1], 2, WRITE);
	await_queue(2);
	await_asleep(1);
	assert_int_equal(COUNT(), WRITER | WAITERS);
	usleep(5000);
	/* A wake-up that does not help, as after a steal. */
	task_wake(1);
	while (COUNT() != (WRITER | WAITERS | HANDOFF))
		sched_yield();
	/* What else it does about that, it does under wait_lock. */
	spin_lock(&sem.wait_lock);
	spin_unlock(&sem.wait_lock);
	assert_int_equal(counted(RWSEM_WLOCK_HANDOFF), 1);
	/* It is for the first: the second does not get it, whoever runs first. */
	task_wake(2);
	arch_write_once(&sem.owner, (uint64_t)0);
	assert_int_equal(arch_xadd_release(&sem.count, -WRITER), WRITER | WAITERS | HANDOFF);
	assert_false(down_read_trylock(&sem));
	assert_false(down_write_trylock(&sem));
	task_wake(2);
	usleep(2000);
	assert_int_equal(arch_read_once(&w[1].got), 0);
	rwsem_wake(&sem, CLASS);
	await(&w[0]);
	assert_int_equal(COUNT(), WRITER | WAITERS);
	finish(&w[0]);
	await(&w[1]);
	finish(&w[1]);
	assert_int_equal(COUNT(), 0);
}

static void a_reader_that_waits_for_long_gets_a_handoff(void **state)
{
	struct actor r = {0};

	(void)state;
	down_write(&sem, CLASS);
	start(&r, 1, READ);
	await_queue(1);
	/* A wake-up that finds the lock stolen by a writer. */
	rwsem_wake(&sem, CLASS);
	assert_true(counted(RWSEM_RLOCK_HANDOFF) <= 1);
	usleep(5000);
	rwsem_wake(&sem, CLASS);
	assert_int_equal(COUNT(), WRITER | WAITERS | HANDOFF);
	assert_int_equal(counted(RWSEM_RLOCK_HANDOFF), 1);
	up_write(&sem, CLASS);
	await(&r);
	assert_int_equal(COUNT(), READERS(1));
	finish(&r);
}

static void writers_do_not_spin_on_a_sleeper(void **state)
{
	struct actor owner = {.sleeps = true}, w = {0};

	(void)state;
	rwsem_set_spin(true);
	start(&owner, 1, WRITE);
	await(&owner);
	await_asleep(1);
	start(&w, 2, WRITE);
	await_queue(1);
	assert_int_equal(counted(RWSEM_OPT_REFUSED), 1);
	assert_int_equal(counted(RWSEM_SPIN_NS), 0);
	finish(&owner);
	await(&w);
	finish(&w);
}

static void long_readers_make_writers_stop_spinning(void **state)
{
	struct actor w[2] = {{0}};

	(void)state;
	rwsem_set_spin(true);
	down_read(&sem, CLASS);
	start(&w[0], 1, WRITE);
	await_queue(1);
	assert_int_equal(counted(RWSEM_OPT_FAIL), 1);
	assert_true(counted(RWSEM_SPIN_NS) > 0);
	if (counted(RWSEM_OPT_NOSPIN)) {
		assert_int_equal(OWNED_BY(), OWNER(0) | R | N);
		start(&w[1], 2, WRITE);
		await_queue(2);
		assert_int_equal(counted(RWSEM_OPT_REFUSED), 1);
		up_read(&sem, CLASS);
		await(&w[0]);
		finish(&w[0]);
		await(&w[1]);
		finish(&w[1]);
	} else { /* preempted for a whole SPIN_LIMIT_NS just before it looked at the clock */
		assert_int_equal(counted(RWSEM_OPT_LIMIT), 1);
		up_read(&sem, CLASS);
		await(&w[0]);
		finish(&w[0]);
	}
	assert_int_equal(OWNED_BY(), 0);
}

static void a_spinning_writer_takes_over_without_sleeping(void **state)
{
	struct actor w = {0};

	(void)state;
	rwsem_set_spin(true);
	/* Whether it still spins when the lock is dropped is a matter of luck; not for ever. */
	for (int i = 0; i < 10000 && !counted(RWSEM_OPT_LOCK); i++) {
		down_write(&sem, CLASS);
		start(&w, 1, WRITE);
		while (!osq_is_locked(&sem.osq) && !rwsem_is_contended(&sem))
			;
		up_write(&sem, CLASS);
		await(&w);
		assert_int_equal(COUNT(), WRITER);
		assert_int_equal(OWNED_BY(), OWNER(1));
		finish(&w);
	}
	assert_int_equal(counted(RWSEM_OPT_LOCK), 1);
	assert_false(osq_is_locked(&sem.osq));
}

int main(void)
{
#define STEP(f) cmocka_unit_test_setup(f, fresh)
	const struct CMUnitTest tests[] = {
		STEP(a_queued_writer_makes_readers_queue),
		STEP(readers_are_woken_past_queued_writers),
		STEP(a_wake_up_lets_256_readers_in),
		STEP(downgrade_wakes_readers_but_no_writer),
		STEP(killed_waiters_leave_no_trace),
		STEP(killing_the_first_wakes_the_next),
		STEP(a_lock_granted_is_not_lost_to_a_signal),
		STEP(a_writer_that_waits_for_long_gets_a_handoff),
		STEP(a_reader_that_waits_for_long_gets_a_handoff),
		STEP(writers_do_not_spin_on_a_sleeper),
		STEP(long_readers_make_writers_stop_spinning),
		STEP(a_spinning_writer_takes_over_without_sleeping),
	};

	/* A lost wake-up hangs: red, not silent. */
	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
