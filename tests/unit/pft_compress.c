/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every codec promises (pft/compress/compress.h), at each row of the table and at its lowest, its
 * default and its highest level. All buffers end where memory ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/pft_compress_pages.h"
#include "tests/unit/pft_workers.h"

#define BOUND_PAGES 2 /* of a destination */
#define CORRUPTIONS 3000

_Static_assert(COMPRESS_BOUND <= BOUND_PAGES * PAGE, "a destination has room");

static struct guarded dst, src, out;
static unsigned char page[PAGE];

static int setup(void **state)
{
	(void)state;
	dst = guarded_new(BOUND_PAGES);
	src = guarded_new(BOUND_PAGES);
	out = guarded_new(1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	guarded_free(&dst);
	guarded_free(&src);
	guarded_free(&out);
	return 0;
}

/* Call @fn with a context of each codec at each of its levels that matter. */
static void for_each_codec(void (*fn)(struct compress_context *context))
{
	for (unsigned i = 0; i < nr_compressors; i++) {
		const struct compressor *c = compressors[i];
		int levels[] = {c->level_default, c->level_min, c->level_max};

		if (c->unavailable)
			continue;
		for (unsigned k = 0; k < (c->level_max ? 3 : 1); k++) {
			struct compress_context context;

			assert_int_equal(compress_open(&context, c, levels[k]), 0);
			fn(&context);
			compress_close(&context);
			assert_null(context.memory);
		}
	}
}

/* Compress the page into the last @size bytes of dst. */
static int squeeze(struct compress_context *context, size_t size, size_t *len)
{
	return compress_page(context, page, dst.end - size, size, len);
}

/* Restore from the last @len bytes of src: reading one more is as fatal as writing one more. */
static int restore(struct compress_context *context, const void *from, size_t len)
{
	memcpy(src.end - len, from, len);
	return decompress_page(context, src.end - len, len, out.start);
}

static void table_is_well_formed(void **state)
{
	(void)state;
	assert_string_equal(compressors[0]->name, "null");
	for (unsigned i = 0; i < nr_compressors; i++) {
		const struct compressor *c = compressors[i];

		assert_true(*c->name && *c->summary);
		assert_int_equal(strspn(c->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(c->name));
		assert_ptr_equal(compressor_find(c->name), c);
		if (c->unavailable) {
			assert_true(*c->unavailable);
			continue;
		}
		assert_non_null(c->context_size);
		assert_non_null(c->init);
		assert_non_null(c->compress);
		assert_non_null(c->decompress);
		assert_true(c->level_min <= c->level_default && c->level_default <= c->level_max);
	}
}

static void names_are_parsed(void **state)
{
	static const struct {
		const char *text, *name;
		int rc, level;
		const char *why;
	} cases[] = {
		{"null", "null", 0, 0, ""},
		{"lzo", "lzo", 0, 0, ""},
		{"zstd", "zstd", 0, 3, ""},
		{"zstd:1", "zstd", 0, 1, ""},
		{"zstd:22", "zstd", 0, 22, ""},
		{"deflate:9", "deflate", 0, 9, ""},
		{"", NULL, -ENOENT, 0, "no such codec, with ''; 'pft --list codecs' names them"},
		{"lz", NULL, -ENOENT, 0,
		 "no such codec, with 'lz'; 'pft --list codecs' names them"},
		{"lzo-rle", NULL, -EOPNOTSUPP, 0,
		 "codec 'lzo-rle' is unavailable: liblzo2 has no run-length variant; use lzo"},
		{"lz4:1", NULL, -EINVAL, 0, "codec 'lz4' has no levels, with ':1'; use 'lz4'"},
		{"zstd:0", NULL, -ERANGE, 0, NULL},
		{"zstd:23", NULL, -ERANGE, 0, NULL},
		{"zstd:", NULL, -EINVAL, 0, NULL},
		{"zstd:x", NULL, -EINVAL, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct compressor *c = NULL;
		struct why why = WHY_INIT;
		int level = 0;

		assert_int_equal(compressor_parse(cases[i].text, &c, &level, &why), cases[i].rc);
		assert_int_equal(level, cases[i].level);
		assert_ptr_equal(c, cases[i].name ? compressor_find(cases[i].name) : NULL);
		if (cases[i].why)
			assert_string_equal(why.text, cases[i].why);
		else
			assert_non_null(strstr(why.text, "level of codec 'zstd'"));
	}
}

static void round_trips(struct compress_context *context)
{
	size_t len, again, size;

	for (unsigned kind = 0; kind < NR_PAGE_KINDS; kind++) {
		page_make(page, kind, 1 + kind);
		len = 0;
		assert_int_equal(squeeze(context, COMPRESS_BOUND, &len), 0);
		assert_in_range(len, 1, COMPRESS_BOUND);
		memset(out.start, 0xa5, PAGE);
		assert_int_equal(restore(context, dst.end - COMPRESS_BOUND, len), 0);
		assert_memory_equal(out.start, page, PAGE);
		/* In a page or two, and from the start of memory, it is the same. */
		for (size = PAGE; size <= BOUND_PAGES * PAGE; size += PAGE) {
			int rc = compress_page(context, page, dst.start, size, &again);

			assert_int_equal(rc, len > size ? -ENOSPC : 0);
			if (!rc)
				assert_int_equal(again, len);
		}
		assert_memory_equal(dst.start, src.end - len, len);
	}
}

static void pages_come_back(void **state)
{
	(void)state;
	for_each_codec(round_trips);
}

static void fits_or_does_not(struct compress_context *context)
{
	size_t len, unused = 0;

	for (unsigned kind = 0; kind < NR_PAGE_KINDS; kind++) {
		page_make(page, kind, 100 + kind);
		assert_int_equal(squeeze(context, COMPRESS_BOUND, &len), 0);
		assert_int_equal(squeeze(context, len - 1, &unused), -ENOSPC);
		for (size_t size = 0; size < len; size += 1 + size / 9)
			assert_int_equal(squeeze(context, size, &unused), -ENOSPC);
		assert_int_equal(unused, 0);
	}
}

static void output_stays_in_its_bound(void **state)
{
	(void)state;
	for_each_codec(fits_or_does_not);
}

static void is_dense(struct compress_context *context)
{
	size_t len;

	if (!strcmp(context->compressor->name, "null"))
		return;
	page_make(page, PAGE_ZERO, 0);
	assert_int_equal(squeeze(context, COMPRESS_BOUND, &len), 0);
	assert_in_range(len, 1, 64);
	page_make(page, PAGE_MIXED, 1);
	assert_int_equal(squeeze(context, COMPRESS_BOUND, &len), 0);
	assert_in_range(len, PAGE / 2, PAGE / 2 + 256);
}

static void codecs_compress(void **state)
{
	(void)state;
	for_each_codec(is_dense);
}

/* What a page becomes does not depend on the pages before it. */
static void is_stateless(struct compress_context *context)
{
	size_t first, second;

	page_make(page, PAGE_TEXT, 7);
	assert_int_equal(squeeze(context, COMPRESS_BOUND, &first), 0);
	memcpy(src.start, dst.end - COMPRESS_BOUND, first);
	for (unsigned kind = 0; kind < NR_PAGE_KINDS; kind++) {
		page_make(page, kind, 7);
		squeeze(context, COMPRESS_BOUND, &second);
		page_make(page, PAGE_TEXT, 7);
		squeeze(context, 100, &second);
		assert_int_equal(squeeze(context, COMPRESS_BOUND, &second), 0);
		assert_int_equal(first, second);
		assert_memory_equal(src.start, dst.end - COMPRESS_BOUND, first);
	}
}

static void contexts_remember_nothing(void **state)
{
	(void)state;
	for_each_codec(is_stateless);
}

static void is_refused_short(struct compress_context *context)
{
	unsigned char whole[COMPRESS_BOUND + 1];
	size_t len, cut;

	for (unsigned kind = 0; kind < NR_PAGE_KINDS; kind++) {
		page_make(page, kind, 3);
		assert_int_equal(compress_page(context, page, whole, COMPRESS_BOUND, &len), 0);
		for (cut = 0; cut < len; cut += 1 + cut / 33)
			assert_int_equal(restore(context, whole, cut), -EIO);
		assert_int_equal(restore(context, whole, len - 1), -EIO);
		whole[len] = 0;
		assert_int_equal(restore(context, whole, len + 1), -EIO);
		assert_int_equal(restore(context, whole, len), 0);
		assert_memory_equal(out.start, page, PAGE);
	}
}

static void truncated_input_is_an_error(void **state)
{
	(void)state;
	for_each_codec(is_refused_short);
}

/* Sound input of these codecs that holds no byte or a few: no page. */
static void less_than_a_page_is_an_error(void **state)
{
	static const struct {
		const char *codec;
		size_t len;
		unsigned char input[16];
	} cases[] = {
		{"lz4", 1, {0}},
		{"lz4", 3, {0x20, 'a', 'b'}},
		{"lzo", 3, {0x11, 0, 0}},
		{"lzo", 9, {0x16, 'a', 'b', 'c', 'd', 'e', 0x11, 0, 0}},
		{"zstd", 9, {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0}},
		{"zstd", 12, {0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 'a', 'b', 'c'}},
		{"deflate", 2, {3, 0}},
		{"deflate", 8, {1, 3, 0, 0xfc, 0xff, 'a', 'b', 'c'}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct compressor *c = compressor_find(cases[i].codec);
		struct compress_context context;

		assert_int_equal(compress_open(&context, c, c->level_default), 0);
		assert_int_equal(restore(&context, cases[i].input, cases[i].len), -EIO);
		compress_close(&context);
	}
}

/* Change, cut, repeat or replace some of the @len bytes at @data, of @room; returns the new length. */
static size_t corrupt(unsigned char *data, size_t len, size_t room, struct rng *rng)
{
	size_t at = rng_below(rng, len), n = 1 + rng_below(rng, 16);

	switch (rng_below(rng, 6)) {
	case 0: /* one bit */
		data[at] ^= 1 << rng_below(rng, 8);
		return len;
	case 1: /* a few bytes of noise */
		for (; n && at < len; n--)
			data[at++] = rng_next(rng);
		return len;
	case 2: /* a run */
		memset(data + at, rng_below(rng, 2) ? 0 : 0xff, len - at < n ? len - at : n);
		return len;
	case 3: /* an end that was left out */
		return 1 + at;
	case 4: /* a part twice */
		n = room - len < len - at ? room - len : len - at;
		memmove(data + at + n, data + at, len - at);
		return len + n;
	default: /* noise to the end */
		for (; at < len; at++)
			data[at] = rng_next(rng);
		return len;
	}
}

static void survives_corruption(struct compress_context *context)
{
	unsigned char whole[COMPRESS_BOUND], broken[COMPRESS_BOUND];
	struct rng rng;
	size_t len, n;

	rng_init(&rng, 20231130);
	for (unsigned i = 0; i < CORRUPTIONS; i++) {
		if (i % 16 == 0) {
			page_make(page, i / 16 % NR_PAGE_KINDS, i);
			assert_int_equal(compress_page(context, page, whole, sizeof(whole), &len),
					 0);
		}
		memcpy(broken, whole, len);
		n = corrupt(broken, len, sizeof(broken), &rng);
		if (rng_below(&rng, 4) == 0)
			n = corrupt(broken, n, sizeof(broken), &rng);
		if (restore(context, broken, n))
			assert_int_equal(restore(context, broken, n), -EIO);
		if (i % 16 == 15) {
			assert_int_equal(restore(context, whole, len), 0);
			assert_memory_equal(out.start, page, PAGE);
		}
	}
}

static void corrupt_input_harms_nothing(void **state)
{
	(void)state;
	for_each_codec(survives_corruption);
}

static void failures_can_be_made(void **state)
{
	struct compress_context context;
	size_t len;

	(void)state;
	fault_inject_nth(&fault_inject_compress_open, 1, NULL);
	assert_int_equal(compress_open(&context, compressor_find("lz4"), 0), -ENOMEM);
	assert_int_equal(fault_inject_stop(&fault_inject_compress_open), 1);
	assert_int_equal(compress_open(&context, compressor_find("lz4"), 0), 0);
	page_make(page, PAGE_TEXT, 1);
	fault_inject_nth(&fault_inject_compress, 2, NULL);
	assert_int_equal(squeeze(&context, COMPRESS_BOUND, &len), 0);
	assert_int_equal(squeeze(&context, COMPRESS_BOUND, &len), -EIO);
	assert_int_equal(fault_inject_stop(&fault_inject_compress), 1);
	assert_int_equal(squeeze(&context, COMPRESS_BOUND, &len), 0);
	fault_inject_nth(&fault_inject_decompress, 1, NULL);
	assert_int_equal(restore(&context, dst.end - COMPRESS_BOUND, len), -EIO);
	assert_int_equal(fault_inject_stop(&fault_inject_decompress), 1);
	assert_int_equal(restore(&context, dst.end - COMPRESS_BOUND, len), 0);
	compress_close(&context);
	compress_close(&context);
}

static uint32_t wrong; /* pages that did not come back */

/* A worker makes its own contexts, and what it compresses any other may restore. */
static void compress_alone(unsigned slot, void *arg)
{
	unsigned char mine[PAGE], packed[COMPRESS_BOUND], back[PAGE];
	struct compress_context context;
	size_t len;

	(void)arg;
	for (unsigned i = 0; i < nr_compressors; i++) {
		if (compressors[i]->unavailable)
			continue;
		if (compress_open(&context, compressors[i], compressors[i]->level_default))
			BUG("no memory");
		for (unsigned k = 0; k < 64; k++) {
			page_make(mine, k % NR_PAGE_KINDS, slot * 1000 + k);
			if (compress_page(&context, mine, packed, sizeof(packed), &len) ||
			    decompress_page(&context, packed, len, back) ||
			    memcmp(mine, back, PAGE))
				arch_xadd_relaxed(&wrong, 1);
		}
		compress_close(&context);
	}
}

static void workers_do_not_meet(void **state)
{
	(void)state;
	workers_run(4, compress_alone, NULL);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_well_formed),
		cmocka_unit_test(names_are_parsed),
		cmocka_unit_test(pages_come_back),
		cmocka_unit_test(output_stays_in_its_bound),
		cmocka_unit_test(codecs_compress),
		cmocka_unit_test(contexts_remember_nothing),
		cmocka_unit_test(truncated_input_is_an_error),
		cmocka_unit_test(less_than_a_page_is_an_error),
		cmocka_unit_test(corrupt_input_harms_nothing),
		cmocka_unit_test(failures_can_be_made),
		cmocka_unit_test(workers_do_not_meet),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
