/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faultscale-init: the first program of a guest. It mounts what a run looks at, loads modules, starts the
 * run, sends what it writes through a port to the host, between two steps, and powers off. What goes wrong
 * is a frame for the host, and a line on the console.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/say.h"
#include "common/xalloc.h"
#include "harness/guest/mirror.h"
#include "harness/guest/orders.h"
#include "harness/guest/port.h"
#include "harness/guest/wire.h"

#define ALIVE_MS 2000

struct init {
	int port;
	char *results; /* directory of the run */
	char **argv;
	size_t nr, cap;
	struct mirror mirror;
};

static const struct {
	const char *type, *target;
} mounts[] = {
	{"proc", "/proc"},
	{"sysfs", "/sys"},
	{"devtmpfs", "/dev"},
	{"tmpfs", "/dev/shm"},
	{"cgroup2", "/sys/fs/cgroup"},
	{"bpf", "/sys/fs/bpf"},
	{"tracefs", "/sys/kernel/tracing"},
	{"debugfs", "/sys/kernel/debug"},
};

/* Tell the host and the console; the run may still do without. */
static void __attribute__((format(printf, 2, 3))) fail(struct init *in, const char *fmt, ...)
{
	struct why why = WHY_INIT;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, ap);
	va_end(ap);
	warn("%s", why.text);
	if (in->port >= 0)
		wire_send(in->port, WIRE_FAIL, 0, "-", why.text, strlen(why.text));
}

/* What a kernel lacks (tracefs, cgroups) the run says itself where it matters. */
static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].target, 0755);
		mount(mounts[i].type, mounts[i].target, mounts[i].type, 0, NULL);
	}
	mkdir("/tmp", 01777); /* of the root, where a config may lie */
	chmod("/tmp", 01777);
	chmod("/dev/shm", 01777);
	symlink("/proc/self/fd", "/dev/fd");
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

/* A compressed module is unpacked by the kernel, where it can. */
static void load_module(struct init *in, char *order)
{
	char *params = order, *path = strsep(&params, " ");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int flags = strstr(path, ".ko.") ? MODULE_INIT_COMPRESSED_FILE : 0;

	if (fd < 0 ||
	    (syscall(SYS_finit_module, fd, params ? params : "", flags) && errno != EEXIST))
		fail(in, "cannot load the module '%s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void write_value(struct init *in, char *order)
{
	char *value = order, *path = strsep(&value, " ");
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = value ? (ssize_t)strlen(value) : 0;

	if (fd < 0 || write(fd, value, (size_t)len) != len)
		fail(in, "cannot write '%s' to '%s': %s", value ? value : "", path,
		     strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void add_argument(struct init *in, const char *word)
{
	XGROW(in->argv, in->nr, in->cap);
	in->argv[in->nr++] = word ? xstrdup(word) : NULL;
}

/* Carry out the orders with this key, in their order. */
static void obey(struct init *in, const char *key, void (*what)(struct init *, char *))
{
	FILE *file = fopen(GUEST_ORDERS, "re");
	char *line = NULL;
	size_t size = 0, len = strlen(key);

	while (file && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, key, len) && line[len] == ' ')
			what(in, line + len + 1);
	}
	free(line);
	if (file)
		fclose(file);
}

static void take_results(struct init *in, char *value)
{
	in->results = xstrdup(value);
}

static void take_argument(struct init *in, char *value)
{
	add_argument(in, value);
}

/* The run, with stdout, stderr and the checkpoint in @fds. Returns its pid, or -errno. */
static pid_t start_run(struct init *in, int fds[3])
{
	int out[2], err[2], point[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, point))
		return -errno;
	pid = fork();
	if (!pid) {
		/* above what they are to become */
		int from[3] = {fcntl(out[1], F_DUPFD_CLOEXEC, 20),
			       fcntl(err[1], F_DUPFD_CLOEXEC, 20),
			       fcntl(point[1], F_DUPFD_CLOEXEC, 20)};

		setsid();
		close(0);
		open("/dev/null", O_RDONLY);
		dup2(from[0], 1);
		dup2(from[2], ORDERS_CHECKPOINT_FD);
		dup2(from[1], 2);
		execv(in->argv[0], in->argv);
		fprintf(stderr, "cannot run '%s': %s\n", in->argv[0], strerror(errno));
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	close(point[1]);
	fds[0] = out[0];
	fds[1] = err[0];
	fds[2] = point[0];
	return pid < 0 ? -errno : pid;
}

static void send_text(struct init *in, int *fd, enum wire_kind kind)
{
	char text[4096];
	ssize_t n = read(*fd, text, sizeof(text));

	if (n > 0) {
		wire_send(in->port, kind, 0, "-", text, (size_t)n);
	} else if (!n || errno != EINTR) {
		close(*fd);
		*fd = -1;
	}
}

static void send_files(struct init *in)
{
	struct why why = WHY_INIT;

	if (mirror_send(&in->mirror, &why))
		fail(in, "%s", why.text);
}

/* A step is over: send what it left and have it leave this machine before the next one begins. */
static void checkpoint(struct init *in, int *fd)
{
	char byte;

	if (read(*fd, &byte, 1) == 1) {
		send_files(in);
		tcdrain(in->port);
		if (write(*fd, &byte, 1) == 1)
			return;
	}
	close(*fd);
	*fd = -1;
}

/* Until the run and its output end. Returns its exit code. */
static int watch_run(struct init *in, pid_t pid, int fds[3])
{
	int pid_fd = pidfd_open(pid, 0), status = 0;
	bool running = true;

	while (running || fds[0] >= 0 || fds[1] >= 0) {
		struct pollfd p[] = {{fds[0], POLLIN, 0},
				     {fds[1], POLLIN, 0},
				     {fds[2], POLLIN, 0},
				     {running ? pid_fd : -1, POLLIN, 0}};
		int n = poll(p, 4, running ? ALIVE_MS : 100);

		if (!n && !running)
			break; /* a process that is left over holds the pipes */
		if (!n)
			wire_send(in->port, WIRE_ALIVE, 0, "-", "", 0);
		if (n <= 0)
			continue;
		if (p[0].revents)
			send_text(in, &fds[0], WIRE_OUT);
		if (p[1].revents)
			send_text(in, &fds[1], WIRE_ERR);
		if (p[2].revents)
			checkpoint(in, &fds[2]);
		if (p[3].revents)
			running = waitpid(pid, &status, 0) < 0 && errno == EINTR;
		while (!running && waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run(struct init *in)
{
	int fds[3] = {-1, -1, -1}, code = EXIT_FAILED;
	pid_t pid;

	mirror_init(&in->mirror, in->results, in->port);
	pid = start_run(in, fds);
	if (pid < 0)
		fail(in, "cannot start the run: %s", strerror((int)-pid));
	else
		code = watch_run(in, pid, fds);
	send_files(in);
	wire_send(in->port, WIRE_END, (uint64_t)code, "-", "", 0);
	tcdrain(in->port);
}

int main(void)
{
	struct init in = {.port = -1};

	say_as("faultscale-init");
	mount_all();
	open_console();
	setenv("PATH", GUEST_FOLDER ":/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/", 1);
	setenv("LD_LIBRARY_PATH", GUEST_LIBRARIES, 1);
	in.port = port_open();
	if (in.port >= 0) {
		wire_send(in.port, WIRE_HELLO, WIRE_VERSION, "-", "", 0);
		obey(&in, ORDER_MODULE, load_module);
		obey(&in, ORDER_WRITE, write_value);
		obey(&in, ORDER_RESULTS, take_results);
		obey(&in, ORDER_ARGUMENT, take_argument);
		add_argument(&in, NULL);
		run(&in);
	} else {
		warn("no port to the host: %s", strerror(-in.port));
	}
	sync();
	reboot(RB_POWER_OFF);
	return EXIT_FAILED;
}
