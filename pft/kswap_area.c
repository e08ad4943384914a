/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/kswap_area.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/kswap_undo.h"
#include "pft/swap_settings.h"

#define CONTROL "/sys/class/zram-control"

/* What mkswap(8) writes into the first page: union swap_header of the kernel. */
struct header {
	char boot[1024];
	uint32_t version, last_page, nr_badpages;
};

static int format(int fd, uint64_t bytes)
{
	static const char signature[] = {'S', 'W', 'A', 'P', 'S', 'P', 'A', 'C', 'E', '2'};
	size_t page_size = sysconf(_SC_PAGESIZE);
	char *page = xcalloc(1, page_size);
	struct header *header = (struct header *)page;
	int err;

	header->version = 1;
	header->last_page = bytes / page_size - 1;
	memcpy(page + page_size - sizeof(signature), signature, sizeof(signature));
	err = pwrite(fd, page, page_size, 0) == (ssize_t)page_size ? 0 : -errno;
	free(page);
	return err || !fsync(fd) ? err : -errno;
}

/* With the highest priority, so that other swap is left alone. */
static int swap_to(const char *path, struct kswap_undo *undo, struct why *why)
{
	int err = kswap_undo_note(undo, KSWAP_SWAPON, path, "", why);

	if (err || !swapon(path, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK))
		return err;
	if (errno == EINVAL)
		return why_not(why, EINVAL,
			       "cannot swap to '%s': Invalid argument; name a file on ext4 or xfs "
			       "with --swap-file",
			       path);
	return why_not(why, errno, "cannot swap to '%s': %s", path, strerror(errno));
}

/* The directory of @path and its name there, as one absolute path that is good for the next run too. */
static char *absolute(const char *path, struct why *why)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *directory = slash ? xstrndup(path, slash > path ? slash - path : 1) : xstrdup(".");
	char *real = realpath(directory, NULL), *whole = NULL;

	if (real)
		whole = xasprintf("%s/%s", strcmp(real, "/") ? real : "", name);
	else
		why_not(why, errno, "no directory '%s' for a swap file: %s", directory,
			strerror(errno));
	free(real);
	free(directory);
	return whole;
}

/* A file that has its size, and no name yet: whatever happens before it has one leaves nothing. */
static int nameless(const char *path, uint64_t bytes, struct why *why)
{
	const char *slash = strrchr(path, '/');
	char *directory = xstrndup(path, slash > path ? slash - path : 1);
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), err;

	if (fd < 0) {
		err = why_not(why, errno, "cannot make a file in '%s': %s", directory,
			      strerror(errno));
		free(directory);
		return err;
	}
	err = -posix_fallocate(fd, 0, bytes);
	err = err ? err : format(fd, bytes);
	if (err) {
		why_not(why, -err, "cannot make a swap file of %" PRIu64 " bytes in '%s': %s",
			bytes, directory, strerror(-err));
		close(fd);
	}
	free(directory);
	return err ? err : fd;
}

/* The log knows the file by its inode, so that it never removes another of this name. */
static int give_name(int fd, const char *path, struct kswap_undo *undo, struct why *why)
{
	char from[32], identity[64];
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return why_not(why, errno, "cannot look at a new file: %s", strerror(errno));
	snprintf(identity, sizeof(identity), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	err = kswap_undo_note(undo, KSWAP_FILE, path, identity, why);
	if (err)
		return err;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		return why_not(why, errno, "cannot make the swap file '%s': %s", path,
			       strerror(errno));
	return 0;
}

int kswap_area_file(const char *path, uint64_t bytes, struct kswap_undo *undo, struct why *why)
{
	char *whole = absolute(path ? path : KSWAP_AREA_FILE, why);
	int fd, err;

	if (!whole)
		return -ENOENT;
	if (!path)
		unlink(whole); /* fails, as it shall, if it is in use */
	fd = nameless(whole, bytes, why);
	err = fd < 0 ? fd : give_name(fd, whole, undo, why);
	if (!err)
		err = swap_to(whole, undo, why);
	if (fd >= 0)
		close(fd);
	free(whole);
	return err;
}

/* Write @text into the device's @file. */
static int zram_set(unsigned number, const char *file, const char *text)
{
	char *path = xasprintf("/sys/block/zram%u/%s", number, file);
	int err = kswap_write(path, text);

	free(path);
	return err;
}

/* The file names all codecs, the one in use in brackets. */
static int zram_codec(unsigned number, const char *codec, struct why *why)
{
	char *path = xasprintf("/sys/block/zram%u/comp_algorithm", number), offered[512];
	int err = zram_set(number, "comp_algorithm", codec);

	if (err) {
		kswap_read(path, offered, sizeof(offered));
		why_not(why, -err, "zram of this kernel does not offer codec '%s', only '%s'",
			codec, offered);
	}
	free(path);
	return err;
}

/* Reading the file makes a device and tells its number; a kill right here leaves one behind, unused. */
static int zram_new(struct kswap_undo *undo, unsigned *number, struct why *why)
{
	char text[32];
	int err = kswap_read(CONTROL "/hot_add", text, sizeof(text));

	if (err == -ENOENT)
		return why_not(why, ENOSYS, "the kernel has no zram; try 'modprobe zram'");
	if (err)
		return why_not(why, -err, "cannot make a zram device by '%s': %s",
			       CONTROL "/hot_add", strerror(-err));
	*number = strtoul(text, NULL, 10);
	return kswap_undo_note(undo, KSWAP_ZRAM, text, "", why);
}

int kswap_area_zram(const char *codec, uint64_t bytes, struct kswap_undo *undo, unsigned *number,
		    struct why *why)
{
	char device[32], size[32];
	int err = zram_new(undo, number, why), fd;

	if (!err)
		err = zram_codec(*number, codec, why);
	if (err)
		return err;
	snprintf(device, sizeof(device), "/dev/zram%u", *number);
	snprintf(size, sizeof(size), "%" PRIu64, bytes);
	err = zram_set(*number, "disksize", size);
	fd = err ? -1 : open(device, O_RDWR | O_CLOEXEC);
	if (!err)
		err = fd < 0 ? -errno : format(fd, bytes);
	if (fd >= 0)
		close(fd);
	if (err)
		return why_not(why, -err, "cannot set up '%s' with %s bytes: %s", device, size,
			       strerror(-err));
	return swap_to(device, undo, why);
}

/* Set a parameter of zswap; what it was is noted. */
static int zswap_set(const char *name, const char *value, struct kswap_undo *undo, struct why *why)
{
	char *path = xasprintf(KSWAP_ZSWAP "/%s", name), before[128], now[128];
	int err = kswap_read(path, before, sizeof(before));

	if (!err)
		err = kswap_undo_note(undo, KSWAP_WRITE, path, before, why);
	if (!err)
		err = kswap_write(path, value);
	if (!err)
		err = kswap_read(path, now, sizeof(now));
	free(path);
	if (!err && strcmp(now, value))
		err = -ENOENT; /* taken without complaint, and not set: before Linux 4.18 or so */
	if (err == -ENOENT && !strcmp(name, "compressor"))
		return why_not(why, ENOENT, "zswap of this kernel has no codec '%s', see '%s'",
			       value, "/proc/crypto");
	if (err)
		return why_not(why, -err, "cannot set parameter '%s' of zswap to '%s': %s", name,
			       value, strerror(-err));
	return 0;
}

static int zswap_number(const char *name, unsigned value, struct kswap_undo *undo, struct why *why)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return zswap_set(name, text, undo, why);
}

/* A parameter that not every kernel has; without it only @usual is to be had. */
static int zswap_optional(const char *name, const char *value, const char *usual,
			  struct kswap_undo *undo, struct why *why)
{
	char *path = xasprintf(KSWAP_ZSWAP "/%s", name);
	bool there = !access(path, F_OK);

	free(path);
	if (there)
		return zswap_set(name, value, undo, why);
	if (!strcmp(value, usual))
		return 0;
	return why_not(why, ENOSYS,
		       "zswap of this kernel has no parameter '%s', and cannot do '%s'", name,
		       value);
}

int kswap_zswap_on(const struct swap_settings *s, struct kswap_undo *undo, struct why *why)
{
	int err;

	if (access(KSWAP_ZSWAP, F_OK))
		return why_not(why, ENOSYS, "the kernel has no zswap (CONFIG_ZSWAP)");
	err = zswap_set("compressor", s->codec, undo, why);
	if (!err)
		err = zswap_number("max_pool_percent", s->pool_max, undo, why);
	if (!err)
		err = zswap_number("accept_threshold_percent", s->accept, undo, why);
	if (!err)
		err = zswap_optional("shrinker_enabled", s->shrinker ? "Y" : "N", "N", undo, why);
	if (!err)
		err = zswap_optional("zpool", s->pool, "zsmalloc", undo, why);
	return err ? err : zswap_set("enabled", "Y", undo, why);
}

int kswap_zswap_off(struct kswap_undo *undo, struct why *why)
{
	return zswap_optional("enabled", "N", "N", undo, why);
}
