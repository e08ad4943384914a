/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure_native: the clocks of the machine itself. */
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "common/units.h"
#include "pft/measure.h"

static uint64_t timeval_us(const struct timeval *tv)
{
	return tv->tv_sec * 1000000ULL + tv->tv_usec;
}

/*
 * Without full vtime accounting getrusage() knows a running thread's time as of its last tick or
 * switch only, up to 4 ms ago: faults/cpu would rise with the number of workers. Asking for the
 * thread's clock first brings it up to date. What remains by ticks is the split into user and system.
 */
static void snapshot_usage(struct snapshot *s)
{
	struct timespec ignored;
	struct rusage usage;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ignored);
	getrusage(RUSAGE_THREAD, &usage);
	s->user_us = timeval_us(&usage.ru_utime);
	s->system_us = timeval_us(&usage.ru_stime);
	s->minor_faults = usage.ru_minflt;
	s->major_faults = usage.ru_majflt;
	s->voluntary_switches = usage.ru_nvcsw;
	s->involuntary_switches = usage.ru_nivcsw;
}

void snapshot_start(struct snapshot *s)
{
	getcpu(&s->cpu, &s->node);
	snapshot_usage(s);
	s->ns = now_ns();
}

void snapshot_end(struct snapshot *s)
{
	s->ns = now_ns();
	snapshot_usage(s);
	getcpu(&s->cpu, &s->node);
}
