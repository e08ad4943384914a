/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysfs: small files of /proc and /sys, below a root that tests replace by a directory of their
 * own. */
#ifndef HARNESS_SYSFS_H
#define HARNESS_SYSFS_H

#include <stdbool.h>

/* The text of ROOT/@path (@path begins with '/'; @root is "" for this machine) without blanks at
 * its end, in memory that the caller frees; NULL with errno if it cannot be read. */
char *sysfs_read(const char *root, const char *path);

/* The whole number in a file. Returns false if there is none. */
bool sysfs_number(const char *root, const char *path, long long *value);

/* The value behind "@key" up to the end of its line, blanks and one ':' skipped, as /proc/cpuinfo
 * and /proc/meminfo have it; the caller frees it. NULL without such a line. */
char *sysfs_field(const char *text, const char *key);

/* The word in brackets, "always [madvise] never"; the whole text without brackets. The caller frees
 * it. */
char *sysfs_choice(const char *text);

#endif
