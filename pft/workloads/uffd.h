/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uffd: a range of this process whose page faults the kernel leaves to us (userfaultfd(2)), and
 * putting pages there and taking them away.
 */
#ifndef PFT_WORKLOADS_UFFD_H
#define PFT_WORKLOADS_UFFD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "common/say.h"

/* How a missing page is told, and a store to a protected one. */
enum uffd_handler {
	UFFD_SIGBUS, /* SIGBUS in the thread that touched it (Linux 4.14) */
	UFFD_THREAD, /* a message to read(2), the thread sleeps until the page is there */
	UFFD_SIGBUS_WP, /* as UFFD_SIGBUS, and pages can be protected (Linux 5.7) */
};

struct uffd {
	int fd; /* -1: none */
	char *area;
	size_t length;
	bool wake; /* somebody sleeps on the page */
	bool one_by_one; /* the kernel does not discard several ranges at once */
};

/* Whether this process may have one for @handler. 0, or -errno with the reason in @why. */
int uffd_probe(enum uffd_handler handler, struct why *why);

/* Map @length bytes without pages, whose faults come to ->fd or as SIGBUS. Returns 0, or -errno
 * with the reason in @why; uffd_release() in any case. */
int uffd_init(struct uffd *uffd, size_t length, enum uffd_handler handler, struct why *why);

/* Unmap and close. */
void uffd_release(struct uffd *uffd);

/* Wait for the next missing page; its offset in the area, or -errno: -EINTR
 * if a signal came. */
long uffd_wait(struct uffd *uffd);

/* Put a copy of @page at @offset of the area (UFFDIO_COPY). 0, also if there is one already; or
 * -errno. */
int uffd_put(struct uffd *uffd, size_t offset, const void *page);

/* Put a copy of @pages at @offset, @length bytes of whole pages that are all missing. 0 or -errno;
 * then some may be there. */
int uffd_put_pages(struct uffd *uffd, size_t offset, const void *pages, size_t length);

/* Protect the pages that are there from stores, until they are discarded or this is taken back: when
 * it returns no CPU can store to them any more. Missing ones are not affected. 0 or -errno. */
int uffd_protect(struct uffd *uffd, size_t offset, size_t length, bool protect);

/* Discard the pages of @nr ranges, 1 to IOV_MAX, within the area: they are missing then. With one flush
 * of the TLBs where the kernel can (Linux 6.16). 0 or -errno. */
int uffd_discard(struct uffd *uffd, const struct iovec *ranges, unsigned nr);

/* Give up: from now on the kernel fills the area with zeroes, and nobody sleeps on it. */
void uffd_give_up(struct uffd *uffd);

#endif
