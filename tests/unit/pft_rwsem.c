/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rwsem's encoding, step by step: what each call of one worker makes of count and owner. */
#include "tests/unit/rwsem_actor.h"

static void readers_add_up_and_the_last_stays_owner(void **state)
{
	(void)state;
	down_read(&sem, CLASS);
	assert_int_equal(COUNT(), READERS(1));
	assert_int_equal(OWNED_BY(), OWNER(0) | R);
	arch_slot_enter(7);
	assert_true(down_read_trylock(&sem));
	assert_int_equal(COUNT(), READERS(2));
	assert_int_equal(OWNED_BY(), OWNER(7) | R);
	assert_true(rwsem_held(&sem));
	assert_false(rwsem_held_write(&sem));
	up_read(&sem, CLASS);
	assert_int_equal(COUNT(), READERS(1));
	up_read(&sem, CLASS);
	assert_int_equal(COUNT(), 0);
	assert_int_equal(OWNED_BY(), OWNER(7) | R);
	assert_true(rwsem_notheld(&sem));
	assert_int_equal(counted(RWSEM_RSLOW), 0);
}

static void a_writer_is_alone(void **state)
{
	(void)state;
	down_write(&sem, CLASS);
	assert_int_equal(COUNT(), WRITER);
	assert_int_equal(OWNED_BY(), OWNER(0));
	assert_true(rwsem_held_write(&sem));
	assert_false(down_read_trylock(&sem));
	assert_false(down_write_trylock(&sem));
	assert_int_equal(COUNT(), WRITER);
	arch_slot_enter(1);
	assert_false(rwsem_held_write(&sem));
	arch_slot_enter(0);
	up_write(&sem, CLASS);
	assert_int_equal(COUNT(), 0);
	assert_int_equal(OWNED_BY(), 0);
	assert_int_equal(counted(RWSEM_WSLOW), 0);
}

static void trylock_fails_on_every_flag(void **state)
{
	static const int64_t bad[] = {WRITER, WAITERS, HANDOFF, RWSEM_FLAG_READFAIL,
				      READERS(3) | WAITERS};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sem.count = bad[i];
		assert_false(down_read_trylock(&sem));
		assert_false(down_write_trylock(&sem));
		assert_int_equal(COUNT(), bad[i]);
		assert_int_equal(OWNED_BY(), 0);
	}
	sem.count = READERS(1);
	assert_false(down_write_trylock(&sem));
}

static void downgrade_keeps_the_lock(void **state)
{
	(void)state;
	down_write(&sem, CLASS);
	downgrade_write(&sem, CLASS);
	assert_int_equal(COUNT(), READERS(1));
	assert_int_equal(OWNED_BY(), OWNER(0) | R);
	assert_true(down_read_trylock(&sem));
	up_read(&sem, CLASS);
	up_read(&sem, CLASS);
	assert_int_equal(COUNT(), 0);
}

static void readers_keep_nonspinnable(void **state)
{
	(void)state;
	sem.owner = OWNER(9) | R | N;
	down_read(&sem, CLASS);
	assert_int_equal(OWNED_BY(), OWNER(0) | R | N);
	/* The last reader clears it only if somebody is queued: the slow path. */
	up_read(&sem, CLASS);
	assert_int_equal(OWNED_BY(), OWNER(0) | R | N);
	down_read(&sem, CLASS);
	sem.count |= WAITERS;
	up_read(&sem, CLASS);
	assert_int_equal(OWNED_BY(), OWNER(0) | R);
}

static void a_reader_steals_a_free_lock_past_the_queue(void **state)
{
	(void)state;
	sem.count = WAITERS;
	down_read(&sem, CLASS);
	assert_int_equal(COUNT(), READERS(1) | WAITERS);
	assert_int_equal(OWNED_BY(), OWNER(0) | R);
	assert_int_equal(counted(RWSEM_RSLOW), 1);
	assert_int_equal(counted(RWSEM_RLOCK_STEAL), 1);
}

static void a_handoff_forbids_stealing(void **state)
{
	(void)state;
	sem.count = HANDOFF;
	down_read(&sem, CLASS);
	/* Not stolen; but the queue is empty and no writer inside: in, by the second look. */
	assert_int_equal(counted(RWSEM_RLOCK_STEAL), 0);
	assert_int_equal(counted(RWSEM_RLOCK_FAST), 1);
	assert_int_equal(COUNT(), READERS(1) | HANDOFF);
}

static void too_many_readers_make_it_nonspinnable(void **state)
{
	(void)state;
	sem.count = RWSEM_FLAG_READFAIL;
	sem.owner = OWNER(3) | R;
	down_read(&sem, CLASS);
	assert_int_equal(OWNED_BY() & N, N);
	assert_true(COUNT() < 0);
}

int main(void)
{
#define STEP(f) cmocka_unit_test_setup(f, fresh)
	const struct CMUnitTest tests[] = {
		STEP(readers_add_up_and_the_last_stays_owner),
		STEP(a_writer_is_alone),
		STEP(trylock_fails_on_every_flag),
		STEP(downgrade_keeps_the_lock),
		STEP(readers_keep_nonspinnable),
		STEP(a_reader_steals_a_free_lock_past_the_queue),
		STEP(a_handoff_forbids_stealing),
		STEP(too_many_readers_make_it_nonspinnable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
