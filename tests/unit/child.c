/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/units.h"
#include "harness/child.h"

static struct stop stop;

/* Run a line of shell. */
static int shell(const char *line, unsigned timeout_s, struct child_result *r, struct why *why)
{
	char sh[] = "/bin/sh", c[] = "-c", *text = strdup(line);
	char *argv[] = {sh, c, text, NULL};
	int err = child_run(argv, timeout_s, &stop, r, why);

	free(text);
	return err;
}

static void each_pipe_is_captured(void **state)
{
	struct child_result r;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(shell("echo out; echo err >&2; echo rows >/dev/fd/3; cat", 20, &r, &why),
			 0);
	assert_string_equal(r.out.data, "out\n");
	assert_string_equal(r.err.data, "err\n");
	assert_string_equal(r.rows.data, "rows\n");
	assert_int_equal(child_verdict(&r, 20, &why), 0);
	assert_true(r.elapsed_s > 0);
	assert_true(r.usage.ru_minflt > 0);
	child_result_release(&r);
}

/* Who looks on, and what was seen. */
struct watcher {
	struct child_watch watch;
	int refuse; /* errno of forked() */
	char comm[32]; /* of the process, while it waits */
	unsigned looks;
};

static int on_forked(struct child_watch *watch, pid_t pid, struct why *why)
{
	struct watcher *w = (struct watcher *)watch;
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	in = fopen(path, "re");
	assert_non_null(in);
	assert_non_null(fgets(w->comm, sizeof(w->comm), in));
	fclose(in);
	return w->refuse ? why_not(why, w->refuse, "not this one") : 0;
}

static void on_readable(struct child_watch *watch)
{
	((struct watcher *)watch)->looks++;
}

static void a_watcher_sees_it_before_its_exec(void **state)
{
	char sh[] = "/bin/sh", c[] = "-c", text[] = "cat /proc/$$/comm";
	char *argv[] = {sh, c, text, NULL};
	struct watcher w = {.watch = {on_forked, on_readable, -1}};
	struct child_result r;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(child_run_watched(argv, 20, &stop, &w.watch, &r, &why), 0);
	assert_string_equal(r.out.data, "sh\n");
	assert_string_equal(w.comm, "child\n"); /* this test, not yet the shell */
	assert_true(w.looks > 0); /* at its end at least */
	child_result_release(&r);
	w.refuse = ENOSPC;
	w.looks = 0;
	assert_int_equal(child_run_watched(argv, 20, &stop, &w.watch, &r, &why), -ENOSPC);
	assert_string_equal(why.text, "not this one");
	assert_string_equal(r.out.data, "");
	assert_int_equal(w.looks, 0);
	child_result_release(&r);
}

static void more_than_a_pipe_holds(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(shell("head -c 3000000 /dev/zero >/dev/fd/3; head -c 200000 /dev/zero", 20,
			       &r, NULL),
			 0);
	assert_int_equal(r.rows.len, 3000000);
	assert_int_equal(r.out.len, 200000);
	child_result_release(&r);
}

static void a_failure_comes_with_its_last_words(void **state)
{
	struct child_result r;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(shell("echo first >&2; echo 'cause, with x' >&2; exit 3", 20, &r, &why),
			 0);
	assert_int_equal(child_verdict(&r, 20, &why), -EIO);
	assert_string_equal(why.text, "exit 3: cause, with x");
	child_result_release(&r);
	assert_int_equal(shell("kill -SEGV $$", 20, &r, &why), 0);
	assert_int_equal(child_verdict(&r, 20, &why), -EIO);
	assert_non_null(strstr(why.text, "killed by signal 11"));
	child_result_release(&r);
}

static void what_cannot_be_started_is_an_error(void **state)
{
	char path[] = "/nonexistent/pft";
	char *argv[] = {path, NULL};
	struct child_result r;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(child_run(argv, 20, &stop, &r, &why), -ENOENT);
	assert_non_null(strstr(why.text, "'/nonexistent/pft'"));
	child_result_release(&r);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* The process of this number is gone, or only waits to be reaped by init. */
static bool is_gone(pid_t pid)
{
	char path[64], state = '?';
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	in = fopen(path, "re");
	if (!in)
		return true;
	if (fscanf(in, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(in);
	return state == 'Z' || state == 'X';
}

static bool soon_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (is_gone(pid))
			return true;
		usleep(10000);
	}
	return false;
}

static void a_time_out_ends_the_whole_group(void **state)
{
	struct child_result r;
	struct why why = WHY_INIT;
	pid_t grandchild;

	(void)state;
	assert_int_equal(shell("sleep 1000 & echo $!; wait", 1, &r, &why), 0);
	assert_true(r.timed_out);
	assert_int_equal(child_verdict(&r, 1, &why), -EIO);
	assert_non_null(strstr(why.text, "not done after 1 s"));
	grandchild = (pid_t)strtol(r.out.data, NULL, 10);
	assert_true(grandchild > 0);
	assert_true(soon_gone(grandchild));
	child_result_release(&r);
}

static void what_a_good_child_leaves_behind_ends_too(void **state)
{
	struct child_result r;
	pid_t grandchild;

	(void)state;
	assert_int_equal(shell("sleep 1000 & echo $!", 20, &r, NULL), 0);
	assert_int_equal(r.status, 0);
	grandchild = (pid_t)strtol(r.out.data, NULL, 10);
	assert_true(grandchild > 0);
	assert_true(soon_gone(grandchild));
	child_result_release(&r);
}

static void sigkill_follows_where_sigterm_is_ignored(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(shell("trap '' TERM; while :; do sleep 1; done", 1, &r, NULL), 0);
	assert_true(r.timed_out);
	assert_true(WIFSIGNALED(r.status));
	assert_int_equal(WTERMSIG(r.status), SIGKILL);
	child_result_release(&r);
}

static void endless_output_does_not_outlive_its_time(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(shell("exec yes", 1, &r, NULL), 0);
	assert_true(r.timed_out);
	assert_true(r.out.len <= 64 << 20);
	child_result_release(&r);
}

static void what_holds_the_pipes_open_is_not_waited_for(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(shell("setsid sleep 30 & exit 0", 20, &r, NULL), 0);
	assert_false(r.timed_out);
	child_result_release(&r);
}

static void a_request_to_stop_ends_the_child(void **state)
{
	struct child_result r;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(shell("kill -INT $PPID; sleep 1000", 100, &r, &why), -EINTR);
	assert_int_equal(stop.asked, 1);
	assert_int_equal(stop.signal, SIGINT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	child_result_release(&r);
	/* and the next one does not even begin */
	assert_int_equal(shell("exit 0", 100, &r, &why), -EINTR);
	child_result_release(&r);
	stop.asked = 0;
}

static void a_second_request_does_not_wait(void **state)
{
	struct child_result r;
	int status;

	(void)state;
	/* The second one when it hears of the first: both at once would be one. */
	assert_int_equal(shell("trap \"trap '' TERM; kill -INT $PPID\" TERM; kill -INT $PPID; "
			       "sleep 1000 & wait; sleep 1000",
			       100, &r, NULL),
			 -EINTR);
	assert_int_equal(stop.asked, 2);
	assert_true(waitpid(-1, &status, 0) > 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	child_result_release(&r);
	stop.asked = 0;
}

static void a_child_does_not_outlive_us(void **state)
{
	int fds[2];
	pid_t middle, leaf = 0;
	char buf[32] = "";

	(void)state;
	assert_int_equal(pipe(fds), 0);
	middle = fork();
	assert_true(middle >= 0);
	if (!middle) {
		struct child_result r;
		char line[64];

		snprintf(line, sizeof(line), "echo $$ >/proc/%d/fd/%d; exec sleep 1000",
			 (int)getpid(), fds[1]);
		shell(line, 1000, &r, NULL);
		_exit(0);
	}
	assert_true(read(fds[0], buf, sizeof(buf) - 1) > 0);
	leaf = (pid_t)strtol(buf, NULL, 10);
	assert_false(is_gone(leaf));
	kill(middle, SIGKILL);
	waitpid(middle, NULL, 0);
	assert_true(soon_gone(leaf));
	close(fds[0]);
	close(fds[1]);
}

static int watch(void **state)
{
	(void)state;
	return stop_init(&stop, NULL);
}

static int unwatch(void **state)
{
	(void)state;
	stop_release(&stop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pipe_is_captured),
		cmocka_unit_test(a_watcher_sees_it_before_its_exec),
		cmocka_unit_test(more_than_a_pipe_holds),
		cmocka_unit_test(a_failure_comes_with_its_last_words),
		cmocka_unit_test(what_cannot_be_started_is_an_error),
		cmocka_unit_test(a_time_out_ends_the_whole_group),
		cmocka_unit_test(what_a_good_child_leaves_behind_ends_too),
		cmocka_unit_test(sigkill_follows_where_sigterm_is_ignored),
		cmocka_unit_test(endless_output_does_not_outlive_its_time),
		cmocka_unit_test(what_holds_the_pipes_open_is_not_waited_for),
		cmocka_unit_test(a_request_to_stop_ends_the_child),
		cmocka_unit_test(a_second_request_does_not_wait),
		cmocka_unit_test(a_child_does_not_outlive_us),
	};

	return cmocka_run_group_tests(tests, watch, unwatch);
}
