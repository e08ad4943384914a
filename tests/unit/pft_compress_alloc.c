/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is allocated or freed between compress_open() and compress_close(), also where a page does not
 * fit or its input is broken: malloc() and its family are this file's, also for the codecs' libraries,
 * and count while they are watched. Sanitizers have these names for themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/pft_compress_pages.h"

#if defined(__SANITIZE_ADDRESS__) || ARCH_TSAN
#define WATCH 0
#elif defined(__has_feature)
#define WATCH !__has_feature(address_sanitizer)
#else
#define WATCH 1
#endif

/* Calls of malloc() and so on while watching; the compiler believes that these change no variable. */
static volatile unsigned long calls;

#if WATCH
static volatile bool watching;

/* glibc's own, behind the names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

void *malloc(size_t size)
{
	calls += watching;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	calls += watching;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	calls += watching;
	return __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	calls += watching;
	return __libc_memalign(align, size);
}

void free(void *p)
{
	calls += watching && p;
	__libc_free(p);
}

static void watch(bool on)
{
	watching = on;
}
#else
static void watch(bool on)
{
	(void)on;
}
#endif

/* All that a worker does with a context. */
static void use(struct compress_context *context)
{
	unsigned char page[PAGE], packed[COMPRESS_BOUND], back[PAGE];
	size_t len, unused;

	for (unsigned kind = 0; kind < NR_PAGE_KINDS; kind++) {
		page_make(page, kind, kind);
		if (compress_page(context, page, packed, sizeof(packed), &len))
			BUG("page kind %u does not compress", kind);
		compress_page(context, page, back, len / 2, &unused);
		decompress_page(context, packed, len / 2, back);
		packed[len / 2] ^= 0x55;
		decompress_page(context, packed, len, back);
		packed[len / 2] ^= 0x55;
		if (decompress_page(context, packed, len, back) || memcmp(page, back, PAGE))
			BUG("page kind %u does not come back", kind);
	}
}

static void the_watch_sees(void **state)
{
	void *volatile p;

	(void)state;
	calls = 0;
	watch(true);
	p = malloc(1);
	free(p);
	watch(false);
	assert_int_equal(calls, 2);
}

static void nothing_is_allocated_in_the_loop(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_compressors; i++) {
		const struct compressor *c = compressors[i];

		for (int level = c->level_min; !c->unavailable && level <= c->level_max; level++) {
			struct compress_context context;

			assert_int_equal(compress_open(&context, c, level), 0);
			calls = 0;
			watch(true);
			use(&context);
			watch(false);
			assert_int_equal(calls, 0);
			compress_close(&context);
		}
	}
}

/* A context is one allocation, whatever the library behind it would like. */
static void a_context_is_one_allocation(void **state)
{
	struct compress_context context;

	(void)state;
	for (unsigned i = 0; i < nr_compressors; i++) {
		if (compressors[i]->unavailable)
			continue;
		calls = 0;
		watch(true);
		assert_int_equal(
			compress_open(&context, compressors[i], compressors[i]->level_default), 0);
		watch(false);
		assert_int_equal(calls, 1);
		compress_close(&context);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_watch_sees),
		cmocka_unit_test(nothing_is_allocated_in_the_loop),
		cmocka_unit_test(a_context_is_one_allocation),
	};

	if (!WATCH) {
		printf("ok 1 - nothing is allocated in the loop # SKIP sanitizers have malloc()\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
