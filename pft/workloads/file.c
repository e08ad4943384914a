/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file-private, file-shared: first write to each page of a mapped file. Private: the page cache is
 * read and copied into an anonymous page. Shared: the page of the page cache is mapped and made
 * dirty. The file has no name, so nothing stays behind. It is written before, so that the page
 * cache is warm, unless --param cache=cold leaves it a hole: then a fault also makes the page of
 * the page cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

struct file {
	char *start;
	int fd;
};

static const struct workload_param file_params[] = {
	{"cache", "warm", "warm: the page cache holds the file; cold: the file is a hole"},
	{NULL, NULL, NULL},
};

static const char *file_directory(const struct run *run)
{
	const char *tmp = getenv("TMPDIR");

	if (run->settings->file_dir)
		return run->settings->file_dir;
	return tmp && *tmp ? tmp : "/tmp";
}

/* A file without a name in @directory; by mkostemp() where the file system knows no O_TMPFILE. */
static int file_nameless(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *path;

	if (fd >= 0 || errno != EOPNOTSUPP)
		return fd;
	path = xasprintf("%s/pft-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

/*
 * Write @pages pages of zeros, one by one: file systems with large folios size a folio by the write
 * that makes it, and a write fault maps a whole folio (ext4, Linux 6.18: 64 faults for 64 MiB
 * written by the MiB). Returns 0 or -errno.
 */
static int file_fill(int fd, size_t pages, size_t page_size)
{
	char *zeros = xcalloc(1, page_size);
	int err = 0;

	while (pages && !err) {
		ssize_t n = write(fd, zeros, page_size);

		if (n == (ssize_t)page_size)
			pages--;
		else if (n >= 0 || errno != EINTR)
			err = n < 0 ? -errno : -ENOSPC;
	}
	free(zeros);
	return err;
}

/* Make the file: nameless, of the size of all slices, warm or a hole. */
static int file_make(struct run *run, struct file *file, struct why *why)
{
	const char *directory = file_directory(run), *cache = run_param(run, "cache");
	int err;

	if (strcmp(cache, "warm") && strcmp(cache, "cold"))
		return why_not(why, EINVAL, "cache is warm or cold, not '%s'", cache);
	file->fd = file_nameless(directory);
	if (file->fd < 0)
		return why_not(why, errno, "cannot make a file in '%s': %s", directory,
			       strerror(errno));
	err = ftruncate(file->fd, map_total_bytes(run)) ? -errno : 0;
	if (!err && !strcmp(cache, "warm"))
		err = file_fill(file->fd, map_total_bytes(run) / run->page_size, run->page_size);
	if (err)
		return why_not(why, -err, "cannot fill a file of %zu bytes in '%s': %s",
			       map_total_bytes(run), directory, strerror(-err));
	return 0;
}

static int file_setup(struct run *run, int share, struct why *why)
{
	struct file *file = xcalloc(1, sizeof(*file));
	int err;

	file->fd = -1;
	run->private = file;
	err = file_make(run, file, why);
	if (!err)
		err = map_new(run, map_total_bytes(run), share, file->fd, &file->start, why);
	if (err)
		return err;
	map_slice(run, file->start);
	/* No read-ahead into a hole: it would make large folios. */
	if (madvise(file->start, map_total_bytes(run), MADV_RANDOM))
		return why_not(why, errno, "cannot switch read-ahead off: %s", strerror(errno));
	return 0;
}

static int file_private_setup(struct run *run, struct why *why)
{
	return file_setup(run, MAP_PRIVATE, why);
}

static int file_shared_setup(struct run *run, struct why *why)
{
	return file_setup(run, MAP_SHARED, why);
}

static int file_pass(struct worker *worker)
{
	fill_slice(worker);
	return 0;
}

static void file_teardown(struct run *run)
{
	struct file *file = run->private;

	if (!file)
		return;
	map_free(file->start, map_total_bytes(run));
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

/* Which file system served the faults: the figures mean nothing without it. Magic numbers:
 * statfs(2). */
static void file_rows(const struct run *run, struct emit *emit)
{
	static const struct {
		uint32_t magic;
		const char *name;
	} known[] = {
		{0x01021994, "tmpfs"}, {0xef53, "ext4"},	{0x58465342, "xfs"},
		{0x9123683e, "btrfs"}, {0x794c7630, "overlay"}, {0x6969, "nfs"},
	};
	const struct file *file = run->private;
	char text[32] = "unknown";
	struct statfs fs;

	if (!fstatfs(file->fd, &fs)) {
		snprintf(text, sizeof(text), "%#lx", (unsigned long)fs.f_type);
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if ((uint32_t)fs.f_type == known[i].magic)
				snprintf(text, sizeof(text), "%s", known[i].name);
	}
	emit_text(emit, "file_system", text);
}

const struct workload workload_file_private = {
	.name = "file-private",
	.summary = "first write to each page of a slice of a file mapped privately (--file)",
	.flags = WL_FILE | WL_CACHELINES | WL_CLEAR,
	.params = file_params,
	.unit = workload_base_unit,
	.setup = file_private_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = file_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = file_teardown,
	.rows = file_rows,
};

const struct workload workload_file_shared = {
	.name = "file-shared",
	.summary = "first write to each page of a slice of a file mapped shared (--file)",
	.flags = WL_FILE | WL_SHARED | WL_CACHELINES | WL_CLEAR,
	.params = file_params,
	.unit = workload_base_unit,
	.setup = file_shared_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = file_pass,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = file_teardown,
	.rows = file_rows,
};
