/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/kswap_undo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"

#define LOG_MAX	 65536 /* bytes; a run writes less than one thousand */
#define PATIENCE 400 /* tries, 20 s */
#define PAUSE_US 50000

int kswap_write(const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write(fd, text, len) == (ssize_t)len ? 0 : -errno;
	close(fd);
	return err;
}

int kswap_read(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, line, size - 1);
	int err = len < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	line[len < 0 ? 0 : len] = 0;
	line[strcspn(line, "\n")] = 0;
	return err;
}

/* Whether @err says that there is nothing to take back. */
static bool gone(int err)
{
	return err == -ENOENT || err == -ENODEV;
}

static int undo_write(const char *path, const char *before, struct why *why)
{
	int err = kswap_write(path, before);

	if (!err || gone(err))
		return 0;
	return why_not(why, -err, "cannot write '%s' back into '%s': %s", before, path,
		       strerror(-err));
}

/* Only if it is still the file that was made, and not somebody's of the same name. */
static int undo_file(const char *path, const char *before, struct why *why)
{
	char found[64];
	struct stat st;

	if (lstat(path, &st))
		return 0;
	snprintf(found, sizeof(found), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	if (strcmp(found, before) || !unlink(path))
		return 0;
	return why_not(why, errno, "cannot remove '%s': %s", path, strerror(errno));
}

/* The kernel says EINVAL of what is no swap. */
static int undo_swapon(const char *path, const char *before, struct why *why)
{
	int err;

	(void)before;
	do
		err = swapoff(path) ? -errno : 0;
	while (err == -EINTR);
	if (!err || gone(err) || err == -EINVAL)
		return 0;
	return why_not(why, -err, "cannot end swapping to '%s': %s", path, strerror(-err));
}

/* A device that somebody looks at, such as udev, is busy for a moment. */
static int undo_zram(const char *number, const char *before, struct why *why)
{
	char *reset = xasprintf("/sys/block/zram%s/reset", number);
	int err = -EBUSY;

	(void)before;
	for (unsigned i = 0; i < PATIENCE && err == -EBUSY; i++) {
		usleep(i ? PAUSE_US : 0);
		err = kswap_write(reset, "1");
		err = err ? err : kswap_write("/sys/class/zram-control/hot_remove", number);
	}
	free(reset);
	if (!err || gone(err))
		return 0;
	return why_not(why, -err, "cannot remove zram device %s: %s", number, strerror(-err));
}

/* Move all processes of @group into @home. */
static void empty_group(const char *group, const char *home)
{
	char *from = xasprintf("%s/cgroup.procs", group), *to = xasprintf("%s/cgroup.procs", home);
	FILE *in = fopen(from, "re");
	char pid[32];

	while (in && fgets(pid, sizeof(pid), in))
		kswap_write(to, pid);
	if (in)
		fclose(in);
	free(from);
	free(to);
}

void kswap_raise_limit(const char *group)
{
	char *v1 = xasprintf("%s/memory.limit_in_bytes", group);
	char *v2 = xasprintf("%s/memory.max", group);

	kswap_write(v1, "-1");
	kswap_write(v2, "max");
	free(v1);
	free(v2);
}

/* The limit first: what comes back into memory while it is in force, gets the group killed. */
static int undo_group(const char *group, const char *home, struct why *why)
{
	int err = -EBUSY;

	kswap_raise_limit(group);
	/* A process that is being killed keeps it busy until it is gone. */
	for (unsigned i = 0; i < PATIENCE && err == -EBUSY; i++) {
		usleep(i ? PAUSE_US : 0);
		empty_group(group, home);
		err = rmdir(group) ? -errno : 0;
	}
	if (!err || gone(err))
		return 0;
	return why_not(why, -err, "cannot remove cgroup '%s': %s", group, strerror(-err));
}

static const struct {
	const char *name;
	int (*undo)(const char *subject, const char *before, struct why *why);
} changes[NR_KSWAP_CHANGES] = {
	[KSWAP_WRITE] = {"write", undo_write},	  [KSWAP_FILE] = {"file", undo_file},
	[KSWAP_SWAPON] = {"swapon", undo_swapon}, [KSWAP_ZRAM] = {"zram", undo_zram},
	[KSWAP_GROUP] = {"group", undo_group},
};

/* Take back what a line says: "KIND<tab>SUBJECT<tab>BEFORE". Others are not changes. */
static int undo_line(char *line, struct why *why)
{
	char *subject = strchr(line, '\t'), *before = subject ? strchr(subject + 1, '\t') : NULL;

	if (!before)
		return 0;
	*subject++ = 0;
	*before++ = 0;
	for (unsigned i = 0; i < NR_KSWAP_CHANGES; i++)
		if (!strcmp(changes[i].name, line))
			return changes[i].undo(subject, before, why);
	return 0;
}

/* Take back all that the log @text of @fd holds, the last line first. A line that is done gets a # in
 * front, so that a later try does not overwrite what somebody has set since. */
static int undo_lines(int fd, char *text, struct why *why)
{
	struct why other;
	char *end;
	int err = 0;

	while ((end = strrchr(text, '\n'))) {
		bool change;
		char *line;
		int failed;

		*end = 0;
		line = strrchr(text, '\n');
		line = line ? line + 1 : text;
		change = strchr(line, '\t');
		failed = undo_line(line, err ? &other : why);
		if (change && !failed && pwrite(fd, "#", 1, line - text) != 1)
			failed = why_not(err ? &other : why, errno, "cannot write the log: %s",
					 strerror(errno));
		err = err ? err : failed;
		*line = 0;
	}
	return err;
}

/* Take back all that the log holds, and empty it if that went well. */
static int undo_all(int fd, struct why *why)
{
	char *text = xcalloc(1, LOG_MAX + 1);
	int err = 0;

	if (pread(fd, text, LOG_MAX, 0) < 0)
		err = why_not(why, errno, "cannot read the log: %s", strerror(errno));
	if (!err)
		err = undo_lines(fd, text, why);
	free(text);
	if (!err && ftruncate(fd, 0))
		err = why_not(why, errno, "cannot empty the log: %s", strerror(errno));
	return err;
}

/* Whether the open log still is the file of that name. */
static bool is_current(const struct kswap_undo *undo)
{
	struct stat open_one, named;

	return !fstat(undo->fd, &open_one) && !stat(undo->path, &named) &&
	       open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/* The process that the log is of, or 0. */
static pid_t owner(const struct kswap_undo *undo)
{
	char line[64] = "";

	if (pread(undo->fd, line, sizeof(line) - 1, 0) <= 0 || strncmp(line, "pid ", 4))
		return 0;
	return strtol(line + 4, NULL, 10);
}

/* Open and lock. Whoever has the lock is a run, or a watcher that takes back what a dead one left. */
static int take_log(struct kswap_undo *undo, struct why *why)
{
	pid_t pid = 0;

	for (unsigned i = 0; i < PATIENCE; i++) {
		undo->fd = open(undo->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (undo->fd < 0)
			return why_not(why, errno, "cannot write '%s': %s", undo->path,
				       strerror(errno));
		if (!flock(undo->fd, LOCK_EX | LOCK_NB) && is_current(undo))
			return 0;
		pid = owner(undo);
		close(undo->fd);
		undo->fd = -1;
		usleep(PAUSE_US);
	}
	return why_not(why, EBUSY, "process %d swaps already, and has '%s' locked", (int)pid,
		       undo->path);
}

/* Take everything back; then there is nothing to log any more. */
static int take_back(struct kswap_undo *undo, struct why *why)
{
	int err = undo_all(undo->fd, why);

	if (!err)
		unlink(undo->path);
	return err;
}

/* The watcher: nothing of the parent's but the log and the pipe @alive, whose end means that the parent
 * is gone. It cannot be told to go by the signals that are for its parent. */
static _Noreturn void watch(struct kswap_undo *undo, int alive)
{
	/* Both above 4 first, out of each other's way. */
	int log = fcntl(undo->fd, F_DUPFD, 5), end = fcntl(alive, F_DUPFD, 5);
	struct why ignored;
	char byte;

	setsid();
	prctl(PR_SET_NAME, "pft-undo");
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	undo->fd = dup2(log, 4);
	dup2(end, 3);
	close_range(5, ~0U, 0);
	for (int fd = 0; fd < 3; fd++) {
		close(fd);
		open("/dev/null", O_RDWR);
	}
	while (read(3, &byte, 1) < 0 && errno == EINTR)
		;
	take_back(undo, &ignored);
	_exit(EXIT_GOOD);
}

static int start_watcher(struct kswap_undo *undo, struct why *why)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return why_not(why, errno, "cannot make a pipe: %s", strerror(errno));
	fflush(NULL);
	undo->watcher = fork();
	if (!undo->watcher)
		watch(undo, ends[0]);
	close(ends[0]);
	undo->alive = ends[1];
	if (undo->watcher > 0)
		return 0;
	undo->watcher = 0;
	return why_not(why, errno, "cannot fork: %s", strerror(errno));
}

static int write_line(struct kswap_undo *undo, const char *line, struct why *why)
{
	size_t len = strlen(line);
	off_t end = lseek(undo->fd, 0, SEEK_END);

	if (end < 0 || pwrite(undo->fd, line, len, end) != (ssize_t)len)
		return why_not(why, errno, "cannot write '%s': %s", undo->path, strerror(errno));
	return 0;
}

int kswap_undo_start(struct kswap_undo *undo, const char *path, struct why *why)
{
	char line[64];
	pid_t before;
	int err;

	*undo = (struct kswap_undo){.path = xstrdup(path), .fd = -1, .alive = -1};
	err = take_log(undo, why);
	if (err)
		return err;
	before = owner(undo);
	err = undo_all(undo->fd, why);
	if (err)
		return why_within(why, -err, "process %d was killed and left its swap, see '%s'",
				  (int)before, path);
	snprintf(line, sizeof(line), "pid %d\n", (int)getpid());
	err = write_line(undo, line, why);
	return err ? err : start_watcher(undo, why);
}

int kswap_undo_note(struct kswap_undo *undo, enum kswap_change change, const char *subject,
		    const char *before, struct why *why)
{
	char *line;
	int err;

	if (strpbrk(subject, "\t\n") || strchr(before, '\n'))
		return why_not(why, EINVAL, "a tab or newline in a name, with '%s'", subject);
	line = xasprintf("%s\t%s\t%s\n", changes[change].name, subject, before);
	err = write_line(undo, line, why);
	free(line);
	return err;
}

int kswap_undo_finish(struct kswap_undo *undo, struct why *why)
{
	int err = 0;

	if (undo->watcher)
		err = take_back(undo, why);
	if (undo->alive >= 0)
		close(undo->alive);
	while (undo->watcher && waitpid(undo->watcher, NULL, 0) < 0 && errno == EINTR)
		;
	if (undo->fd >= 0)
		close(undo->fd);
	free(undo->path);
	*undo = (struct kswap_undo){.fd = -1, .alive = -1};
	return err;
}
