/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "pft/base/osq.h"

#define THREADS 6
#define ROUNDS 3000

static struct osq osq;
static uint64_t inside; /* changed by whoever holds osq, plainly */
static uint32_t stop;
static uint32_t left; /* how many are done queueing */

static void the_tail_names_the_last_slot(void **state)
{
	struct spin_limit limit;

	(void)state;
	osq_init(&osq);
	arch_slot_enter(41);
	spin_limit_init(&limit, arch_now_ns());
	assert_false(osq_is_locked(&osq));
	assert_true(osq_lock(&osq, &limit));
	assert_int_equal(osq.tail, 42);
	osq_unlock(&osq);
	assert_int_equal(osq.tail, 0);
}

static void a_limit_is_looked_at_every_64th_time(void **state)
{
	struct spin_limit limit;
	unsigned looks = 1;

	(void)state;
	spin_limit_init(&limit, 0);
	while (!spin_limit_reached(&limit))
		looks++;
	assert_int_equal(looks, 64);
	assert_true(limit.hit);
	spin_limit_init(&limit, arch_now_ns() + 3600 * 1000000000ULL);
	for (looks = 0; looks < 1000; looks++)
		assert_false(spin_limit_reached(&limit));
}

/* Hold osq asleep until told. */
static void *sleep_inside(void *arg)
{
	struct spin_limit limit;

	(void)arg;
	arch_slot_enter(1);
	spin_limit_init(&limit, arch_now_ns());
	osq_lock(&osq, &limit);
	while (!arch_load_acquire(&stop))
		arch_wait(&stop, 0, 0);
	osq_unlock(&osq);
	return NULL;
}

static void nobody_waits_for_a_sleeper(void **state)
{
	struct spin_limit limit;
	pthread_t thread;

	(void)state;
	osq_init(&osq);
	stop = 0;
	arch_slot_enter(0);
	assert_int_equal(pthread_create(&thread, NULL, sleep_inside, NULL), 0);
	while (!osq_is_locked(&osq) || arch_on_cpu(1))
		sched_yield();
	spin_limit_init(&limit, arch_now_ns() + 3600 * 1000000000ULL);
	assert_false(osq_lock(&osq, &limit));
	assert_int_equal(arch_read_once(&osq.tail), 2);
	arch_store_release(&stop, 1);
	arch_wake(&stop, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(osq.tail, 0);
}

/* Queue up behind others; the limit is an hour: only a sleeper in front makes one leave. */
struct leaver {
	pthread_t thread;
	unsigned slot;
	bool won;
};

static void *queue_and_leave(void *arg)
{
	struct leaver *l = arg;
	struct spin_limit limit;

	arch_slot_enter(l->slot);
	spin_limit_init(&limit, arch_now_ns() + 3600 * 1000000000ULL);
	l->won = osq_lock(&osq, &limit);
	arch_xadd_release(&left, (uint32_t)1);
	arch_wake(&left, 1);
	return NULL;
}

static void queue_up(struct leaver *l)
{
	assert_int_equal(pthread_create(&l->thread, NULL, queue_and_leave, l), 0);
	while (arch_read_once(&osq.tail) != l->slot + 1)
		sched_yield();
}

/*
 * One in the middle leaves, then the one that was behind it; then one comes anew. Nobody leaves by the
 * clock: the tail must name a leaver until we have seen it, however long we are off the CPU ourselves.
 * The holder's sleep is seen by the one in the middle only, and by the last once that one has linked it
 * to the holder.
 */
static void those_who_leave_link_their_neighbours(void **state)
{
	struct leaver leavers[] = {{.slot = 1}, {.slot = 2}, {.slot = 3}};
	struct spin_limit limit;
	uint32_t gone;

	(void)state;
	osq_init(&osq);
	left = 0;
	arch_slot_enter(0);
	spin_limit_init(&limit, arch_now_ns());
	assert_true(osq_lock(&osq, &limit));
	queue_up(&leavers[0]);
	queue_up(&leavers[1]);
	while ((gone = arch_load_acquire(&left)) < 2)
		arch_wait(&left, gone, 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_join(leavers[i].thread, NULL), 0);
	assert_false(leavers[0].won || leavers[1].won);
	assert_int_equal(osq.tail, 1);

	queue_up(&leavers[2]);
	osq_unlock(&osq);
	assert_int_equal(pthread_join(leavers[2].thread, NULL), 0);
	assert_true(leavers[2].won);
}

/* Take osq again and again; every other time with a limit that is over after 64 looks. */
static void *contend(void *arg)
{
	uintptr_t won = 0;
	struct spin_limit limit;

	arch_slot_enter((unsigned)(uintptr_t)arg);
	for (unsigned i = 0; i < ROUNDS; i++) {
		spin_limit_init(&limit, i % 2 ? 0 : arch_now_ns());
		if (!osq_lock(&osq, &limit)) {
			/* A real one sleeps now; to come back at once would only wear out time slices. */
			usleep(20);
			continue;
		}
		inside++;
		if (i % 32 == 0)
			usleep(1); /* off the CPU: the others run into it, and queue up */
		won++;
		osq_unlock(&osq);
	}
	return (void *)won;
}

/* The counter is plain: TSan sees whether the osq orders what is done under it. */
static void one_at_a_time_though_spinners_leave(void **state)
{
	pthread_t threads[THREADS];
	uint64_t won = 0;

	(void)state;
	osq_init(&osq);
	inside = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, contend, (void *)i), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		void *mine;

		assert_int_equal(pthread_join(threads[i], &mine), 0);
		won += (uintptr_t)mine;
	}
	assert_int_equal(inside, won);
	assert_int_equal(osq.tail, 0);
	/* It was contended: some left before it was their turn. */
	assert_in_range(won, 1, THREADS * (uint64_t)ROUNDS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tail_names_the_last_slot),
		cmocka_unit_test(a_limit_is_looked_at_every_64th_time),
		cmocka_unit_test(nobody_waits_for_a_sleeper),
		cmocka_unit_test(those_who_leave_link_their_neighbours),
		cmocka_unit_test(one_at_a_time_though_spinners_leave),
	};

	/* A lost successor hangs: red, not silent. */
	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
