/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xalloc: small bookkeeping memory that has to be there. Out of memory ends the program with exit 1
 * and a message. Never for memory that is measured, and never inside the engine.
 */
#ifndef COMMON_XALLOC_H
#define COMMON_XALLOC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* malloc(), calloc(), reallocarray(), strdup(), strndup() that do not return NULL. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *old, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));

/* The formatted text in memory that the caller frees. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *xvasprintf(const char *fmt, va_list ap)
	__attribute__((format(printf, 1, 0), returns_nonnull));

/* @list, which is freed (NULL: nothing), with @word behind it; @between stands between two words. */
char *xappend(char *list, const char *between, const char *word) __attribute__((returns_nonnull));

/* open_memstream(3): what is written is in @text[@len] after fclose(), for the caller to free. */
FILE *xmemstream(char **text, size_t *len) __attribute__((returns_nonnull));

/* Make room for one more element in an array that doubles: @array is a pointer, @nr its length,
 * @cap a size_t variable holding its capacity. */
#define XGROW(array, nr, cap) \
	do { \
		if ((nr) >= (cap)) { \
			(cap) = (cap) ? 2 * (cap) : 16; \
			(array) = xreallocarray((array), (cap), sizeof(*(array))); \
		} \
	} while (0)

#endif
