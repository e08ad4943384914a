/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child: one process, watched until it ends: what it wrote, how long it took, what it used. It
 * never outlives this program (PR_SET_PDEATHSIG), and its whole process group ends with it.
 */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#include "common/say.h"
#include "harness/stop.h"

/* The descriptor on which a child finds the pipe for its rows. */
#define CHILD_ROWS_FD 3

/* What came through one pipe, always followed by a '\0' that is not counted. */
struct child_text {
	char *data;
	size_t len, cap;
	size_t lost; /* bytes above the limit, thrown away */
};

struct child_result {
	struct child_text out, err, rows;
	int status; /* as wait4() gives it */
	bool timed_out; /* it did not end by itself in time */
	double started_s; /* since 1970 */
	double elapsed_s; /* fork to end */
	struct rusage usage; /* the process and the children it waited for */
};

/* Somebody who looks on: part of a struct of theirs. */
struct child_watch {
	/* The process @pid exists and waits to become argv[0]. An error ends it: 0, or -errno with the
	 * reason in @why. */
	int (*forked)(struct child_watch *watch, pid_t pid, struct why *why);
	/* ->fd is readable, or the process has ended; more than once. */
	void (*readable)(struct child_watch *watch);
	int fd; /* to be polled while it runs; set by forked() or before */
};

/*
 * Run @argv (argv[0] is the path) with stdin empty and at most @timeout_s seconds; then SIGTERM,
 * and SIGKILL two seconds later, to its whole group. Returns 0 when it ended, however it did;
 * -EINTR if
 * @stop was asked for (a second request does not wait for the end of the child); another -errno
 * with the reason in @why if it could not be started. The caller releases @result in any case.
 */
int child_run(char *const argv[], unsigned timeout_s, struct stop *stop,
	      struct child_result *result, struct why *why);

/* The same under the eyes of @watch, or of nobody with NULL. */
int child_run_watched(char *const argv[], unsigned timeout_s, struct stop *stop,
		      struct child_watch *watch, struct child_result *result, struct why *why);

/* Why the child did not do well, with the last line it wrote to stderr, into @why; returns -EIO, or
 * 0 if it ended with exit 0 in time. */
int child_verdict(const struct child_result *result, unsigned timeout_s, struct why *why);

/* Free what the result holds. */
void child_result_release(struct child_result *result);

#endif
