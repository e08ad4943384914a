/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/base/spinlock.h"
#include "tests/unit/pft_workers.h"

static void test_one_worker(void **state)
{
	struct spinlock lock = SPINLOCK_INIT;

	(void)state;
	assert_false(spin_is_locked(&lock));
	spin_lock(&lock);
	assert_true(spin_is_locked(&lock));
	assert_false(spin_trylock(&lock));
	spin_unlock(&lock);
	assert_int_equal(lock.word, 0);
	assert_true(spin_trylock(&lock));
	spin_unlock(&lock);
	assert_int_equal(lock.word, 0);
}

struct shared {
	struct spinlock lock;
	unsigned rounds;
	volatile uint64_t counters[8]; /* plain: TSan sees any hole in the exclusion */
};

/* Eight increments inside the lock, so that two workers inside at once hardly go unseen. */
static void count(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	unsigned i, n;

	for (i = 0; i < shared->rounds; i++) {
		if (i % 16 == slot % 16)
			while (!spin_trylock(&shared->lock))
				arch_relax();
		else
			spin_lock(&shared->lock);
		for (n = 0; n < 8; n++)
			shared->counters[n]++;
		spin_unlock(&shared->lock);
	}
}

static void exclude(unsigned workers, unsigned rounds)
{
	struct shared shared = {.rounds = rounds};
	unsigned n;

	workers_run(workers, count, &shared);
	for (n = 0; n < 8; n++)
		assert_int_equal(shared.counters[n], (uint64_t)workers * rounds);
	assert_int_equal(shared.lock.word, 0);
}

static void test_two_exclude(void **state)
{
	(void)state;
	exclude(2, 20000);
}

/* Many more workers than CPUs: holders and waiters are preempted, and all must still come through. */
static void test_oversubscribed(void **state)
{
	(void)state;
	exclude(16, 1000);
}

/* The first holder stays away until a waiter went to sleep (or 5 s are over). */
static void hold(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	uint32_t never = 0;
	unsigned i;

	(void)slot;
	spin_lock(&shared->lock);
	if (!shared->counters[0]++)
		for (i = 0; i < 5000 && !stat_sum(&spinlock_stat, SPINLOCK_SLEPT); i++)
			arch_wait(&never, 0, 1000000);
	spin_unlock(&shared->lock);
}

/* Waiters sleep while the holder does not run, at the front as in the queue. */
static void test_waiters_sleep(void **state)
{
	struct shared shared = {.rounds = 0};

	(void)state;
	stat_clear(&spinlock_stat);
	workers_run(8, hold, &shared);
	assert_int_equal(shared.counters[0], 8);
	assert_true(stat_sum(&spinlock_stat, SPINLOCK_SLEPT) >= 1);

	stat_clear(&spinlock_stat);
	shared.counters[0] = 0;
	workers_run(2, hold, &shared);
	assert_int_equal(shared.counters[0], 2);
	assert_int_equal(stat_sum(&spinlock_stat, SPINLOCK_QUEUED), 0);
	assert_true(stat_sum(&spinlock_stat, SPINLOCK_SLEPT) >= 1);
}

#define IN_LINE 8

struct line {
	struct spinlock lock;
	unsigned served[IN_LINE], nr_served;
};

/* Stand in line in the order of the slots: 1 has the lock, 2 is pending, the others queue. */
static void stand_in_line(unsigned slot, void *arg)
{
	struct line *line = arg;

	if (slot == 2)
		while (!spin_is_locked(&line->lock))
			arch_relax();
	if (slot == 3)
		while (!arch_read_once(&line->lock.pending))
			arch_relax();
	if (slot > 3)
		while (arch_read_once(&line->lock.tail) != slot)
			arch_relax();
	spin_lock(&line->lock);
	line->served[line->nr_served++] = slot;
	if (slot == 1)
		while (arch_read_once(&line->lock.tail) != IN_LINE + 1)
			arch_relax();
	spin_unlock(&line->lock);
}

static void test_first_come_first_served(void **state)
{
	struct line line = {.nr_served = 0};
	unsigned i;

	(void)state;
	workers_run(IN_LINE, stand_in_line, &line);
	for (i = 0; i < IN_LINE; i++)
		assert_int_equal(line.served[i], i + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_worker),
		cmocka_unit_test(test_two_exclude),
		cmocka_unit_test(test_oversubscribed),
		cmocka_unit_test(test_waiters_sleep),
		cmocka_unit_test(test_first_come_first_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
