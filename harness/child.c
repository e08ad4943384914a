/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

#define GRACE_NS (2 * (uint64_t)1000000000)
#define TEXT_MAX ((size_t)64 << 20) /* a child gone mad must not eat the memory that is measured \
				     */

enum { OUT, ERR, ROWS, NR_PIPES };
enum { WATCH_STOP = NR_PIPES, WATCH_PID, WATCH_WATCHER, NR_WATCHES };

struct child {
	pid_t pid;
	int pid_fd;
	int read_fd[NR_PIPES]; /* -1 once the writers are gone */
	int write_fd[NR_PIPES]; /* closed here after the fork */
	int report_fd[2]; /* how the exec went: errno, or nothing */
	int go_fd[2]; /* a byte lets the child become argv[0] */
	struct child_watch *watch; /* or NULL */
	uint64_t start, deadline;
	unsigned signals_sent; /* 0, 1 SIGTERM, 2 SIGKILL */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int child_init(struct child *c, struct child_watch *watch, struct why *why)
{
	int fds[2];

	*c = (struct child){.pid = -1,
			    .pid_fd = -1,
			    .report_fd = {-1, -1},
			    .go_fd = {-1, -1},
			    .watch = watch};
	memset(c->read_fd, -1, sizeof(c->read_fd));
	memset(c->write_fd, -1, sizeof(c->write_fd));
	for (int i = 0; i < NR_PIPES; i++) {
		if (pipe2(fds, O_CLOEXEC))
			return why_not(why, errno, "cannot make a pipe: %s", strerror(errno));
		c->read_fd[i] = fds[0];
		c->write_fd[i] = fds[1];
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
	}
	if (pipe2(c->report_fd, O_CLOEXEC) || pipe2(c->go_fd, O_CLOEXEC))
		return why_not(why, errno, "cannot make a pipe: %s", strerror(errno));
	return 0;
}

static void child_release(struct child *c)
{
	for (int i = 0; i < NR_PIPES; i++) {
		close_fd(&c->read_fd[i]);
		close_fd(&c->write_fd[i]);
	}
	close_fd(&c->report_fd[0]);
	close_fd(&c->report_fd[1]);
	close_fd(&c->go_fd[0]);
	close_fd(&c->go_fd[1]);
	close_fd(&c->pid_fd);
}

/* In the child: become argv[0]. Only async-signal-safe calls. */
static _Noreturn void become(struct child *c, char *const argv[], const sigset_t *mask,
			     pid_t parent)
{
	static const int target[NR_PIPES] = {STDOUT_FILENO, STDERR_FILENO, CHILD_ROWS_FD};
	int null, high[NR_PIPES], err;
	char go;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(127);
	close(c->go_fd[1]); /* or the parent's end would not be its end */
	if (read(c->go_fd[0], &go, 1) != 1)
		_exit(127);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* Out of the way of 0..3 first: a pipe may sit on the number that another one has to get. */
	for (int i = 0; i < NR_PIPES; i++)
		high[i] = fcntl(c->write_fd[i], F_DUPFD_CLOEXEC, 10);
	c->report_fd[1] = fcntl(c->report_fd[1], F_DUPFD_CLOEXEC, 10);
	dup2(null, STDIN_FILENO);
	for (int i = 0; i < NR_PIPES; i++)
		dup2(high[i], target[i]);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execv(argv[0], argv);
	err = errno;
	if (write(c->report_fd[1], &err, sizeof(err)) != sizeof(err))
		_exit(126);
	_exit(127);
}

/* Show the child to whom watches, and let it go on, or end it with the reason in @why. */
static int release_child(struct child *c, struct why *why)
{
	int err = c->watch ? c->watch->forked(c->watch, c->pid, why) : 0;

	if (!err && write(c->go_fd[1], "", 1) != 1)
		err = why_not(why, errno, "cannot start a process: %s", strerror(errno));
	close_fd(&c->go_fd[0]);
	close_fd(&c->go_fd[1]);
	if (err)
		waitpid(c->pid, NULL, 0);
	return err;
}

/* Fork and wait until the exec is done. */
static int child_start(struct child *c, char *const argv[], const sigset_t *mask, struct why *why)
{
	pid_t parent = getpid();
	int err = 0;

	c->start = now_ns();
	c->pid = fork();
	if (c->pid < 0)
		return why_not(why, errno, "cannot fork: %s", strerror(errno));
	if (!c->pid)
		become(c, argv, mask, parent);
	setpgid(c->pid, c->pid);
	for (int i = 0; i < NR_PIPES; i++)
		close_fd(&c->write_fd[i]);
	close_fd(&c->report_fd[1]);
	err = release_child(c, why);
	if (err)
		return err;
	if (read(c->report_fd[0], &err, sizeof(err)) == sizeof(err)) {
		waitpid(c->pid, NULL, 0);
		return why_not(why, err, "cannot run '%s': %s", argv[0], strerror(err));
	}
	c->pid_fd = pidfd_open(c->pid, 0);
	if (c->pid_fd < 0) {
		err = errno;
		kill(-c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		return why_not(why, err,
			       "cannot watch a process (Linux 5.3 or later is needed): %s",
			       strerror(err));
	}
	return 0;
}

/* Take what the pipe holds now, but not for ever from a child that never stops writing; at its end
 * close it. */
static void take_text(int *fd, struct child_text *text)
{
	char buf[65536];
	ssize_t n = 0;

	for (int i = 0; i < 16 && (n = read(*fd, buf, sizeof(buf))) > 0; i++) {
		if (text->lost || text->len + (size_t)n > TEXT_MAX) {
			text->lost += (size_t)n;
			continue;
		}
		if (text->len + (size_t)n + 1 > text->cap) {
			text->cap = 2 * text->cap + (size_t)n + 1;
			text->data = xreallocarray(text->data, text->cap, 1);
		}
		memcpy(text->data + text->len, buf, (size_t)n);
		text->len += (size_t)n;
		text->data[text->len] = '\0';
	}
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(fd);
}

/* SIGTERM first, SIGKILL when its grace is over; the kill has no deadline: an exit can take long
 * where much memory has to be given back. */
static void end_child(struct child *c)
{
	kill(-c->pid, c->signals_sent ? SIGKILL : SIGTERM);
	c->deadline = c->signals_sent++ ? UINT64_MAX : now_ns() + GRACE_NS;
}

static int poll_ms(uint64_t deadline)
{
	uint64_t now = now_ns();

	if (deadline == UINT64_MAX)
		return -1;
	if (deadline <= now)
		return 0;
	now = (deadline - now) / 1000000 + 1;
	return now > INT_MAX ? INT_MAX : (int)now;
}

/* Watch until the child ends (0) or may not be waited for any more (-EINTR). */
static int child_watch(struct child *c, struct stop *stop, struct child_result *r)
{
	struct child_text *texts[NR_PIPES] = {&r->out, &r->err, &r->rows};
	struct pollfd w[NR_WATCHES];
	unsigned asked = 0;

	for (;;) {
		for (int i = 0; i < NR_PIPES; i++)
			w[i] = (struct pollfd){.fd = c->read_fd[i], .events = POLLIN};
		w[WATCH_STOP] = (struct pollfd){.fd = stop->fd, .events = POLLIN};
		w[WATCH_PID] = (struct pollfd){.fd = c->pid_fd, .events = POLLIN};
		w[WATCH_WATCHER] = (struct pollfd){.fd = c->watch ? c->watch->fd : -1,
						   .events = POLLIN};
		if (poll(w, NR_WATCHES, poll_ms(c->deadline)) < 0 && errno != EINTR)
			BUG("poll: %s", strerror(errno));
		for (int i = 0; i < NR_PIPES; i++)
			if (c->read_fd[i] >= 0)
				take_text(&c->read_fd[i], texts[i]);
		if (c->watch && (w[WATCH_PID].revents || w[WATCH_WATCHER].revents))
			c->watch->readable(c->watch);
		if (w[WATCH_PID].revents)
			return 0;
		if (stop_take(stop) > asked) {
			if (stop->asked > 1)
				c->signals_sent = 1;
			if (c->signals_sent < 2)
				end_child(c);
			if (stop->asked > 1)
				return -EINTR;
			asked = stop->asked;
		} else if (now_ns() >= c->deadline) {
			r->timed_out = !c->signals_sent || r->timed_out;
			end_child(c);
		}
	}
}

/* The child is a zombie: end the rest of its group while its number is still taken, then reap it. */
static void child_reap(struct child *c, struct child_result *r)
{
	struct child_text *texts[NR_PIPES] = {&r->out, &r->err, &r->rows};

	r->elapsed_s = (double)(now_ns() - c->start) / 1e9;
	kill(-c->pid, SIGKILL);
	for (int i = 0; i < NR_PIPES; i++)
		if (c->read_fd[i] >= 0)
			take_text(&c->read_fd[i], texts[i]);
	while (wait4(c->pid, &r->status, 0, &r->usage) < 0 && errno == EINTR)
		;
}

int child_run_watched(char *const argv[], unsigned timeout_s, struct stop *stop,
		      struct child_watch *watch, struct child_result *r, struct why *why)
{
	struct timespec wall;
	struct child c;
	int err;

	*r = (struct child_result){0};
	r->out.data = xstrdup("");
	r->err.data = xstrdup("");
	r->rows.data = xstrdup("");
	if (stop_take(stop))
		return why_not(why, EINTR, "interrupted");
	clock_gettime(CLOCK_REALTIME, &wall);
	r->started_s = (double)wall.tv_sec + (double)wall.tv_nsec / 1e9;
	err = child_init(&c, watch, why);
	if (!err)
		err = child_start(&c, argv, &stop->before, why);
	if (!err) {
		c.deadline = timeout_s ? c.start + timeout_s * (uint64_t)1000000000 : UINT64_MAX;
		err = child_watch(&c, stop, r);
		if (!err)
			child_reap(&c, r);
		if (stop->asked)
			err = why_not(why, EINTR, "interrupted");
	}
	child_release(&c);
	return err;
}

int child_run(char *const argv[], unsigned timeout_s, struct stop *stop, struct child_result *r,
	      struct why *why)
{
	return child_run_watched(argv, timeout_s, stop, NULL, r, why);
}

/* The last line of @text that is not empty, without its newline; empty if there is none. */
static void last_line(const struct child_text *text, char *line, size_t size)
{
	const char *end = text->data + strnlen(text->data, text->len), *start;

	while (end > text->data && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	for (start = end; start > text->data && start[-1] != '\n'; start--)
		;
	if ((size_t)(end - start) >= size)
		end = start + size - 1;
	memcpy(line, start, (size_t)(end - start));
	line[end - start] = '\0';
}

int child_verdict(const struct child_result *r, unsigned timeout_s, struct why *why)
{
	char said[300], how[120];

	if (r->timed_out)
		snprintf(how, sizeof(how), "not done after %u s, stopped", timeout_s);
	else if (WIFSIGNALED(r->status))
		snprintf(how, sizeof(how), "killed by signal %d (%s)%s", WTERMSIG(r->status),
			 strsignal(WTERMSIG(r->status)),
			 WTERMSIG(r->status) == SIGKILL ? " (out of memory? see dmesg)" : "");
	else if (WEXITSTATUS(r->status))
		snprintf(how, sizeof(how), "exit %d", WEXITSTATUS(r->status));
	else
		return 0;
	last_line(&r->err, said, sizeof(said));
	return why_not(why, EIO, "%s%s%s", how, *said ? ": " : "", said);
}

void child_result_release(struct child_result *r)
{
	free(r->out.data);
	free(r->err.data);
	free(r->rows.data);
	*r = (struct child_result){0};
}
