/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of swap: what they default to, what they take, what they mean together, their rows. */
#include "pft/swap_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "pft/workload.h"

static const struct workload swap_workload = {
	.name = "swaps",
	.flags = WL_SWAP | WL_LRU | WL_MEMCGS,
};

static void accept(struct swap_settings *s, enum swap_option option, const char *arg)
{
	struct why why = WHY_INIT;

	assert_int_equal(swap_settings_read(s, option, arg, &why), 0);
	assert_string_equal(why.text, "");
	assert_true(s->given & 1u << option);
}

static void refuse(enum swap_option option, const char *arg)
{
	struct swap_settings s;
	struct why why = WHY_INIT;

	swap_settings_init(&s);
	assert_true(swap_settings_read(&s, option, arg, &why) < 0);
	assert_non_null(strstr(why.text, swap_options[option].name + 2));
	assert_non_null(strstr(why.text, arg));
}

static void test_defaults(void **state)
{
	struct swap_settings s;

	(void)state;
	swap_settings_init(&s);
	assert_int_equal(s.limit, 0);
	assert_int_equal(s.working_set, 0);
	assert_string_equal(s.codec, "lzo");
	assert_string_equal(s.pool, "zsmalloc");
	assert_string_equal(s.lru, "memcg-second-chance");
	assert_int_equal(s.memcgs, 0);
	assert_true(s.zswap_max == SWAP_UNLIMITED);
	assert_int_equal(s.pool_max, 20);
	assert_int_equal(s.accept, 90);
	assert_false(s.shrinker);
	assert_null(s.file);
	assert_int_equal(s.size, 0);
	assert_string_equal(s.access, "uniform");
	assert_true(s.compressibility == 3);
	assert_null(s.content);
	assert_int_equal(s.given, 0);
}

static void test_arguments(void **state)
{
	struct swap_settings s;

	(void)state;
	swap_settings_init(&s);
	accept(&s, SWAP_LIMIT, "256M");
	assert_int_equal(s.limit, 256 << 20);
	accept(&s, SWAP_WORKING_SET, "3P");
	assert_int_equal(s.working_set, 3 * 4096);
	accept(&s, SWAP_CODEC, "zstd:3");
	assert_string_equal(s.codec, "zstd:3");
	accept(&s, SWAP_CODEC, "lzo-rle");
	accept(&s, SWAP_POOL, "zbud");
	accept(&s, SWAP_LRU, "global");
	assert_string_equal(s.lru, "global");
	accept(&s, SWAP_LRU_LOCK, "node");
	assert_string_equal(s.lru_lock, "node");
	accept(&s, SWAP_LRU_LOCK, "list");
	accept(&s, SWAP_MEMCGS, "4096");
	assert_int_equal(s.memcgs, 4096);
	accept(&s, SWAP_ZSWAP_MAX, "0");
	assert_int_equal(s.zswap_max, 0);
	accept(&s, SWAP_ZSWAP_MAX, "max");
	assert_true(s.zswap_max == SWAP_UNLIMITED);
	accept(&s, SWAP_POOL_MAX, "0");
	accept(&s, SWAP_ACCEPT, "100");
	assert_int_equal(s.accept, 100);
	accept(&s, SWAP_SHRINKER, "on");
	assert_true(s.shrinker);
	accept(&s, SWAP_SHRINKER, "off");
	assert_false(s.shrinker);
	accept(&s, SWAP_FILE, "/x y");
	assert_string_equal(s.file, "/x y");
	accept(&s, SWAP_SIZE, "1G");
	accept(&s, SWAP_ACCESS, "zipf");
	assert_string_equal(s.access, "zipf");
	accept(&s, SWAP_ACCESS, "zipf:0.5");
	accept(&s, SWAP_COMPRESSIBILITY, "2.5");
	assert_true(s.compressibility == 2.5);
	accept(&s, SWAP_CONTENT, "/etc/passwd");
}

static void test_bad_arguments(void **state)
{
	static const struct {
		enum swap_option option;
		const char *args[5];
	} bad[] = {
		{SWAP_LIMIT, {"0", "x", "-1", "1Q"}},
		{SWAP_WORKING_SET, {"", "8E", "99999999T"}},
		{SWAP_CODEC, {"", "LZO", "lz4 ", "a/b"}},
		{SWAP_POOL, {"", "zbud:1"}},
		{SWAP_LRU, {"Global", "x:y"}},
		{SWAP_LRU_LOCK, {"", "both", "Node"}},
		{SWAP_MEMCGS, {"0", "4097", "-1"}},
		{SWAP_ZSWAP_MAX, {"Max", "", "-1"}},
		{SWAP_POOL_MAX, {"101", "20%"}},
		{SWAP_ACCEPT, {"101", "-1"}},
		{SWAP_SHRINKER, {"yes", "1", ""}},
		{SWAP_FILE, {""}},
		{SWAP_SIZE, {"0", "many"}},
		{SWAP_ACCESS, {"random", "", "seq "}},
		{SWAP_COMPRESSIBILITY, {"0.9", "13", "nan", "2x", " 2"}},
		{SWAP_CONTENT, {""}},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (unsigned j = 0; j < 5 && bad[i].args[j]; j++)
			refuse(bad[i].option, bad[i].args[j]);
}

static void test_together(void **state)
{
	struct settings s = {.workload = &swap_workload, .nr_workers = 1};
	struct why why = WHY_INIT;

	(void)state;
	swap_settings_init(&s.swap);
	assert_int_equal(swap_settings_check(&s, &why), 0);
	accept(&s.swap, SWAP_CONTENT, "f");
	assert_int_equal(swap_settings_check(&s, &why), 0);
	accept(&s.swap, SWAP_COMPRESSIBILITY, "2");
	assert_true(swap_settings_check(&s, &why) < 0);
	assert_non_null(strstr(why.text, "--content and --compressibility exclude each other"));
	s.workload = workload_find("anon");
	assert_int_equal(swap_settings_check(&s, &why), 0);
}

/* What is left to the defaults: whole pages, each worker the same number. */
static void test_sizes(void **state)
{
	struct settings s = {.workload = &swap_workload, .nr_workers = 3, .bytes = 10 * 4096};
	struct run run = {.settings = &s, .workload = &swap_workload, .page_size = 4096};

	(void)state;
	swap_settings_init(&s.swap);
	assert_int_equal(swap_settings_pages(&run), 4);
	assert_int_equal(swap_settings_working_set(&run), 12 * 4096);
	assert_int_equal(swap_settings_limit(&run), 4 * 4096);
	assert_int_equal(swap_settings_size(&run), 15 * 4096 + (16 << 20));
	accept(&s.swap, SWAP_WORKING_SET, "1");
	assert_int_equal(swap_settings_working_set(&run), 3 * 4096);
	accept(&s.swap, SWAP_LIMIT, "8193");
	assert_int_equal(swap_settings_limit(&run), 8192);
	accept(&s.swap, SWAP_LIMIT, "1");
	assert_int_equal(swap_settings_limit(&run), 4096);
	accept(&s.swap, SWAP_SIZE, "5000");
	assert_int_equal(swap_settings_size(&run), 4096);
}

/* The rows of a run of @workload with @s, in memory that the caller frees. */
static char *rows_of(const struct workload *workload, struct settings *s)
{
	struct run run = {.settings = s, .workload = workload, .page_size = 4096};
	struct emit emit;
	size_t size;
	char *text;

	emit.out = open_memstream(&text, &size);
	swap_settings_rows(&run, &emit);
	fclose(emit.out);
	return text;
}

static void test_rows(void **state)
{
	struct settings s = {.nr_workers = 1, .bytes = 12 * 4096};
	char *text;

	(void)state;
	swap_settings_init(&s.swap);
	text = rows_of(&swap_workload, &s);
	assert_string_equal(text, "limit\tall\tB\t16384\tok\n"
				  "working_set\tall\tB\t49152\tok\n"
				  "lru\tall\ttext\tmemcg-second-chance\tok\n"
				  "lru_lock\tall\ttext\tpolicy\tok\n"
				  "memcgs\tall\t1\t2\tok\n"
				  "zswap_max\tall\ttext\tmax\tok\n"
				  "codec\tall\ttext\tlzo\tok\n"
				  "pool\tall\ttext\tzsmalloc\tok\n"
				  "pool_max\tall\t%\t20\tok\n"
				  "accept_threshold\tall\t%\t90\tok\n"
				  "zswap_shrinker\tall\ttext\toff\tok\n"
				  "swap_size\tall\tB\t16838656\tok\n"
				  "access\tall\ttext\tuniform\tok\n"
				  "compressibility\tall\t1\t3\tok\n");
	free(text);
	accept(&s.swap, SWAP_CONTENT, "some file");
	accept(&s.swap, SWAP_ZSWAP_MAX, "1M");
	text = rows_of(&swap_workload, &s);
	assert_non_null(strstr(text, "content\tall\ttext\tsome file\tok\n"));
	assert_non_null(strstr(text, "zswap_max\tall\tB\t1048576\tok\n"));
	assert_null(strstr(text, "compressibility"));
	free(text);
	text = rows_of(workload_find("anon"), &s);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),      cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_bad_arguments), cmocka_unit_test(test_together),
		cmocka_unit_test(test_sizes),	      cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
