/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rwsem under load: eight workers on two CPUs, spinning on and off. The data are plain, so that TSan
 * sees whether the lock orders them: writers add to ten counters, readers find them equal (the
 * validation of Concurrency Kit).
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/rwsem.h"
#include "pft/base/rwsem_stat.h"

#define CLASS RWSEM_MMAP_LOCK
#define WORKERS 8
#define COUNTERS 10
#define ROUNDS 3000
#define GIVE_UP 50000

static struct rw_semaphore sem;
static uint64_t counters[COUNTERS];
static uint32_t stop, inside, most_inside, torn;

/* What a worker did. */
struct tally {
	unsigned slot;
	struct rng rng;
	uint64_t reads, writes, failed, killed;
};

static uint64_t counted(enum rwsem_event event)
{
	return stat_sum(rwsem_stat[CLASS], event);
}

static void hold(unsigned looks)
{
	while (looks--)
		arch_relax();
}

/* Be inside for a while; now and then off the CPU, so that others run into the lock. */
static void dwell(struct tally *t)
{
	if (rng_below(&t->rng, 32) == 0)
		usleep(1);
	else
		hold(rng_below(&t->rng, 64));
}

/* Called with the lock held for reading. */
static void read_counters(struct tally *t)
{
	uint32_t now = arch_xadd_relaxed(&inside, 1) + 1, most = arch_read_once(&most_inside);

	while (now > most && !arch_cmpxchg_relaxed(&most_inside, &most, now))
		;
	dwell(t);
	for (unsigned i = 1; i < COUNTERS; i++)
		if (counters[i] != counters[0])
			arch_write_once(&torn, 1);
	arch_xadd_relaxed(&inside, (uint32_t)-1);
}

/* Called with the lock held for writing. */
static void write_counters(struct tally *t)
{
	if (arch_read_once(&inside) || !rwsem_held_write(&sem))
		arch_write_once(&torn, 1);
	for (unsigned i = 0; i < COUNTERS; i++) {
		counters[i]++;
		if (i == COUNTERS / 2)
			dwell(t);
	}
}

static void one_read(struct tally *t)
{
	read_counters(t);
	up_read(&sem, CLASS);
	t->reads++;
}

static void one_write(struct tally *t, bool downgrade)
{
	write_counters(t);
	t->writes++;
	if (downgrade) {
		downgrade_write(&sem, CLASS);
		one_read(t);
	} else {
		up_write(&sem, CLASS);
	}
}

/* One acquisition of a kind chosen by @dice, 0..99. */
static void one_round(struct tally *t, unsigned dice)
{
	if (dice < 50) {
		down_read(&sem, CLASS);
		one_read(t);
	} else if (dice < 75) {
		down_write(&sem, CLASS);
		one_write(t, dice < 55);
	} else if (dice < 82) {
		if (down_read_trylock(&sem))
			one_read(t);
		else
			t->failed++;
	} else if (dice < 88) {
		if (down_write_trylock(&sem))
			one_write(t, false);
		else
			t->failed++;
	} else if (dice < 94) {
		if (down_read_killable(&sem, CLASS))
			t->killed++;
		else
			one_read(t);
	} else {
		if (down_write_killable(&sem, CLASS))
			t->killed++;
		else
			one_write(t, false);
	}
}

static void *mix(void *arg)
{
	struct tally *t = arg;

	arch_slot_enter(t->slot);
	rng_init(&t->rng, t->slot);
	for (unsigned i = 0; i < ROUNDS; i++)
		one_round(t, rng_below(&t->rng, 100));
	return NULL;
}

/* Kill workers at random while they run; the last worker is never hit. */
static void *shoot(void *arg)
{
	struct rng rng;

	(void)arg;
	arch_slot_enter(WORKERS);
	rng_init(&rng, 4711);
	while (!arch_load_acquire(&stop)) {
		unsigned slot = rng_below(&rng, WORKERS - 1);

		task_kill(slot);
		usleep(50);
		task_revive(slot);
	}
	return NULL;
}

static void fresh(bool spin)
{
	cpu_set_t allowed, two;

	arch_slot_enter(WORKERS + 1);
	CPU_ZERO(&two);
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&two) < 2; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			CPU_SET(cpu, &two);
	assert_int_equal(sched_setaffinity(0, sizeof(two), &two), 0);
	rwsem_init(&sem);
	rwsem_set_spin(spin);
	stat_clear(rwsem_stat[CLASS]);
	for (unsigned i = 0; i < COUNTERS; i++)
		counters[i] = 0;
	stop = inside = most_inside = torn = 0;
}

/* What must hold of the counters whatever happened: rwsem_stat.h. */
static void check_events(bool spin)
{
	uint64_t tried = counted(RWSEM_OPT_LOCK) + counted(RWSEM_OPT_FAIL) +
			 counted(RWSEM_OPT_REFUSED);

	assert_int_equal(counted(RWSEM_RSLOW),
			 counted(RWSEM_RLOCK_STEAL) + counted(RWSEM_RLOCK_FAST) +
				 counted(RWSEM_RLOCK) + counted(RWSEM_RLOCK_FAIL));
	assert_int_equal(counted(RWSEM_WSLOW), counted(RWSEM_OPT_LOCK) + counted(RWSEM_WLOCK) +
						       counted(RWSEM_WLOCK_FAIL));
	assert_int_equal(tried, spin ? counted(RWSEM_WSLOW) : 0);
	assert_int_equal(counted(RWSEM_WAKE_READER), counted(RWSEM_RLOCK));
	assert_true(counted(RWSEM_SLEEP_READER_NS) >= counted(RWSEM_SLEEP_READER));
	assert_true(counted(RWSEM_SLEEP_WRITER_NS) >= counted(RWSEM_SLEEP_WRITER));
	assert_int_equal(counted(RWSEM_SPIN_NS) > 0,
			 counted(RWSEM_OPT_LOCK) + counted(RWSEM_OPT_FAIL) > 0);
	assert_true(counted(RWSEM_OPT_NOSPIN) + counted(RWSEM_OPT_LIMIT) <=
		    counted(RWSEM_OPT_FAIL) + counted(RWSEM_OPT_LOCK));
}

static void run_mix(bool spin, bool kill)
{
	struct tally tallies[WORKERS] = {{0}}, sum = {0};
	pthread_t threads[WORKERS], killer;

	fresh(spin);
	if (kill)
		assert_int_equal(pthread_create(&killer, NULL, shoot, NULL), 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		tallies[i].slot = i;
		assert_int_equal(pthread_create(&threads[i], NULL, mix, &tallies[i]), 0);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		sum.reads += tallies[i].reads;
		sum.writes += tallies[i].writes;
		sum.failed += tallies[i].failed;
		sum.killed += tallies[i].killed;
	}
	arch_store_release(&stop, 1);
	if (kill)
		assert_int_equal(pthread_join(killer, NULL), 0);
	assert_int_equal(torn, 0);
	for (unsigned i = 0; i < COUNTERS; i++)
		assert_int_equal(counters[i], sum.writes);
	assert_true(sum.reads > 0);
	assert_int_equal(sum.killed, counted(RWSEM_RLOCK_FAIL) + counted(RWSEM_WLOCK_FAIL));
	if (!kill)
		assert_int_equal(sum.killed, 0);
	check_events(spin);
	/* Nobody is left behind. */
	assert_int_equal(sem.count, 0);
	assert_true(list_empty(&sem.wait_list));
	assert_int_equal(sem.osq.tail, 0);
}

static void writers_exclude_all_with_spinning(void **state)
{
	(void)state;
	run_mix(true, false);
}

static void writers_exclude_all_without_spinning(void **state)
{
	(void)state;
	run_mix(false, false);
}

static void killing_waiters_breaks_nothing(void **state)
{
	(void)state;
	run_mix(true, true);
	run_mix(false, true);
}

/* Readers that wait inside for each other: they can only get on if all are let in together. */
static void *meet(void *arg)
{
	struct tally *t = arg;

	arch_slot_enter(t->slot);
	down_read(&sem, CLASS);
	arch_xadd_relaxed(&inside, 1);
	while (arch_read_once(&inside) < WORKERS)
		sched_yield();
	up_read(&sem, CLASS);
	return NULL;
}

static void readers_are_inside_together(void **state)
{
	struct tally tallies[WORKERS] = {{0}};
	pthread_t threads[WORKERS];

	(void)state;
	fresh(true);
	for (unsigned i = 0; i < WORKERS; i++) {
		tallies[i].slot = i;
		assert_int_equal(pthread_create(&threads[i], NULL, meet, &tallies[i]), 0);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(inside, WORKERS);
	assert_int_equal(sem.count, 0);
}

/*
 * Read on and on, staying inside until another reader has come, so that the lock is never free, until the
 * writer has had its turns; for a while only, because a queued writer keeps the other out. Give up
 * after so many reads that a writer who is not let in is starved.
 */
static void *read_on(void *arg)
{
	struct tally *t = arg;

	arch_slot_enter(t->slot);
	while (!arch_load_acquire(&stop) && t->reads < GIVE_UP) {
		uint32_t me;

		down_read(&sem, CLASS);
		me = arch_xadd_relaxed(&inside, 1) + 1;
		for (unsigned i = 0; i < 1000 && arch_read_once(&inside) == me; i++)
			sched_yield();
		up_read(&sem, CLASS);
		t->reads++;
	}
	return NULL;
}

static void *write_some(void *arg)
{
	struct tally *t = arg;

	arch_slot_enter(t->slot);
	while (arch_read_once(&inside) < 100)
		sched_yield();
	while (t->writes < 20) {
		down_write(&sem, CLASS);
		t->writes++;
		up_write(&sem, CLASS);
	}
	arch_store_release(&stop, 1);
	return NULL;
}

static void starve(bool spin)
{
	struct tally tallies[4] = {{0}};
	pthread_t threads[4];

	fresh(spin);
	for (unsigned i = 0; i < 4; i++) {
		tallies[i].slot = i;
		assert_int_equal(pthread_create(&threads[i], NULL, i ? read_on : write_some,
						&tallies[i]), 0);
	}
	for (unsigned i = 1; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		/* The reader ended because the writer was through, not because it gave up. */
		assert_true(tallies[i].reads < GIVE_UP);
	}
	assert_int_equal(pthread_join(threads[0], NULL), 0);
	assert_int_equal(tallies[0].writes, 20);
	check_events(spin);
}

static void readers_do_not_starve_a_writer(void **state)
{
	(void)state;
	starve(false);
	starve(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_exclude_all_with_spinning),
		cmocka_unit_test(writers_exclude_all_without_spinning),
		cmocka_unit_test(killing_waiters_breaks_nothing),
		cmocka_unit_test(readers_are_inside_together),
		cmocka_unit_test(readers_do_not_starve_a_writer),
	};

	/* A lost wake-up hangs: red, not silent. */
	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
