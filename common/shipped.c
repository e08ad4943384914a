/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/shipped.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"

#define LEVELS \
	4 /* of folders between the program and the tree: build/tsan/tests/unit/ has the most */

/* The folder of this program into @dir[PATH_MAX], or "". */
static void own_folder(char *dir)
{
	ssize_t len = readlink("/proc/self/exe", dir, PATH_MAX - 1);

	dir[len > 0 ? len : 0] = '\0';
	if (strrchr(dir, '/'))
		*strrchr(dir, '/') = '\0';
}

char *shipped_path(const char *file)
{
	static const char *const roots[] = {"", "share/faultscale/"};
	char dir[PATH_MAX];

	own_folder(dir);
	for (unsigned level = 0; *dir && level <= LEVELS; level++) {
		for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
			char *path = xasprintf("%s/%s%s", dir, roots[i], file);

			if (!access(path, R_OK))
				return path;
			free(path);
		}
		*strrchr(dir, '/') = '\0';
	}
	return NULL;
}
