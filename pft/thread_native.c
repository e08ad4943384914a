/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "pft/thread.h"

/* A pthread_t is a number or a pointer. */
_Static_assert(sizeof(pthread_t) <= sizeof(void *), "a handle holds it");

int thread_start(struct thread *thread, void *(*run)(void *arg), void *arg, uint64_t stack)
{
	pthread_attr_t attr;
	pthread_t handle;
	int rc;

	pthread_attr_init(&attr);
	if (stack)
		pthread_attr_setstacksize(&attr, stack);
	rc = pthread_create(&handle, &attr, run, arg);
	pthread_attr_destroy(&attr);
	if (!rc)
		thread->handle = (void *)handle;
	return -rc;
}

void thread_join(struct thread *thread)
{
	pthread_join((pthread_t)thread->handle, NULL);
	thread->handle = NULL;
}

bool *thread_flag(void)
{
	static _Thread_local bool flag;

	return &flag;
}

int thread_id(void)
{
	return gettid();
}
