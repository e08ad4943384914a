/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/mirror.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/guest/wire.h"

#define PIECE ((size_t)1 << 20)

/* The only file that grows by whole steps; the others are short, or written once. */
#define GROWING "samples.tsv"

static struct mirror_file *find(struct mirror *m, const char *path)
{
	for (size_t i = 0; i < m->nr; i++)
		if (!strcmp(m->files[i].path, path))
			return &m->files[i];
	XGROW(m->files, m->nr, m->cap);
	m->files[m->nr] = (struct mirror_file){.path = xstrdup(path)};
	return &m->files[m->nr++];
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int send_bytes(struct mirror *m, int fd, const char *path, off_t from, off_t end)
{
	char *piece = xmalloc(PIECE);
	int err = 0;

	do {
		size_t want = end - from < (off_t)PIECE ? (size_t)(end - from) : PIECE;
		ssize_t n = pread(fd, piece, want, from);

		if (n < 0 || (!n && want))
			err = n < 0 ? -errno : -EIO;
		else
			err = wire_send(m->port, WIRE_FILE, (uint64_t)from, path, piece, (size_t)n);
		from += n > 0 ? n : 0;
	} while (!err && from < end);
	free(piece);
	return err;
}

static int send_file(struct mirror *m, const char *full, const char *path)
{
	struct mirror_file *file = find(m, path);
	int fd = open(full, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		err = -errno;
	} else if (!is_same(&st, &file->st)) {
		bool grew = !strcmp(path, GROWING) && st.st_ino == file->st.st_ino &&
			    st.st_size > file->st.st_size;

		err = send_bytes(m, fd, path, grew ? file->st.st_size : 0, st.st_size);
		if (!err)
			file->st = st;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

/* Note, or send, each file below the folder @below of the root ("" for itself). */
static int walk(struct mirror *m, const char *below, bool note, struct why *why)
{
	char *folder = xasprintf("%s/%s", m->root, below);
	DIR *dir = opendir(folder);
	const struct dirent *d;
	int err = 0;

	while (dir && !err && (d = readdir(dir))) {
		char *path = xasprintf("%s%s", below, d->d_name);
		char *full = xasprintf("%s/%s", m->root, path), *inside;
		struct stat st;

		if (*d->d_name == '.' || lstat(full, &st)) {
			err = 0;
		} else if (S_ISDIR(st.st_mode)) {
			inside = xasprintf("%s/", path);
			err = walk(m, inside, note, why);
			free(inside);
		} else if (S_ISREG(st.st_mode) && note) {
			find(m, path)->st = st;
		} else if (S_ISREG(st.st_mode)) {
			err = send_file(m, full, path);
			if (err)
				why_not(why, -err, "cannot send '%s': %s", full, strerror(-err));
		}
		free(full);
		free(path);
	}
	if (dir)
		closedir(dir);
	free(folder);
	return err;
}

void mirror_init(struct mirror *m, const char *root, int port)
{
	*m = (struct mirror){.root = root, .port = port};
	walk(m, "", true, NULL);
}

int mirror_send(struct mirror *m, struct why *why)
{
	int err = walk(m, "", false, why);

	if (!err)
		err = wire_send(m->port, WIRE_COMMIT, 0, "-", "", 0);
	return err;
}

void mirror_release(struct mirror *m)
{
	for (size_t i = 0; i < m->nr; i++)
		free(m->files[i].path);
	free(m->files);
	*m = (struct mirror){0};
}
