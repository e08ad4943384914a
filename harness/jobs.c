/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

/*
 * Workers are processes, as a step is one that a single thread watches. They take the numbers of steps
 * from one pipe until it is empty, and answer by another one: a step in a pipe is given to one reader, and a
 * write of a few bytes is whole.
 */
struct answer {
	unsigned step;
	int err; /* of exec_step() */
	struct why why;
};

struct worker {
	pid_t pid;
	int pid_fd;
};

struct jobs {
	struct exec *exec;
	int steps[2], answers[2]; /* pipes */
	struct worker *workers;
	unsigned nr;
};

/* A worker. A step that fails is recorded as such; the answer's error is one of the records. */
static _Noreturn void work(struct jobs *jobs)
{
	struct exec *e = jobs->exec;
	struct answer answer = {.why = WHY_INIT};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(jobs->steps[1]);
	e->progress->shown = false;
	while (!answer.err &&
	       read(jobs->steps[0], &answer.step, sizeof(answer.step)) == sizeof(answer.step)) {
		answer.err = exec_step(e, answer.step, &answer.why);
		if (write(jobs->answers[1], &answer, sizeof(answer)) != sizeof(answer))
			_exit(EXIT_FAILED);
	}
	_exit(EXIT_GOOD);
}

static int start(struct jobs *jobs, struct why *why)
{
	if (pipe2(jobs->steps, O_CLOEXEC) || pipe2(jobs->answers, O_CLOEXEC))
		return why_not(why, errno, "cannot make a pipe: %s", strerror(errno));
	jobs->workers = xcalloc(jobs->nr, sizeof(*jobs->workers));
	for (unsigned i = 0; i < jobs->nr; i++) {
		struct worker *w = &jobs->workers[i];

		w->pid = fork();
		if (!w->pid)
			work(jobs);
		w->pid_fd = w->pid > 0 ? pidfd_open(w->pid, 0) : -1;
		if (w->pid_fd < 0)
			return why_not(why, errno, "cannot start a process: %s", strerror(errno));
	}
	close(jobs->answers[1]); /* not ->steps[0]: a write should not meet a broken pipe */
	jobs->answers[1] = -1;
	return 0;
}

/* More clients take a simulator longer; a plan's own order among equals. */
static int by_clients(const void *a, const void *b, void *arg)
{
	const struct plan *plan = arg;
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	unsigned cx = plan->cells[plan->steps[x].cell].clients;
	unsigned cy = plan->cells[plan->steps[y].cell].clients;

	return cx != cy ? (cx < cy) - (cx > cy) : (x > y) - (x < y);
}

/* The steps that are not done, in the order in which to begin them. */
static unsigned *steps_left(const struct exec *e, size_t *nr)
{
	unsigned *steps = xcalloc(e->plan->nr_steps + 1, sizeof(*steps));

	*nr = 0;
	for (size_t i = 0; i < e->plan->nr_steps; i++)
		if (!e->done[i])
			steps[(*nr)++] = (unsigned)i;
	qsort_r(steps, *nr, sizeof(*steps), by_clients, (void *)e->plan);
	return steps;
}

/* The next answer: 1; 0 when a worker is gone, as none ends of itself while it may be asked. A request to
 * stop is passed on to them. */
static int next_answer(struct jobs *jobs, struct answer *answer)
{
	struct pollfd *fds = xcalloc(2 + jobs->nr, sizeof(*fds));
	bool gone = false;

	fds[0] = (struct pollfd){.fd = jobs->answers[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = jobs->exec->stop->fd, .events = POLLIN};
	for (unsigned i = 0; i < jobs->nr; i++)
		fds[2 + i] = (struct pollfd){.fd = jobs->workers[i].pid_fd, .events = POLLIN};
	while (!gone && poll(fds, 2 + jobs->nr, -1) >= 0 && !fds[0].revents) {
		if (stop_take(jobs->exec->stop) && fds[1].revents)
			for (unsigned i = 0; i < jobs->nr; i++)
				kill(jobs->workers[i].pid, SIGTERM);
		for (unsigned i = 0; i < jobs->nr; i++)
			gone |= fds[2 + i].revents;
	}
	free(fds);
	return !gone && read(jobs->answers[0], answer, sizeof(*answer)) == sizeof(*answer);
}

static int feed(struct jobs *jobs, unsigned step, struct why *why)
{
	if (write(jobs->steps[1], &step, sizeof(step)) == sizeof(step))
		return 0;
	return why_not(why, errno, "cannot hand out a step: %s", strerror(errno));
}

/* Hand out @steps[@nr] and take the answers. After an error no more are handed out. */
static int supervise(struct jobs *jobs, const unsigned *steps, size_t nr, struct why *why)
{
	struct exec *e = jobs->exec;
	uint64_t last = now_ns(), now; /* several at a time: what counts is how often one ends */
	size_t fed = 0, got = 0;
	struct answer answer;
	int err = 0;

	while (!err && got < nr) {
		for (; !err && fed < nr && fed - got < 2 * (size_t)jobs->nr; fed++)
			err = feed(jobs, steps[fed], why);
		if (err || !next_answer(jobs, &answer))
			return err ? err
				   : why_not(why, EIO,
					     "a process that ran steps was killed (out of memory? "
					     "see dmesg); run it again, with fewer --jobs");
		got++;
		err = answer.err;
		if (err) {
			*why = answer.why;
			break;
		}
		e->done[answer.step] = true;
		e->nr_done++;
		now = now_ns();
		progress_step(e->progress, &e->plan->cells[e->plan->steps[answer.step].cell],
			      (double)(now - last) / 1e9, 0);
		last = now;
		if (fed < nr)
			progress_show(e->progress, &e->plan->cells[e->plan->steps[steps[fed]].cell],
				      "simulated");
	}
	return err;
}

static void end(struct jobs *jobs, bool failed)
{
	int *const fds[] = {&jobs->steps[1], &jobs->answers[0], &jobs->steps[0], &jobs->answers[1]};

	for (size_t i = 0; i < 4; i++)
		if (*fds[i] >= 0)
			close(*fds[i]);
	for (unsigned i = 0; jobs->workers && i < jobs->nr; i++) {
		const struct worker *w = &jobs->workers[i];

		if (w->pid <= 0)
			continue;
		if (failed)
			kill(w->pid, SIGTERM);
		waitpid(w->pid, NULL, 0);
		if (w->pid_fd >= 0)
			close(w->pid_fd);
	}
	free(jobs->workers);
}

int jobs_run(struct exec *e, unsigned nr, struct why *why)
{
	struct jobs jobs = {.exec = e, .steps = {-1, -1}, .answers = {-1, -1}, .nr = nr};
	size_t nr_steps;
	unsigned *steps = steps_left(e, &nr_steps);
	int err = start(&jobs, why);

	if (!err)
		err = supervise(&jobs, steps, nr_steps, why);
	end(&jobs, err);
	progress_clear(e->progress);
	free(steps);
	return err;
}
