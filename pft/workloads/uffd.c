/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/uffd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pft/base/arch.h"

#define PAGE 4096UL

/* Of Linux 5.11; older headers lack it. */
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

/* Of Linux 6.14: for the descriptor of this process. */
#define SELF (-10000)

/* Returns a file descriptor with those features, or -errno with the reason in @why. */
static int open_uffd(uint64_t features, struct why *why)
{
	struct uffdio_api api = {.api = UFFD_API};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY), err;

	if (fd < 0 && errno == ENOSYS)
		return why_not(why, ENOSYS, "the kernel has no userfaultfd (CONFIG_USERFAULTFD)");
	if (fd < 0)
		return why_not(why, errno,
			       "no userfaultfd: %s; see 'sysctl "
			       "vm.unprivileged_userfaultfd'",
			       strerror(errno));
	err = ioctl(fd, UFFDIO_API, &api) ? errno : 0;
	close(fd);
	if (!err && features & ~api.features)
		return why_not(why, EOPNOTSUPP,
			       "userfaultfd of this kernel has no SIGBUS, or cannot protect");
	/* Asking settles the features; so once more. */
	fd = err ? -1 : (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	api = (struct uffdio_api){.api = UFFD_API, .features = features};
	if (!err && (fd < 0 || ioctl(fd, UFFDIO_API, &api)))
		err = errno;
	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return why_not(why, err, "userfaultfd cannot be set up: %s", strerror(err));
}

static int open_for(enum uffd_handler handler, struct why *why)
{
	static const uint64_t features[] = {
		[UFFD_SIGBUS] = UFFD_FEATURE_SIGBUS,
		[UFFD_THREAD] = 0,
		[UFFD_SIGBUS_WP] = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};

	if (sysconf(_SC_PAGESIZE) != (long)PAGE)
		return why_not(why, EOPNOTSUPP,
			       "the engine's pages have 4096 bytes, this kernel's %ld",
			       sysconf(_SC_PAGESIZE));
	return open_uffd(features[handler], why);
}

int uffd_probe(enum uffd_handler handler, struct why *why)
{
	int fd = open_for(handler, why);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int uffd_init(struct uffd *uffd, size_t length, enum uffd_handler handler, struct why *why)
{
	struct uffdio_register reg = {.mode = UFFDIO_REGISTER_MODE_MISSING};

	*uffd = (struct uffd){
		.fd = open_for(handler, why),
		.length = length,
		.wake = handler == UFFD_THREAD,
	};
	if (uffd->fd < 0)
		return uffd->fd;
	uffd->area = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (uffd->area == MAP_FAILED) {
		uffd->area = NULL;
		return why_not(why, errno, "cannot map %zu bytes: %s", length, strerror(errno));
	}
	madvise(uffd->area, length, MADV_NOHUGEPAGE);
	if (handler == UFFD_SIGBUS_WP)
		reg.mode |= UFFDIO_REGISTER_MODE_WP;
	reg.range = (struct uffdio_range){(uintptr_t)uffd->area, length};
	if (ioctl(uffd->fd, UFFDIO_REGISTER, &reg))
		return why_not(why, errno, "userfaultfd cannot watch %zu bytes: %s", length,
			       strerror(errno));
	return 0;
}

void uffd_release(struct uffd *uffd)
{
	if (uffd->area)
		munmap(uffd->area, uffd->length);
	if (uffd->fd >= 0)
		close(uffd->fd);
	*uffd = (struct uffd){.fd = -1};
}

long uffd_wait(struct uffd *uffd)
{
	struct uffd_msg msg;
	ssize_t got = read(uffd->fd, &msg, sizeof(msg));

	if (got != sizeof(msg) || msg.event != UFFD_EVENT_PAGEFAULT)
		return got < 0 ? -errno : -EPROTO;
	return (msg.arg.pagefault.address & ~(PAGE - 1)) - (uintptr_t)uffd->area;
}

int uffd_put(struct uffd *uffd, size_t offset, const void *page)
{
	struct uffdio_range range = {(uintptr_t)uffd->area + offset, PAGE};
	struct uffdio_copy copy = {
		.dst = range.start,
		.src = (uintptr_t)page,
		.len = PAGE,
		.mode = uffd->wake ? 0 : UFFDIO_COPY_MODE_DONTWAKE,
	};
	int err;

	do /* -EAGAIN: the address space was being changed */
		err = ioctl(uffd->fd, UFFDIO_COPY, &copy) ? -errno : 0;
	while (err == -EAGAIN);
	if (err != -EEXIST)
		return err;
	/* Somebody was faster, and whoever sleeps now may have missed that. */
	if (uffd->wake)
		ioctl(uffd->fd, UFFDIO_WAKE, &range);
	return 0;
}

int uffd_put_pages(struct uffd *uffd, size_t offset, const void *pages, size_t length)
{
	size_t done = 0;

	while (done < length) {
		struct uffdio_copy copy = {
			.dst = (uintptr_t)uffd->area + offset + done,
			.src = (uintptr_t)pages + done,
			.len = length - done,
			.mode = uffd->wake ? 0 : UFFDIO_COPY_MODE_DONTWAKE,
		};

		if (!ioctl(uffd->fd, UFFDIO_COPY, &copy))
			return 0;
		/* -EAGAIN: the address space was being changed; as far as it came it is done. */
		if (errno != EAGAIN)
			return -errno;
		done += copy.copy > 0 ? copy.copy : 0;
	}
	return 0;
}

int uffd_protect(struct uffd *uffd, size_t offset, size_t length, bool protect)
{
	uint64_t quiet = uffd->wake ? 0 : UFFDIO_WRITEPROTECT_MODE_DONTWAKE;
	struct uffdio_writeprotect arg = {
		.range = {(uintptr_t)uffd->area + offset, length},
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : quiet,
	};
	int err;

	do
		err = ioctl(uffd->fd, UFFDIO_WRITEPROTECT, &arg) ? -errno : 0;
	while (err == -EAGAIN);
	return err;
}

int uffd_discard(struct uffd *uffd, const struct iovec *ranges, unsigned nr)
{
	size_t all = 0;

	for (unsigned i = 0; i < nr; i++)
		all += ranges[i].iov_len;
	if (nr > 1 && !arch_read_once(&uffd->one_by_one) &&
	    syscall(SYS_process_madvise, SELF, ranges, nr, MADV_DONTNEED, 0) == (long)all)
		return 0;
	if (nr > 1)
		arch_write_once(&uffd->one_by_one, true);
	/* To discard some once more is no harm: they are the caller's. */
	for (unsigned i = 0; i < nr; i++)
		if (madvise(ranges[i].iov_base, ranges[i].iov_len, MADV_DONTNEED))
			return -errno;
	return 0;
}

void uffd_give_up(struct uffd *uffd)
{
	struct uffdio_range range = {(uintptr_t)uffd->area, uffd->length};

	ioctl(uffd->fd, UFFDIO_UNREGISTER, &range);
}
