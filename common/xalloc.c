/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"

static void *must(void *p)
{
	if (!p)
		die(EXIT_FAILED, "out of memory");
	return p;
}

void *xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return must(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *old, size_t n, size_t size)
{
	return must(reallocarray(old, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return must(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return must(strndup(s, n));
}

char *xappend(char *list, const char *between, const char *word)
{
	bool more = list && *list;
	char *longer = xasprintf("%s%s%s", more ? list : "", more ? between : "", word);

	free(list);
	return longer;
}

FILE *xmemstream(char **text, size_t *len)
{
	return must(open_memstream(text, len));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	return must(s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}
