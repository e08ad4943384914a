/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/tsv.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const char *const columns[] = {"key", "value", NULL};
static const struct tsv_schema schema = {"meta", 1, columns};
static char path[] = "/tmp/faultscale-tsv-XXXXXX";

/* Open a file of this text; returns the error, with the reason in @why. */
static int open_text(struct tsv_reader *r, const char *text, struct why *why)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
	return tsv_reader_init(r, path, &schema, why);
}

static void every_text_survives(void **state)
{
	static const char *const texts[] = {"",	   "plain", "a\tb", "line\nline\r\n",
					    "\\n", "\\",    "\\\t"};
	struct tsv_reader r;
	char *fields[2];
	FILE *out = fopen(path, "we");

	(void)state;
	assert_non_null(out);
	tsv_write_head(out, &schema);
	for (size_t i = 0; i < NR(texts); i++) {
		tsv_write_field(out, "key", '\t');
		tsv_write_field(out, texts[i], '\n');
	}
	assert_int_equal(fclose(out), 0);
	assert_int_equal(tsv_reader_init(&r, path, &schema, NULL), 0);
	for (size_t i = 0; i < NR(texts); i++) {
		assert_int_equal(tsv_reader_next(&r, fields, NULL), 1);
		assert_string_equal(fields[0], "key");
		assert_string_equal(fields[1], texts[i]);
	}
	assert_int_equal(tsv_reader_next(&r, fields, NULL), 0);
	assert_false(r.torn);
	tsv_reader_release(&r);
}

static void a_torn_line_is_no_record(void **state)
{
	struct tsv_reader r;
	char *fields[2];

	(void)state;
	assert_int_equal(open_text(&r, "# faultscale meta 1\nkey\tvalue\na\tb\nc\thalf", NULL), 0);
	assert_int_equal(tsv_reader_next(&r, fields, NULL), 1);
	assert_int_equal(tsv_reader_next(&r, fields, NULL), 0);
	assert_true(r.torn);
	tsv_reader_release(&r);
}

static void further_columns_are_ignored(void **state)
{
	struct tsv_reader r;
	char *fields[2];

	(void)state;
	assert_int_equal(open_text(&r, "# faultscale meta 1\nkey\tvalue\tnew\na\tb\tc\n", NULL), 0);
	assert_int_equal(tsv_reader_next(&r, fields, NULL), 1);
	assert_string_equal(fields[1], "b");
	tsv_reader_release(&r);
}

static void unlike_files_are_refused(void **state)
{
	static const struct {
		const char *text, *reason;
	} bad[] = {
		{"", "empty file"},
		{"# faultscale meta 1\n", "column names are missing"},
		{"hello\n", "not a faultscale table"},
		{"# faultscale plan 1\nkey\tvalue\n", "wrong kind"},
		{"# faultscale metal 1\nkey\tvalue\n", "wrong kind"},
		{"# faultscale meta 2\nkey\tvalue\n", "version '2' of meta is unknown"},
		{"# faultscale meta one\nkey\tvalue\n", "version 'one'"},
		{"# faultscale meta 1\nkey\n", "column 'value' expected"},
		{"# faultscale meta 1\nvalue\tkey\n", "column 'key' expected"},
	};
	struct tsv_reader r;

	(void)state;
	for (size_t i = 0; i < NR(bad); i++) {
		struct why why = WHY_INIT;

		assert_int_equal(open_text(&r, bad[i].text, &why), -EINVAL);
		assert_non_null(strstr(why.text, bad[i].reason));
		assert_non_null(strstr(why.text, path));
	}
	assert_int_equal(tsv_reader_init(&r, "/nonexistent/file", &schema, NULL), -ENOENT);
}

static void a_bad_record_names_its_line(void **state)
{
	static const char *const bad[] = {"only-one\n", "a\tb\\x\n", "a\tb\\\n"};
	char *fields[2];

	(void)state;
	for (size_t i = 0; i < NR(bad); i++) {
		struct why why = WHY_INIT;
		struct tsv_reader r;
		char text[100], where[64];

		snprintf(text, sizeof(text), "# faultscale meta 1\nkey\tvalue\n%s", bad[i]);
		snprintf(where, sizeof(where), "%s:3:", path);
		assert_int_equal(open_text(&r, text, &why), 0);
		assert_int_equal(tsv_reader_next(&r, fields, &why), -EINVAL);
		assert_non_null(strstr(why.text, where));
		tsv_reader_release(&r);
	}
}

static int make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_survives),
		cmocka_unit_test(a_torn_line_is_no_record),
		cmocka_unit_test(further_columns_are_ignored),
		cmocka_unit_test(unlike_files_are_refused),
		cmocka_unit_test(a_bad_record_names_its_line),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
