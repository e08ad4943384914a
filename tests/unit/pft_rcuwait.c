/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rcuwait and, under it, how a worker sleeps and is woken or killed. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pft/base/rcuwait.h"

/* The race of no_wake_up_is_lost() needs two CPUs that are free for a moment. TSan is slow, and its fences
 * are no fences: it only looks on. */
#if ARCH_TSAN
#define ROUNDS 3000
#else
#define ROUNDS 60000
#endif

/* Alone on their lines, so that a store takes its time to be seen. */
static struct rcuwait wait_here __attribute__((aligned(ARCH_PAIR)));
static uint32_t turn __attribute__((aligned(ARCH_PAIR)));
static uint32_t go __attribute__((aligned(ARCH_PAIR)));
static uint32_t done __attribute__((aligned(ARCH_PAIR)));

static int fresh(void **state)
{
	(void)state;
	arch_slot_enter(0);
	rcuwait_init(&wait_here);
	turn = go = done = 0;
	stat_clear(&rcuwait_stat);
	return 0;
}

static void a_true_condition_does_not_sleep(void **state)
{
	(void)state;
	assert_int_equal(rcuwait_wait_event(&wait_here, true, TASK_UNINTERRUPTIBLE), 0);
	assert_false(rcuwait_active(&wait_here));
	assert_int_equal(stat_sum(&rcuwait_stat, RCUWAIT_SLEEP), 0);
	assert_false(rcuwait_wake_up(&wait_here));
	assert_int_equal(stat_sum(&rcuwait_stat, RCUWAIT_WAKE), 0);
	/* The state is back to running: nothing sleeps on. */
	assert_int_equal(task_schedule(), 0);
}

/* Wait for a turn in the mode given; rc comes back as the thread's value. */
static void *wait_for_turn(void *mode)
{
	int rc;

	arch_slot_enter(1);
	rc = rcuwait_wait_event(&wait_here, arch_load_acquire(&turn),
				(enum task_mode)(uintptr_t)mode);
	arch_store_release(&done, 1);
	return (void *)(intptr_t)rc;
}

static pthread_t start_waiter(enum task_mode mode)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_for_turn, (void *)(uintptr_t)mode), 0);
	while (!rcuwait_active(&wait_here) || arch_on_cpu(1))
		sched_yield();
	return thread;
}

static void assert_result(pthread_t thread, int rc)
{
	void *value;

	assert_int_equal(pthread_join(thread, &value), 0);
	assert_int_equal((int)(intptr_t)value, rc);
	assert_false(rcuwait_active(&wait_here));
}

static void the_waker_wakes_and_is_counted(void **state)
{
	pthread_t thread = start_waiter(TASK_UNINTERRUPTIBLE);

	(void)state;
	/* Woken for nothing, it sleeps again. */
	assert_true(rcuwait_wake_up(&wait_here));
	while (arch_read_once(&tasks[1].state) != TASK_UNINTERRUPTIBLE || arch_on_cpu(1))
		sched_yield();
	assert_int_equal(arch_load_acquire(&done), 0);
	arch_store_release(&turn, 1);
	assert_true(rcuwait_wake_up(&wait_here));
	assert_result(thread, 0);
	assert_int_equal(stat_sum(&rcuwait_stat, RCUWAIT_WAKE), 2);
	assert_in_range(stat_sum(&rcuwait_stat, RCUWAIT_SLEEP), 1, 2);
	assert_true(stat_sum(&rcuwait_stat, RCUWAIT_SLEEP_NS) > 0);
}

static void only_a_killable_wait_is_killed(void **state)
{
	pthread_t thread = start_waiter(TASK_KILLABLE);

	(void)state;
	task_kill(1);
	assert_result(thread, -EINTR);

	/* The signal is still pending; a wait that cannot be killed does not mind. */
	stat_clear(&rcuwait_stat);
	thread = start_waiter(TASK_UNINTERRUPTIBLE);
	task_kill(1);
	usleep(2000);
	arch_store_release(&turn, 1);
	assert_true(rcuwait_wake_up(&wait_here));
	assert_result(thread, 0);
	assert_int_equal(stat_sum(&rcuwait_stat, RCUWAIT_SLEEP), 1);
	task_revive(1);
}

/* Wait for @word to become @value, without rcuwait. */
static void spin_until(uint32_t *word, uint32_t value)
{
	for (unsigned looks = 1; arch_load_acquire(word) != value; looks++)
		if (looks % 1024)
			arch_relax();
		else
			sched_yield();
}

/* Each round, begin to wait about when the other side makes the condition true. */
static void *wait_each_round(void *arg)
{
	arch_slot_enter(1);
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		spin_until(&go, i);
		rcuwait_wait_event(&wait_here, arch_load_acquire(&turn) == i, TASK_UNINTERRUPTIBLE);
		arch_store_release(&done, i);
	}
	return arg;
}

/* Without the barrier of either side a waiter sleeps for good: neither saw the other's store. */
static void no_wake_up_is_lost(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, wait_each_round, NULL), 0);
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		arch_store_release(&go, i);
		for (volatile unsigned delay = 0; delay < i % 128; delay++)
			;
		arch_write_once(&turn, i);
		rcuwait_wake_up(&wait_here);
		spin_until(&done, i);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void a_second_waiter_is_a_bug(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	rcuwait_prepare(&wait_here);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		fclose(stderr);
		rcuwait_prepare(&wait_here);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	rcuwait_finish(&wait_here);
}

int main(void)
{
#define STEP(f) cmocka_unit_test_setup(f, fresh)
	const struct CMUnitTest tests[] = {
		STEP(a_true_condition_does_not_sleep),
		STEP(the_waker_wakes_and_is_counted),
		STEP(only_a_killable_wait_is_killed),
		STEP(no_wake_up_is_lost),
		STEP(a_second_waiter_is_a_bug),
	};

	/* A lost wake-up hangs: red, not silent. */
	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
