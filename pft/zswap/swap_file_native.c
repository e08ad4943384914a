/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of the swap file: its name, lock and header, O_DIRECT, its blocks. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/zswap/swap_device_native.h"

#define MAGIC "pft swap file 1"

/* The file's first page; a transfer of its own, so that the first one shows whether O_DIRECT works. */
struct header {
	char magic[16];
	int32_t pid; /* of the run that has the file, for messages; the lock is what counts */
	char rest[SWAP_SLOT_SIZE - 20];
} __attribute__((aligned(SWAP_SLOT_SIZE)));
_Static_assert(sizeof(struct header) == SWAP_SLOT_SIZE, "the header is a page");
_Static_assert(sizeof(MAGIC) == 16, "the magic fills its field");

/* Whether @path still names the file of @fd, and not one that another run made since. */
static bool still_named(int fd, const char *path)
{
	struct stat ours, there;

	return !fstat(fd, &ours) && !lstat(path, &there) && ours.st_ino == there.st_ino &&
	       ours.st_dev == there.st_dev;
}

/* Say who has the lock, which was not to be had for @error. */
static int in_use(int fd, const char *path, int error, struct why *why)
{
	struct header header;

	if (error != EWOULDBLOCK)
		return why_not(why, error, "cannot lock swap file '%s': %s", path, strerror(error));
	if (pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	    !memcmp(header.magic, MAGIC, sizeof(MAGIC)))
		return why_not(why, EBUSY,
			       "swap file '%s' is in use by process %d: name another file", path,
			       header.pid);
	return why_not(why, EBUSY, "swap file '%s' is locked by another program: name another file",
		       path);
}

/* What a file holds that was there before, and that we have locked: 0 if a killed run left it, or if it
 * is empty (killed before it wrote the header; or empty as mktemp makes one: nothing is lost either). */
static int take_over(int fd, const char *path, struct why *why)
{
	struct header header;
	struct stat st;

	if (fstat(fd, &st))
		return why_not(why, errno, "cannot look at swap file '%s': %s", path,
			       strerror(errno));
	if (S_ISREG(st.st_mode) && !st.st_size)
		return 0;
	if (S_ISREG(st.st_mode) && pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	    !memcmp(header.magic, MAGIC, sizeof(MAGIC)) && !ftruncate(fd, 0))
		return 0;
	return why_not(why, EEXIST,
		       "'%s' exists and is no swap file of pft: remove it or name another file",
		       path);
}

/* One attempt at the name: a locked file in *@fd; -EAGAIN if it changed hands meanwhile. */
static int take_name(const char *path, int *fd, bool *taken_over, struct why *why)
{
	int rc;

	*taken_over = false;
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd < 0 && errno == EEXIST) {
		*taken_over = true;
		*fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (*fd < 0 && errno == ENOENT)
			return -EAGAIN;
	}
	if (*fd < 0)
		return why_not(why, errno, "cannot make swap file '%s': %s", path, strerror(errno));
	if (flock(*fd, LOCK_EX | LOCK_NB))
		rc = in_use(*fd, path, errno, why);
	else if (!still_named(*fd, path))
		rc = -EAGAIN; /* its last owner removed it between our open and our lock */
	else
		rc = *taken_over ? take_over(*fd, path, why) : 0;
	if (rc)
		close(*fd);
	return rc;
}

/* The offsets that O_DIRECT asks for; a whole slot where the kernel does not say. */
static uint32_t direct_align(int fd)
{
#ifdef STATX_DIOALIGN
	struct statx stx;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &stx) && stx.stx_mask & STATX_DIOALIGN &&
	    stx.stx_dio_offset_align && stx.stx_dio_offset_align <= SWAP_SLOT_SIZE)
		return stx.stx_dio_offset_align;
#endif
	return SWAP_SLOT_SIZE;
}

static int write_header(struct swap_device *device, struct why *why)
{
	struct header header = {.magic = MAGIC, .pid = getpid()};
	ssize_t n = pwrite(device->fd, &header, sizeof(header), 0);

	if (n < 0 && errno == EINVAL && device->direct) {
		/* The file system took the flag and refuses the transfer: its blocks are larger. */
		fcntl(device->fd, F_SETFL, 0);
		device->direct = false;
		n = pwrite(device->fd, &header, sizeof(header), 0);
	}
	if (n != sizeof(header))
		return why_not(why, n < 0 ? errno : ENOSPC, "cannot write swap file '%s': %s",
			       device->path, strerror(n < 0 ? errno : ENOSPC));
	return 0;
}

/* Make the file as long as its slots, with all of its blocks unless @sparse or the file system cannot. */
static int allocate(struct swap_device *device, bool sparse, struct why *why)
{
	off_t size = swap_slot_offset(device->nr_slots);
	int rc;

	while (!sparse) {
		rc = fallocate(device->fd, 0, 0, size) ? errno : 0;
		device->allocated = !rc;
		if (!rc)
			return 0;
		if (rc == EOPNOTSUPP || rc == ENOSYS)
			break;
		if (rc != EINTR)
			return why_not(why, rc,
				       "cannot give swap file '%s' %lld bytes: %s: make it smaller",
				       device->path, (long long)size, strerror(rc));
	}
	if (ftruncate(device->fd, size))
		return why_not(why, errno, "cannot make swap file '%s' %lld bytes long: %s",
			       device->path, (long long)size, strerror(errno));
	return 0;
}

int swap_file_open(struct swap_device *device, const struct swap_device_options *options,
		   struct why *why)
{
	int rc;

	do {
		rc = take_name(options->path, &device->fd, &device->taken_over, why);
	} while (rc == -EAGAIN);
	if (rc)
		return rc;
	device->path = xstrdup(options->path);
	device->direct = !options->buffered && !fcntl(device->fd, F_SETFL, O_DIRECT);
	rc = write_header(device, why);
	if (!rc)
		rc = allocate(device, options->sparse, why);
	device->align = device->direct ? direct_align(device->fd) : 1;
	if (rc)
		swap_file_close(device);
	return rc;
}

void swap_file_close(struct swap_device *device)
{
	/* The name goes before the lock, so that nobody finds the file in between. */
	if (still_named(device->fd, device->path))
		unlink(device->path);
	close(device->fd);
	free(device->path);
	device->path = NULL;
}
