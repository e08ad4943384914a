/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pft/compress/compress.h"
#include "pft/content.h"

static uint64_t page[CONTENT_WORDS], other[CONTENT_WORDS];

/* The ratio that @codec reaches with contents made for @wanted. */
static double reached(const char *codec, double wanted, uint64_t seed)
{
	const struct compressor *c;
	struct compress_context context;
	struct content content;
	double ratio;
	int level;

	assert_int_equal(compressor_parse(codec, &c, &level, NULL), 0);
	assert_int_equal(content_init(&content, wanted, seed, NULL), 0);
	assert_int_equal(compress_open(&context, c, level), 0);
	assert_int_equal(content_measure(&content, &context, &ratio), 0);
	compress_close(&context);
	content_release(&content);
	return ratio;
}

static void ratio_is_reached(void **state)
{
	static const double wanted[] = {1, 1.05, 1.2, 1.5, 2, 3, 4, 6, 8, CONTENT_RATIO_MAX};
	static const char *const codecs[] = {"lz4", "lzo", "zstd:1", "zstd", "deflate"};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		for (size_t k = 0; k < sizeof(codecs) / sizeof(*codecs); k++) {
			for (uint64_t seed = 1; seed < 4; seed++) {
				double ratio = reached(codecs[k], wanted[i], seed);

				if (ratio < 0.9 * wanted[i] || ratio > 1.1 * wanted[i])
					fail_msg("%s makes %g of %g, seed %d", codecs[k], ratio,
						 wanted[i], (int)seed);
			}
		}
	}
	assert_true(reached("null", 3, 1) == 1);
}

static void other_ratios_are_refused(void **state)
{
	static const double wrong[] = {0, 0.99, CONTENT_RATIO_MAX + 0.1, -1, 0.0 / 0.0};
	struct content content;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(content_init(&content, wrong[i], 1, &why), -EINVAL);
	content_init(&content, 0.5, 1, &why);
	assert_string_equal(why.text, "pages cannot be made to compress by '0.5'; use 1 to 12");
}

static void every_flipped_bit_is_found(const struct content *content)
{
	unsigned char *bytes = (unsigned char *)page;
	struct why why;
	char where[32];

	content_fill(content, page, 11, 5);
	assert_true(content_good(content, page, 11, 5));
	for (unsigned i = 0; i < CONTENT_PAGE; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[i] ^= 1 << bit;
			if (content_good(content, page, 11, 5))
				fail_msg("bit %u of byte %u changed unseen", bit, i);
			bytes[i] ^= 1 << bit;
		}
		bytes[i] ^= 0x81;
		assert_int_equal(content_explain(content, page, 11, 5, &why), -EIO);
		snprintf(where, sizeof(where), ": byte %u is 0x", i);
		assert_non_null(strstr(why.text, where));
		bytes[i] ^= 0x81;
	}
	assert_true(content_good(content, page, 11, 5));
}

/* Words that changed places, a torn page, and words that changed by what cancels out in a plain sum. */
static void mixed_pages_are_found(const struct content *content)
{
	for (unsigned i = CONTENT_BODY_FIRST; i < CONTENT_WORDS - 8; i++) {
		uint64_t word;

		content_fill(content, page, 11, 5);
		word = page[i];
		page[i] = page[i + 8];
		page[i + 8] = word;
		assert_true(content_good(content, page, 11, 5) == (page[i] == page[i + 8]));
		content_fill(content, page, 11, 5);
		page[i]++;
		page[i + 1]--;
		assert_false(content_good(content, page, 11, 5));
	}
	for (size_t line = 64; line < CONTENT_PAGE; line += 64) {
		content_fill(content, page, 11, 5);
		content_fill(content, other, 11, 6);
		memcpy((char *)page + line, (char *)other + line, CONTENT_PAGE - line);
		assert_false(content_good(content, page, 11, 5));
	}
}

static void other_pages_are_told(const struct content *content)
{
	struct content foreign = *content;
	struct why why;

	content_fill(content, page, 7, 3);
	assert_false(content_good(content, page, 8, 3));
	assert_false(content_good(content, page, 7, 4));
	content_explain(content, page, 8, 3, &why);
	assert_string_equal(why.text, "page 8, version 3, holds page 7, version 3");
	foreign.seed++;
	assert_false(content_good(&foreign, page, 7, 3));
	memset(page, 0, sizeof(page));
	assert_false(content_good(content, page, 0, 0));
	content_fill(content, page, 7, 3);
	content_explain(content, page, 7, 3, &why);
	assert_string_equal(why.text, "page 7, version 3, was wrong and is right now");
}

static void verification_is_complete(const struct content *content)
{
	every_flipped_bit_is_found(content);
	mixed_pages_are_found(content);
	other_pages_are_told(content);
}

static void made_pages_are_verified(void **state)
{
	struct content content;

	(void)state;
	/* Where nothing repeats, so that a change of places is one, and where much does. */
	assert_int_equal(content_init(&content, 1, 42, NULL), 0);
	verification_is_complete(&content);
	content_release(&content);
	assert_int_equal(content_init(&content, 3, 42, NULL), 0);
	verification_is_complete(&content);
	content_release(&content);
}

/* A file of @bytes that differ, deleted at once; returns a path to it, good until the next call. */
static const char *some_file(size_t bytes)
{
	static char path[64];
	static int fd = -1;
	FILE *f = tmpfile();

	assert_non_null(f);
	for (size_t i = 0; i < bytes; i++)
		fputc(i * 7 + (i >> 12) + (i * i >> 20), f);
	fflush(f);
	if (fd >= 0)
		close(fd);
	fd = dup(fileno(f));
	fclose(f);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static void file_pages_are_verified(void **state)
{
	struct content content;
	unsigned char want;

	(void)state;
	assert_int_equal(content_init_file(&content, some_file(5 * 4096 + 100), 42, NULL), 0);
	assert_int_equal(content.nr, 5);
	verification_is_complete(&content);
	/* Behind the header stands what the file has there, and another page of it in each version. */
	for (unsigned version = 0; version < 7; version++) {
		size_t at = (11 + version) % 5 * 4096 + 4000;

		content_fill(&content, page, 11, version);
		want = at * 7 + (at >> 12) + (at * at >> 20);
		assert_int_equal(((unsigned char *)page)[4000], want);
	}
	content_release(&content);
}

static void bad_files_are_refused(void **state)
{
	struct content content;
	struct why why;

	(void)state;
	assert_int_equal(content_init_file(&content, "/nonexistent", 1, &why), -ENOENT);
	assert_string_equal(why.text, "cannot open '/nonexistent': No such file or directory");
	assert_int_equal(content_init_file(&content, "/dev/null", 1, &why), -EINVAL);
	assert_int_equal(content_init_file(&content, "/", 1, &why), -EINVAL);
	assert_int_equal(content_init_file(&content, some_file(4095), 1, &why), -EINVAL);
	assert_non_null(strstr(why.text, "; name a file of 4096 bytes at least"));
	assert_int_equal(content_init_file(&content, some_file(4096), 1, &why), 0);
	content_release(&content);
}

static void the_seed_decides(void **state)
{
	struct content a, b, c;

	(void)state;
	content_init(&a, 3, 1, NULL);
	content_init(&b, 3, 1, NULL);
	content_init(&c, 3, 2, NULL);
	for (uint64_t i = 0; i < 100; i++) {
		content_fill(&a, page, i, i / 2);
		content_fill(&b, other, i, i / 2);
		assert_memory_equal(page, other, CONTENT_PAGE);
		content_fill(&c, other, i, i / 2);
		assert_memory_not_equal(page, other, CONTENT_PAGE);
		/* Another version is another page nearly everywhere that is not zero. */
		content_fill(&a, other, i, i / 2 + 1);
		assert_true(page[4] != other[4] || (!page[4] && !other[4]));
		assert_true(page[CONTENT_BODY_FIRST] != other[CONTENT_BODY_FIRST]);
	}
	content_release(&a);
	content_release(&b);
	content_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratio_is_reached),
		cmocka_unit_test(other_ratios_are_refused),
		cmocka_unit_test(made_pages_are_verified),
		cmocka_unit_test(file_pages_are_verified),
		cmocka_unit_test(bad_files_are_refused),
		cmocka_unit_test(the_seed_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
