/* SPDX-License-Identifier: GPL-2.0-or-later */
/* thread: workers and the threads that workloads start beside them: the machine's, or a simulator's. */
#ifndef PFT_THREAD_H
#define PFT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

/* Zero where none was started. */
struct thread {
	void *handle;
};

/* Call @run(@arg) on a thread with @stack bytes of stack, 0 for as many as usual. Returns 0 or -errno. */
int thread_start(struct thread *thread, void *(*run)(void *arg), void *arg, uint64_t stack);

/* Wait until it has returned. */
void thread_join(struct thread *thread);

/* A flag of the calling thread, for who started it; false at its start. */
bool *thread_flag(void);

/* The number of the calling thread: gettid(2). */
int thread_id(void);

#endif
