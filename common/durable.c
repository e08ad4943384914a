/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"

int durable_append(int fd, const char *text, size_t len)
{
	off_t before = lseek(fd, 0, SEEK_END);
	ssize_t n = write(fd, text, len);
	int err = n < 0 ? errno : (size_t)n < len ? ENOSPC : 0;

	if (!err && fsync(fd) && errno != EINVAL &&
	    errno != EROFS) /* a device or a pipe: nothing to sync */
		err = errno;
	if (err && before >= 0 && ftruncate(fd, before))
		return -err; /* the reader drops a torn tail anyway */
	return -err;
}

/* Write what is to be in the file @path, opened with @flags. */
static int put(const char *path, int flags, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644), err;

	err = fd < 0 ? -errno : durable_append(fd, text, len);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	return err;
}

static int put_beside(const char *path, const char *text, size_t len)
{
	char *beside = xasprintf("%s.new", path);
	int err = put(beside, O_CREAT | O_TRUNC, text, len);

	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	free(beside);
	return err;
}

/* A device or a pipe has to stay what it is, and so has a link to a file: /dev/null, /dev/stdout. */
int durable_replace(const char *path, const char *text, size_t len, struct why *why)
{
	char *target = realpath(path, NULL);
	struct stat st;
	int err;

	if (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		err = put(path, 0, text, len);
	else
		err = put_beside(target ? target : path, text, len);
	free(target);
	return err ? why_not(why, -err, "cannot write '%s': %s", path, strerror(-err)) : 0;
}

int durable_mkdir(const char *path, struct why *why)
{
	char *part = xstrdup(path);
	int err = 0;

	for (char *p = part + 1; !err; p++) {
		char end = *p;

		if (end != '/' && end)
			continue;
		*p = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			err = why_not(why, errno, "cannot make the directory '%s': %s", part,
				      strerror(errno));
		*p = end;
		if (!end)
			break;
	}
	free(part);
	return err;
}
