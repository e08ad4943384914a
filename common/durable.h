/* SPDX-License-Identifier: GPL-2.0-or-later */
/* durable: writes that are on disk when they return, whole or not at all. */
#ifndef COMMON_DURABLE_H
#define COMMON_DURABLE_H

#include <stddef.h>

#include "common/say.h"

/*
 * Append @len bytes to @fd with one write and sync. If not all of it could be written (a full
 * disk), the file is cut back to what it was. Returns 0 or -errno.
 */
int durable_append(int fd, const char *text, size_t len);

/* Make @path, or the file that it is a link to, hold these @len bytes, by way of a file beside it and
 * rename(2); to a device or a pipe they are written. Returns 0, or -errno with the reason in @why. */
int durable_replace(const char *path, const char *text, size_t len, struct why *why);

/* mkdir(1) with -p. Returns 0, or -errno with the reason in @why. */
int durable_mkdir(const char *path, struct why *why);

#endif
