/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/import/bounded.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>

#include "common/say.h"
#include "common/xalloc.h"

struct bounded {
	FILE *in;
	size_t left;
};

/* Where the bound is reached only the end is no error. */
static ssize_t read_some(void *cookie, char *buf, size_t size)
{
	struct bounded *bounded = cookie;
	char beyond;

	if (!bounded->left && fread(&beyond, 1, 1, bounded->in)) {
		errno = EFBIG;
		return -1;
	}
	size = fread(buf, 1, size < bounded->left ? size : bounded->left, bounded->in);
	bounded->left -= size;
	return !size && ferror(bounded->in) ? -1 : (ssize_t)size;
}

static int forget(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *bounded_open(FILE *in, size_t most)
{
	const cookie_io_functions_t calls = {.read = read_some, .close = forget};
	struct bounded *bounded = xcalloc(1, sizeof(*bounded));
	FILE *out;

	*bounded = (struct bounded){in, most};
	out = fopencookie(bounded, "r", calls);
	if (!out)
		die(EXIT_FAILED, "out of memory");
	return out;
}
