/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scheduler counts of each thread, /proc/self/task/TID/schedstat (kernel: proc_pid_schedstat()):
 * ns on a CPU, ns waiting for one although runnable, and times it was put on one. Needs
 * CONFIG_SCHED_INFO. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/counters/counter.h"

#define NR_FIELDS 3

struct reading {
	char text[96];
	ssize_t len;
};

struct schedstat {
	int fd;
	struct reading start, end;
};

static int schedstat_plan(struct counter_plan *plan, const char *events, struct why *why)
{
	(void)events;
	(void)why;
	counter_plan_add(plan, "run_ns", "ns");
	counter_plan_add(plan, "wait_ns", "ns");
	counter_plan_add(plan, "slices", "1");
	return 0;
}

static void schedstat_prepare(struct counting *c)
{
	struct schedstat *s = xcalloc(1, sizeof(*s));

	c->private = s;
	s->fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		counting_none(c, errno == ENOENT
					 ? "no /proc/thread-self/schedstat: a kernel without "
					   "CONFIG_SCHED_INFO"
					 : "/proc/thread-self/schedstat cannot be opened");
}

/* The thread's clock is asked first, which brings the time of a running thread up to date. */
static void take(struct schedstat *s, struct reading *r)
{
	struct timespec ignored;

	if (s->fd < 0)
		return;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ignored);
	r->len = pread(s->fd, r->text, sizeof(r->text) - 1, 0);
}

static void schedstat_start(struct counting *c)
{
	struct schedstat *s = c->private;

	take(s, &s->start);
}

static void schedstat_stop(struct counting *c)
{
	struct schedstat *s = c->private;

	take(s, &s->end);
}

static int parse(struct reading *r, unsigned long long *fields)
{
	if (r->len < 0)
		return -EIO;
	r->text[r->len] = '\0';
	return sscanf(r->text, "%llu %llu %llu", &fields[0], &fields[1], &fields[2]) == NR_FIELDS
		       ? 0
		       : -EINVAL;
}

static void schedstat_read(struct counting *c)
{
	unsigned long long start[NR_FIELDS], end[NR_FIELDS];
	struct schedstat *s = c->private;

	if (s->fd < 0)
		return;
	if (parse(&s->start, start) || parse(&s->end, end)) {
		counting_none(c, "/proc/thread-self/schedstat does not hold three numbers");
		return;
	}
	for (size_t i = 0; i < NR_FIELDS; i++)
		counting_ok(c, i, (double)(end[i] - start[i]));
}

static void schedstat_finish(struct counting *c)
{
	struct schedstat *s = c->private;

	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	c->private = NULL;
}

const struct counter counter_schedstat = {
	.name = "schedstat",
	.summary = "/proc's schedstat of each worker: time running, time waiting for a CPU, slices",
	.needs = "a kernel with CONFIG_SCHED_INFO",
	.plan = schedstat_plan,
	.prepare = schedstat_prepare,
	.start = schedstat_start,
	.stop = schedstat_stop,
	.read = schedstat_read,
	.finish = schedstat_finish,
};
