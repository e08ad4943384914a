/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"

void cpio_init(struct cpio *c, FILE *out)
{
	*c = (struct cpio){.out = out, .number = 1};
}

/* Whether @path is new; then it is known from now on. */
static bool is_new(struct cpio *c, const char *path)
{
	for (size_t i = 0; i < c->nr; i++)
		if (!strcmp(c->paths[i], path))
			return false;
	XGROW(c->paths, c->nr, c->cap);
	c->paths[c->nr++] = xstrdup(path);
	return true;
}

static void pad(struct cpio *c, size_t len)
{
	static const char zeros[4];

	fwrite(zeros, 1, -len & 3, c->out);
}

/* Header, name and bytes, each up to a multiple of four. @path without the '/' that it begins with. */
static void entry(struct cpio *c, const char *path, mode_t mode, const char *data, size_t len)
{
	size_t name = strlen(path) + 1;

	/* ino mode uid gid nlink mtime filesize, major and minor of device and node, namesize check */
	fprintf(c->out,
		"070701%08X%08X%08X%08X%08X%08X%08" PRIX32 "%08X%08X%08X%08X%08" PRIX32 "%08X",
		c->number++, mode, 0, 0, 1, 0, (uint32_t)len, 0, 0, 0, 0, (uint32_t)name, 0);
	fwrite(path, 1, name, c->out);
	pad(c, 110 + name);
	fwrite(data, 1, len, c->out);
	pad(c, len);
}

static void folders_above(struct cpio *c, const char *path)
{
	char *part = xstrdup(path);

	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		cpio_folder(c, part);
		*slash = '/';
	}
	free(part);
}

void cpio_folder(struct cpio *c, const char *path)
{
	folders_above(c, path);
	if (path[1] && is_new(c, path))
		entry(c, path + 1, S_IFDIR | 0755, "", 0);
}

void cpio_file(struct cpio *c, const char *path, mode_t mode, const char *data, size_t len)
{
	folders_above(c, path);
	if (is_new(c, path))
		entry(c, path + 1, S_IFREG | mode, data, len);
}

int cpio_copy(struct cpio *c, const char *path, const char *from, struct why *why)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st))
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = EISDIR;
	else if (st.st_size > UINT32_MAX)
		err = EFBIG;
	if (!err && !st.st_size) {
		cpio_file(c, path, st.st_mode & 0777, "", 0);
	} else if (!err) {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		err = data == MAP_FAILED ? errno : 0;
		if (!err) {
			cpio_file(c, path, st.st_mode & 0777, data, (size_t)st.st_size);
			munmap(data, (size_t)st.st_size);
		}
	}
	if (fd >= 0)
		close(fd);
	return err ? why_not(why, err, "cannot read '%s': %s", from, strerror(err)) : 0;
}

void cpio_link(struct cpio *c, const char *path, const char *target)
{
	folders_above(c, path);
	if (is_new(c, path))
		entry(c, path + 1, S_IFLNK | 0777, target, strlen(target));
}

void cpio_end(struct cpio *c)
{
	entry(c, "TRAILER!!!", 0, "", 0);
	for (size_t i = 0; i < c->nr; i++)
		free(c->paths[i]);
	free(c->paths);
	*c = (struct cpio){.out = c->out};
}
