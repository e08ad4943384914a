/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree: a directory of small files for a test, as a stand-in for /proc and /sys. */
#ifndef TESTS_UNIT_TREE_H
#define TESTS_UNIT_TREE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/durable.h"
#include "common/xalloc.h"

/* Make an empty directory and return its path, which tree_remove() frees. */
static inline char *tree_make(void)
{
	char *root = xstrdup("/tmp/faultscale-tree-XXXXXX");

	if (!mkdtemp(root))
		abort();
	return root;
}

/* Write @text to the file ROOT/@path, making its directories. */
static inline void tree_put(const char *root, const char *path, const char *text)
{
	char *full = xasprintf("%s%s", root, path), *dir = xstrdup(full);
	FILE *out;

	*strrchr(dir, '/') = '\0';
	if (durable_mkdir(dir, NULL))
		abort();
	out = fopen(full, "we");
	if (!out || fputs(text, out) < 0 || fclose(out))
		abort();
	free(dir);
	free(full);
}

static inline int tree_unlink(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* Remove the directory with all that is in it. */
static inline void tree_remove(char *root)
{
	nftw(root, tree_unlink, 16, FTW_DEPTH | FTW_PHYS);
	free(root);
}

#endif
