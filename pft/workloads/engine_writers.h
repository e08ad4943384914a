/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_writers: threads that change the address space in which the workers fault, at a given rate
 * each. What they do is counted only while a worker is in its pass.
 */
#ifndef PFT_WORKLOADS_ENGINE_WRITERS_H
#define PFT_WORKLOADS_ENGINE_WRITERS_H

#include "pft/workloads/engine.h"

/* What a writer does, one after the other. */
enum writer_op {
	WRITER_MMAP,
	WRITER_MPROTECT,
	WRITER_MUNMAP,
	WRITER_FORK, /* mm_fork() */
	WRITER_EXIT, /* and the end of the child */
	NR_WRITER_OPS
};

/* How they are to write. */
struct writers_options {
	unsigned nr;
	uint64_t rate; /* operations per second of each; 0: one after the other */
	uint64_t region; /* bytes that are mapped at a time */
	bool fork; /* fork and exit, in place of mmap, mprotect and munmap */
};

struct writers;

/* Start @options->nr writers. Returns 0, or -errno with the reason in @why. */
int writers_start(struct writers **writers, const struct run *run, struct engine *engine,
		  const struct writers_options *options, struct why *why);

/* A pass begins, or ends: the first and the last thing in it. */
void writers_pass_begins(struct writers *writers);
void writers_pass_ends(struct writers *writers);

/* End them all; once is enough. Returns 0, or -errno with the first writer's reason in @why. */
int writers_stop(struct writers *writers, struct why *why);

/* Rows of what they did, after writers_stop(). */
void writers_rows(const struct writers *writers, const struct run *run, struct emit *emit);

/* Free them; they have been stopped. NULL is allowed. */
void writers_free(struct writers *writers);

#endif
