/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cow: the parent writes the memory, forks, and the workers write it again: each write copies a
 * page. Worker processes are forks themselves; for threads an idle child holds the other reference
 * to the pages. Needs twice the memory.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

struct cow {
	char *start;
	pid_t holder; /* 0 without */
};

/* Fork a child that does nothing but share our pages until it is killed. */
static int cow_hold(struct cow *cow, struct why *why)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return why_not(why, errno, "cannot fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	cow->holder = pid;
	return 0;
}

static int cow_setup(struct run *run, struct why *why)
{
	struct cow *cow = xcalloc(1, sizeof(*cow));
	int err;

	run->private = cow;
	err = map_new(run, map_total_bytes(run), MAP_PRIVATE | MAP_ANONYMOUS, -1, &cow->start, why);
	if (err)
		return err;
	map_slice(run, cow->start);
	touch_write(cow->start, cow->start + map_total_bytes(run), run->page_size);
	return run->settings->processes ? 0 : cow_hold(cow, why);
}

static int cow_pass(struct worker *worker)
{
	fill_slice(worker);
	return 0;
}

static void cow_teardown(struct run *run)
{
	struct cow *cow = run->private;

	if (!cow)
		return;
	if (cow->holder) {
		kill(cow->holder, SIGKILL);
		while (waitpid(cow->holder, NULL, 0) < 0 && errno == EINTR)
			;
	}
	map_free(cow->start, map_total_bytes(run));
	free(cow);
}

const struct workload workload_cow = {
	.name = "cow",
	.summary = "write to each page of memory shared with another process since fork()",
	.flags = WL_CACHELINES | WL_CLEAR,
	.unit = workload_base_unit,
	.setup = cow_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = cow_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = cow_teardown,
};
