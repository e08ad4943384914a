/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/units.h"
#include "harness/guest/console.h"

#define GOODBYE_S 20 /* from the guest's last word to its end */
#define TAKE	  ((size_t)1 << 16)
#define TAKES	  64 /* before others have their turn, more than a socket holds */
#define TEXT_MAX  ((size_t)64 << 20) /* of what a run says, which may be kept in memory */

static void arm(struct boot *b, unsigned seconds)
{
	struct itimerspec when = {.it_value = {.tv_sec = seconds}};

	timerfd_settime(b->timer, 0, &when, NULL);
}

static void end_guest(struct boot *b)
{
	kill(-b->pid, SIGKILL);
}

static void write_failed(struct boot *b, int err)
{
	b->err_write = err;
	end_guest(b);
}

static int take_text(struct boot *b, FILE *out, const struct wire_frame *frame)
{
	if (frame->len > TEXT_MAX - b->text_len)
		return why_not(&b->why_write, EFBIG, "the guest says more than %zu MiB",
			       TEXT_MAX >> 20);
	b->text_len += frame->len;
	watcher_clear(b->watcher);
	console_write(out, frame->data, frame->len);
	fflush(out);
	return 0;
}

static int take_fail(struct boot *b, const struct wire_frame *frame)
{
	const struct wire_frame before = {.data = "guest: ", .len = 7};
	const struct wire_frame after = {.data = "\n", .len = 1};
	int err = take_text(b, b->err, &before);

	if (!err)
		err = take_text(b, b->err, frame);
	return err ? err : take_text(b, b->err, &after);
}

/* No more is expected than the end of the machine, which has its time from now on. */
static void take_end(struct boot *b, const struct wire_frame *frame)
{
	b->said_end = true;
	b->code = frame->number <= 255 ? (int)frame->number : EXIT_FAILED;
	arm(b, GOODBYE_S);
}

static void take_frame(struct boot *b, const struct wire_frame *frame)
{
	int err = 0;

	switch (frame->kind) {
	case WIRE_HELLO:
		b->hello_s = (double)(now_ns() - b->start_ns) / 1e9;
		if (frame->number != WIRE_VERSION)
			err = why_not(&b->why_write, EPROTO,
				      "the guest's faultscale-init is of another version");
		watcher_say(b->watcher, "starts the run");
		break;
	case WIRE_COMMIT:
		watcher_take(b->watcher, b->receiver);
		err = receiver_take(b->receiver, frame, &b->why_write);
		watcher_show(b->watcher, b->receiver);
		break;
	case WIRE_FILE:
		err = receiver_take(b->receiver, frame, &b->why_write);
		break;
	case WIRE_OUT:
		err = take_text(b, b->out, frame);
		break;
	case WIRE_ERR:
		err = take_text(b, b->err, frame);
		break;
	case WIRE_FAIL:
		err = take_fail(b, frame);
		break;
	case WIRE_END:
		take_end(b, frame);
		break;
	default:
		break;
	}
	if (err)
		write_failed(b, err);
}

/* All that the socket holds now, but not for ever from a guest that never stops. */
static void take_port(struct boot *b)
{
	struct wire_frame frame;
	ssize_t n = -1;
	int got = 0;

	for (unsigned i = 0; i < TAKES && !b->err_write; i++) {
		n = recv(b->port, wire_reader_room(&b->reader, TAKE), TAKE, MSG_DONTWAIT);
		if (n <= 0)
			break;
		b->reader.len += (size_t)n;
		if (!b->said_end)
			arm(b, b->timeout_s);
		while (!b->err_write &&
		       (got = wire_reader_next(&b->reader, &frame, &b->why_write)) > 0)
			take_frame(b, &frame);
		if (got < 0)
			write_failed(b, got);
	}
	/* A socket whose other end is gone is readable for ever. */
	if (!n)
		epoll_ctl(b->watch.fd, EPOLL_CTL_DEL, b->port, NULL);
}

static void readable(struct child_watch *watch)
{
	struct boot *b = (struct boot *)((char *)watch - offsetof(struct boot, watch));
	uint64_t expired;

	take_port(b);
	if (read(b->timer, &expired, sizeof(expired)) == sizeof(expired)) {
		b->silent = !b->said_end;
		end_guest(b);
	}
}

static int forked(struct child_watch *watch, pid_t pid, struct why *why)
{
	struct boot *b = (struct boot *)((char *)watch - offsetof(struct boot, watch));

	(void)why;
	b->pid = pid;
	b->start_ns = now_ns();
	arm(b, b->timeout_s > BOOT_S ? b->timeout_s : BOOT_S);
	return 0;
}

/* The port's two ends, the timer, and an epoll of both. */
static int open_all(struct boot *b, struct why *why)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ends[2];

	b->watch = (struct child_watch){.forked = forked, .readable = readable, .fd = -1};
	b->port = b->timer = b->qemu->port_fd = -1;
	if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		b->port = ends[0];
		/* Above the descriptors that a child gets of its own, and inherited. */
		b->qemu->port_fd = fcntl(ends[1], F_DUPFD, 100);
		close(ends[1]);
		b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		b->watch.fd = epoll_create1(EPOLL_CLOEXEC);
	}
	if (b->qemu->port_fd < 0 || b->timer < 0 || b->watch.fd < 0 ||
	    epoll_ctl(b->watch.fd, EPOLL_CTL_ADD, b->port, &e) ||
	    epoll_ctl(b->watch.fd, EPOLL_CTL_ADD, b->timer, &e))
		return why_not(why, errno, "cannot make the guest's port: %s", strerror(errno));
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_all(struct boot *b)
{
	close_fd(&b->port);
	close_fd(&b->timer);
	close_fd(&b->watch.fd);
	close_fd(&b->qemu->port_fd);
}

static void judge(struct boot *b)
{
	if (b->said_end) {
		b->end = BOOT_DONE;
	} else if (b->silent) {
		b->end = BOOT_SILENT;
		if (b->hello_s > 0)
			why_not(&b->why, ETIME, "the guest said nothing for %u s", b->timeout_s);
		else
			why_not(&b->why, ETIME, "the guest did not come up");
	} else {
		b->end = BOOT_DIED;
		if (child_verdict(&b->child, 0, &b->why))
			why_within(&b->why, EIO, "the emulator ended");
		else
			why_not(&b->why, EIO, "the guest stopped %s",
				b->hello_s > 0 ? "before its run was over"
					       : "before its first program ran");
	}
}

int boot_run(struct boot *b, struct why *why)
{
	char **argv;
	int err = open_all(b, why);

	if (!err) {
		argv = qemu_argv(b->qemu);
		watcher_say(b->watcher, "boots");
		err = child_run_watched(argv, 0, b->stop, &b->watch, &b->child, why);
		qemu_argv_free(argv);
		watcher_clear(b->watcher);
	}
	close_all(b);
	if (!err && b->err_write) {
		*why = b->why_write;
		err = b->err_write;
	}
	if (!err)
		judge(b);
	return err;
}

void boot_release(struct boot *b)
{
	wire_reader_release(&b->reader);
	child_result_release(&b->child);
}
