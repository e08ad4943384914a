/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rcuwait and, under it, how a worker sleeps and is woken or killed. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pft/base/rcuwait.h"

#define ROUNDS 20000

static struct rcuwait waits[2];
static uint32_t turn, done;

static int fresh(void **state)
{
	(void)state;
	arch_slot_enter(0);
	rcuwait_init(&waits[0]);
	rcuwait_init(&waits[1]);
	turn = done = 0;
	stat_clear(&rcuwait_stat);
	return 0;
}

static void a_true_condition_does_not_sleep(void **state)
{
	(void)state;
	assert_int_equal(rcuwait_wait_event(&waits[0], true, TASK_UNINTERRUPTIBLE), 0);
	assert_false(rcuwait_active(&waits[0]));
	assert_int_equal(stat_sum(&rcuwait_stat, RCUWAIT_SLEEP), 0);
	assert_false(rcuwait_wake_up(&waits[0]));
	assert_int_equal(stat_sum(&rcuwait_stat, RCUWAIT_WAKE), 0);
	/* The state is back to running: nothing sleeps on. */
	assert_int_equal(task_schedule(), 0);
}

/* Wait for a turn in the mode given; rc comes back as the thread's value. */
static void *wait_for_turn(void *mode)
{
	int rc;

	arch_slot_enter(1);
	rc = rcuwait_wait_event(&waits[0], arch_load_acquire(&turn),
				(enum task_mode)(uintptr_t)mode);
	arch_store_release(&done, 1);
	return (void *)(intptr_t)rc;
}

static pthread_t start_waiter(enum task_mode mode)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_for_turn, (void *)(uintptr_t)mode), 0);
	while (!rcuwait_active(&waits[0]) || arch_on_cpu(1))
		sched_yield();
	return thread;
}

static void assert_result(pthread_t thread, int rc)
{
	void *value;

	assert_int_equal(pthread_join(thread, &value), 0);
	assert_int_equal((int)(intptr_t)value, rc);
	assert_false(rcuwait_active(&waits[0]));
}

static void the_waker_wakes_and_is_counted(void **state)
{
	pthread_t thread = start_waiter(TASK_UNINTERRUPTIBLE);

	(void)state;
	/* Woken for nothing, it sleeps again. */
	assert_true(rcuwait_wake_up(&waits[0]));
	while (arch_read_once(&tasks[1].state) != TASK_UNINTERRUPTIBLE || arch_on_cpu(1))
		sched_yield();
	assert_int_equal(arch_load_acquire(&done), 0);
	arch_store_release(&turn, 1);
	assert_true(rcuwait_wake_up(&waits[0]));
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
	thread = start_waiter(TASK_UNINTERRUPTIBLE);
	task_kill(1);
	assert_int_equal(arch_read_once(&tasks[1].state), TASK_SLEEPS | TASK_FATAL);
	arch_store_release(&turn, 1);
	assert_true(rcuwait_wake_up(&waits[0]));
	assert_result(thread, 0);
	task_revive(1);
}

/* Wait for an odd (slot 1) or even turn, pass it on, ROUNDS times. */
static void *play(void *arg)
{
	uint32_t me = (uint32_t)(uintptr_t)arg;

	arch_slot_enter(me);
	for (unsigned i = 0; i < ROUNDS; i++) {
		rcuwait_wait_event(&waits[me], arch_load_acquire(&turn) % 2 == me,
				   TASK_UNINTERRUPTIBLE);
		arch_store_release(&turn, turn + 1);
		rcuwait_wake_up(&waits[!me]);
	}
	return NULL;
}

/* Without the barriers of the two sides one of these wake-ups gets lost soon, and both sleep. */
static void no_wake_up_is_lost(void **state)
{
	pthread_t threads[2];

	(void)state;
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, play, (void *)i), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(turn, 2 * ROUNDS);
}

static void a_second_waiter_is_a_bug(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	rcuwait_prepare(&waits[0]);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		rcuwait_prepare(&waits[0]);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	rcuwait_finish(&waits[0]);
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
