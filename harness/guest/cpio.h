/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpio: an archive in the form that the kernel unpacks at boot: newc, as the kernel's own
 * Documentation/driver-api/early-userspace/buffer-format.rst describes it. */
#ifndef HARNESS_GUEST_CPIO_H
#define HARNESS_GUEST_CPIO_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "common/say.h"

struct cpio {
	FILE *out; /* errors show in ferror() */
	unsigned number; /* of the next entry */
	char **paths; /* what is there already, to make each once */
	size_t nr, cap;
};

/* Begin an archive. Paths of all calls are absolute in the guest; folders above them are made. */
void cpio_init(struct cpio *cpio, FILE *out);

/* A folder; nothing if it is there. */
void cpio_folder(struct cpio *cpio, const char *path);

/* A file of @len bytes with the permissions @mode; nothing if there is one of this path. */
void cpio_file(struct cpio *cpio, const char *path, mode_t mode, const char *data, size_t len);

/* A copy of the file @from of this machine, links followed. Returns 0, or -errno with the reason in @why. */
int cpio_copy(struct cpio *cpio, const char *path, const char *from, struct why *why);

/* A symbolic link to @target. */
void cpio_link(struct cpio *cpio, const char *path, const char *target);

/* Close the archive and free what the struct holds; another archive may follow in the stream. */
void cpio_end(struct cpio *cpio);

#endif
