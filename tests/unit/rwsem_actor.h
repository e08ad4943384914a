/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rwsem_actor: threads that take one rwsem and hold it until told, for the pft_rwsem tests. */
#ifndef TESTS_UNIT_RWSEM_ACTOR_H
#define TESTS_UNIT_RWSEM_ACTOR_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/base/rwsem.h"
#include "pft/base/rwsem_stat.h"

#define CLASS RWSEM_OTHER
#define READERS(n) ((n) * RWSEM_READER_BIAS)
#define WAITERS RWSEM_FLAG_WAITERS
#define HANDOFF RWSEM_FLAG_HANDOFF
#define WRITER RWSEM_WRITER_LOCKED
/* The owner word of the worker in slot @n, and its low bits. */
#define OWNER(n) ((uint64_t)((n) + 1) << RWSEM_OWNER_SHIFT)
#define R RWSEM_READER_OWNED
#define N RWSEM_NONSPINNABLE

static struct rw_semaphore sem;

enum op { READ, WRITE, READ_KILLABLE, WRITE_KILLABLE };

/* A thread that takes sem once, holds it until told to go, and drops it. */
struct actor {
	pthread_t thread;
	unsigned slot;
	enum op op;
	bool sleeps; /* while it holds the lock: off the CPU, for spinners */
	uint32_t got, go;
	int rc;
};

static inline int take(enum op op)
{
	switch (op) {
	case READ:
		down_read(&sem, CLASS);
		return 0;
	case WRITE:
		down_write(&sem, CLASS);
		return 0;
	case READ_KILLABLE:
		return down_read_killable(&sem, CLASS);
	case WRITE_KILLABLE:
		return down_write_killable(&sem, CLASS);
	}
	return -EINVAL;
}

static inline void *act(void *arg)
{
	struct actor *a = arg;

	arch_slot_enter(a->slot);
	a->rc = take(a->op);
	arch_store_release(&a->got, 1);
	while (!arch_load_acquire(&a->go)) {
		if (a->sleeps)
			arch_wait(&a->go, 0, 0);
		else
			sched_yield();
	}
	if (a->rc)
		return NULL;
	if (a->op == READ || a->op == READ_KILLABLE)
		up_read(&sem, CLASS);
	else
		up_write(&sem, CLASS);
	return NULL;
}

static inline void start(struct actor *a, unsigned slot, enum op op)
{
	*a = (struct actor){.slot = slot, .op = op, .sleeps = a->sleeps};
	assert_int_equal(pthread_create(&a->thread, NULL, act, a), 0);
}

static inline void await(struct actor *a)
{
	while (!arch_load_acquire(&a->got))
		sched_yield();
}

static inline void finish(struct actor *a)
{
	arch_store_release(&a->go, 1);
	arch_wake(&a->go, 1);
	assert_int_equal(pthread_join(a->thread, NULL), 0);
}

/* Wait until @nr are queued. */
static inline void await_queue(unsigned nr)
{
	struct list_head *node;
	unsigned seen;

	do {
		seen = 0;
		spin_lock(&sem.wait_lock);
		list_for_each(node, &sem.wait_list)
			seen++;
		spin_unlock(&sem.wait_lock);
		sched_yield();
	} while (seen != nr);
}

static inline void await_asleep(unsigned slot)
{
	while (arch_on_cpu(slot))
		sched_yield();
}

static inline uint64_t counted(enum rwsem_event event)
{
	return stat_sum(rwsem_stat[CLASS], event);
}

#define COUNT() arch_read_once(&sem.count)
#define OWNED_BY() arch_read_once(&sem.owner)

static inline int fresh(void **state)
{
	(void)state;
	arch_slot_enter(0);
	rwsem_init(&sem);
	rwsem_set_spin(false);
	for (unsigned i = 0; i < NR_RWSEM_CLASSES; i++)
		stat_clear(rwsem_stat[i]);
	return 0;
}

#endif
