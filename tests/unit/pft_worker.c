/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When is a worker's pass a failure: too few faults, the wrong CPU, pages astray. And the barrier. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pft/barrier.h"
#include "pft/worker.h"
#include "pft/workload.h"

static struct workload workload;
static struct run run = {.workload = &workload};
static struct why why;

/* A worker that did all that was asked of it: 10 minor faults, 1 major one. */
static struct worker good(void)
{
	struct worker w = {.run = &run, .id = 3, .cpu = 2, .planned = 11, .kernel_least = 11};

	workload.flags = 0;
	w.kernel_most = UINT64_MAX;
	w.faults = 11;
	w.measure.start = (struct snapshot){.cpu = 2, .minor_faults = 5, .major_faults = 1};
	w.measure.end = (struct snapshot){.cpu = 2, .minor_faults = 15, .major_faults = 2};
	return w;
}

static void good_is_good(void **state)
{
	struct worker w = good();

	(void)state;
	assert_int_equal(worker_verify(&w, &why), 0);
	w.measure.end.minor_faults += 1000; /* swap, NUMA hints */
	assert_int_equal(worker_verify(&w, &why), 0);
}

static void fewer_faults(void **state)
{
	struct worker w = good();

	(void)state;
	w.measure.end.minor_faults--;
	assert_int_equal(worker_verify(&w, &why), -EPROTO);
	assert_string_equal(why.text, "worker 3 took 10 page faults where 11 were planned");
	w.kernel_least = 10;
	assert_int_equal(worker_verify(&w, &why), 0);
}

static void too_many_faults(void **state)
{
	struct worker w = good();

	(void)state;
	w.kernel_most = 10;
	assert_int_equal(worker_verify(&w, &why), -EPROTO);
}

static void own_count_too_low(void **state)
{
	struct worker w = good();

	(void)state;
	w.faults = 10;
	assert_int_equal(worker_verify(&w, &why), 0);
	workload.flags = WL_COUNTS;
	assert_int_equal(worker_verify(&w, &why), -EPROTO);
}

static void another_cpu(void **state)
{
	struct worker w = good();

	(void)state;
	w.measure.end.cpu = 4;
	assert_int_equal(worker_verify(&w, &why), -EPROTO);
	assert_string_equal(why.text, "worker 3 was pinned to CPU 2 and ran on CPUs 2 and 4");
	w.cpu = -1;
	assert_int_equal(worker_verify(&w, &why), 0);
}

static void pages_astray(void **state)
{
	struct worker w = good();

	(void)state;
	w.measure.pages_sampled = 64;
	w.measure.pages_astray = 1;
	assert_int_equal(worker_verify(&w, &why), -EPROTO);
}

static void own_error(void **state)
{
	struct worker w = good();

	(void)state;
	w.err = worker_fails(&w, ENOMEM, "no %s", "memory");
	assert_int_equal(worker_verify(&w, &why), -ENOMEM);
	assert_string_equal(why.text, "worker 3: no memory");
}

static void policies_allow(void **state)
{
	unsigned ids[] = {1, 3};
	struct mem_policy bind = {.kind = MEM_BIND, .nodes = {ids, 2}}, local = {.kind = MEM_LOCAL};

	(void)state;
	assert_true(mem_policy_allows(&bind, 0, 3));
	assert_false(mem_policy_allows(&bind, 0, 2));
	assert_true(mem_policy_allows(&local, 0, 2));
}

#define NR_THREADS 3
static struct barrier barrier;
static int released; /* before the first phase, and after the second */

static void *arrive(void *arg)
{
	(void)arg;
	if (barrier_arrive(&barrier))
		__atomic_add_fetch(&released, 1, __ATOMIC_RELAXED);
	if (barrier_arrive(&barrier))
		__atomic_add_fetch(&released, 10, __ATOMIC_RELAXED);
	return NULL;
}

static void wait_for_all(void)
{
	uint32_t seen = barrier_events(&barrier);

	while (!barrier_complete(&barrier)) {
		barrier_wait(&barrier, seen);
		seen = barrier_events(&barrier);
	}
}

static void barrier_holds_and_releases(void **state)
{
	pthread_t threads[NR_THREADS];

	(void)state;
	barrier_init(&barrier, NR_THREADS);
	for (int i = 0; i < NR_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, arrive, NULL), 0);
	wait_for_all();
	assert_int_equal(__atomic_load_n(&released, __ATOMIC_RELAXED), 0);
	barrier_open(&barrier);
	wait_for_all();
	assert_int_equal(__atomic_load_n(&released, __ATOMIC_RELAXED), NR_THREADS);
	barrier_abort(&barrier);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(released, NR_THREADS);
	assert_false(barrier_arrive(&barrier));
}

static void poke_is_not_lost(void **state)
{
	uint32_t seen;

	(void)state;
	barrier_init(&barrier, 1);
	seen = barrier_events(&barrier);
	barrier_poke(&barrier);
	barrier_wait(&barrier, seen); /* returns at once */
	assert_false(barrier_complete(&barrier));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_is_good),
		cmocka_unit_test(fewer_faults),
		cmocka_unit_test(too_many_faults),
		cmocka_unit_test(own_count_too_low),
		cmocka_unit_test(another_cpu),
		cmocka_unit_test(pages_astray),
		cmocka_unit_test(own_error),
		cmocka_unit_test(policies_allow),
		cmocka_unit_test(barrier_holds_and_releases),
		cmocka_unit_test(poke_is_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
