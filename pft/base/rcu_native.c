/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apart from rcu.c because liburcu's headers have a struct rcu_head of their own. */
#include "pft/base/rcu_native.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "common/say.h"

#ifdef RCU_TSAN
char rcu_anchor_readers, rcu_anchor_updaters;
#endif

static pthread_once_t cpus_once = PTHREAD_ONCE_INIT;
static cpu_set_t cpus; /* of the process, before its workers were pinned */
static int cpus_rc;
static pthread_t thread;
static void (*thread_loop)(void);

static void read_cpus(void)
{
	cpus_rc = sched_getaffinity(0, sizeof(cpus), &cpus);
}

void rcu_register_thread(void)
{
	pthread_once(&cpus_once, read_cpus);
	urcu_memb_register_thread();
}

void rcu_unregister_thread(void)
{
	urcu_memb_unregister_thread();
}

void synchronize_rcu(void)
{
	rcu_tsan_release(&rcu_anchor_updaters);
	urcu_memb_synchronize_rcu();
	rcu_tsan_acquire(&rcu_anchor_readers);
}

static void *run_loop(void *unused)
{
	(void)unused;
	rcu_register_thread();
	if (!cpus_rc)
		sched_setaffinity(0, sizeof(cpus), &cpus); /* else it shares a worker's CPU */
	thread_loop();
	rcu_unregister_thread();
	return NULL;
}

void rcu_thread_start(void (*loop)(void), void (*stop)(void))
{
	static void (*at_fork)(void);
	sigset_t all, old;
	int rc;

	if (!at_fork) {
		at_fork = stop;
		pthread_atfork(stop, NULL, NULL);
	}
	thread_loop = loop;
	sigfillset(&all); /* signals are for the program's own threads */
	pthread_sigmask(SIG_BLOCK, &all, &old);
	rc = pthread_create(&thread, NULL, run_loop, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc)
		BUG("cannot start the RCU callback thread: %s", strerror(rc));
}

void rcu_thread_join(void)
{
	pthread_join(thread, NULL);
}
