/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "pft/base/compiler.h"
#include "pft/base/rcu.h"
#include "tests/unit/pft_workers.h"

struct object {
	struct rcu_head rcu; /* first: free() writes over the first 16 bytes */
	uint32_t alive;
	unsigned number; /* of no other object */
};

struct shared {
	struct object *current;
	uint32_t stop;
	uint64_t bad; /* dead objects seen by readers */
	uint32_t looks; /* at objects */
	uint64_t freed;
	bool by_callback;
};
static struct shared shared;

static void kill_object(struct object *object)
{
	arch_write_once(&object->alive, 0);
	object->number = 0; /* plain: TSan and ASan watch that no reader is left */
	free(object);
	arch_xadd_relaxed(&shared.freed, 1);
}

static void kill_rcu(struct rcu_head *head)
{
	assert_int_equal(arch_slot(), RCU_SLOT);
	kill_object(container_of(head, struct object, rcu));
}

/* Slot 1 replaces the object again and again, the others look at it. */
static void replace_or_read(unsigned slot, void *arg)
{
	struct object *object, *old;
	unsigned i, spin, number;
	uint32_t looks;

	(void)arg;
	if (slot > 1) {
		while (!arch_read_once(&shared.stop)) {
			rcu_read_lock();
			rcu_read_lock();
			object = rcu_dereference(shared.current);
			rcu_read_unlock();
			number = object->number;
			arch_xadd_relaxed(&shared.looks, 1);
			for (spin = 0; spin < 100; spin++) /* time to kill it in */
				arch_relax();
			if (!rcu_read_lock_held() || !arch_read_once(&object->alive) ||
			    object->number != number)
				arch_xadd_relaxed(&shared.bad, 1);
			rcu_read_unlock();
		}
		return;
	}
	for (i = 0; i < 300; i++) {
		for (looks = arch_read_once(&shared.looks); arch_read_once(&shared.looks) == looks;)
			arch_relax();
		object = xcalloc(1, sizeof(*object));
		object->alive = 1;
		object->number = i + 2;
		old = shared.current;
		rcu_assign_pointer(shared.current, object);
		if (shared.by_callback) {
			call_rcu(&old->rcu, kill_rcu);
		} else {
			synchronize_rcu();
			kill_object(old);
		}
	}
	arch_write_once(&shared.stop, 1);
}

static void replace(bool by_callback)
{
	shared = (struct shared){.by_callback = by_callback};
	shared.current = xcalloc(1, sizeof(*shared.current));
	shared.current->alive = 1;
	shared.current->number = 1;
	workers_run(3, replace_or_read, NULL);
	rcu_barrier();
	assert_int_equal(shared.bad, 0);
	assert_int_equal(arch_read_once(&shared.freed), 300);
	free(shared.current);
}

static void test_synchronize(void **state)
{
	(void)state;
	replace(false);
}

static void test_call_rcu(void **state)
{
	(void)state;
	replace(true);
}

struct numbered {
	struct rcu_head rcu;
	unsigned number;
};
static unsigned last_run;
static bool out_of_order;
static struct numbered requeued;

static void run_numbered(struct rcu_head *head)
{
	struct numbered *numbered = container_of(head, struct numbered, rcu);

	if (numbered->number != last_run + 1)
		out_of_order = true;
	last_run = numbered->number;
}

static void run_requeue(struct rcu_head *head)
{
	(void)head;
	call_rcu(&requeued.rcu, run_numbered);
}

static void queue_all(struct numbered *all, unsigned n)
{
	unsigned i;

	last_run = 0;
	out_of_order = false;
	for (i = 0; i < n; i++) {
		all[i].number = i + 1;
		call_rcu(&all[i].rcu, run_numbered);
	}
}

static void test_order_and_barrier(void **state)
{
	struct numbered all[100];

	(void)state;
	queue_all(all, 100);
	rcu_barrier();
	assert_int_equal(last_run, 100);
	assert_false(out_of_order);
	rcu_barrier();

	/* A callback may queue another; a second barrier waits for that. */
	requeued.number = 101;
	call_rcu(&all[0].rcu, run_requeue);
	rcu_barrier();
	rcu_barrier();
	assert_int_equal(last_run, 101);
}

/* Callbacks and grace periods work on both sides of a fork, with callbacks queued before it. */
static void test_fork(void **state)
{
	struct numbered all[10], more[10];
	int status;
	pid_t pid;

	(void)state;
	queue_all(all, 10);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		queue_all(more, 10);
		rcu_read_lock();
		rcu_read_unlock();
		synchronize_rcu();
		rcu_barrier();
		_exit(last_run == 10 && !out_of_order ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rcu_barrier();
	assert_int_equal(last_run, 10);
	queue_all(more, 10);
	rcu_barrier();
	assert_int_equal(last_run, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_synchronize),
		cmocka_unit_test(test_call_rcu),
		cmocka_unit_test(test_order_and_barrier),
		cmocka_unit_test(test_fork),
	};

	rcu_register_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
