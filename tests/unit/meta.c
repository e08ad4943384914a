/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/meta.h"
#include "tests/unit/tree.h"

static void facts_survive(void **state)
{
	char *root = tree_make(), *path = xasprintf("%s/meta.tsv", root);
	struct meta meta = {0}, back;

	(void)state;
	meta_add(&meta, "config_text", "export A=1\n# %s\tb\\\n", "100%");
	meta_add(&meta, "warning", "one");
	meta_add(&meta, "warning", "two");
	meta_absent(&meta, "turbo", "no %s", "file");
	assert_int_equal(meta_write(&meta, path, NULL), 0);
	assert_int_equal(meta_append(path, "status", "complete", NULL), 0);
	meta_release(&meta);
	assert_int_equal(meta_read(&back, path, NULL), 0);
	assert_int_equal(back.nr, 5);
	assert_string_equal(meta_get(&back, "config_text"), "export A=1\n# 100%\tb\\\n");
	assert_string_equal(meta_get(&back, "turbo"), "unavailable: no file");
	assert_string_equal(meta_get(&back, "status"), "complete");
	assert_string_equal(back.facts[2].value, "two");
	assert_null(meta_get(&back, "nothing"));
	meta_drop(&back, "warning");
	assert_int_equal(back.nr, 3);
	assert_null(meta_get(&back, "warning"));
	meta_release(&back);
	free(path);
	tree_remove(root);
}

static void a_torn_fact_is_dropped(void **state)
{
	char *root = tree_make(), *path = xasprintf("%s/meta.tsv", root);
	struct meta back;

	(void)state;
	tree_put(root, "/meta.tsv", "# faultscale meta 1\nkey\tvalue\na\t1\nstatus\tcomp");
	assert_int_equal(meta_read(&back, path, NULL), 0);
	assert_int_equal(back.nr, 1);
	meta_release(&back);
	free(path);
	tree_remove(root);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct meta meta = {0};
	struct why why = WHY_INIT;

	(void)state;
	meta_add(&meta, "a", "1");
	assert_int_equal(meta_write(&meta, "/nonexistent/meta.tsv", &why), -ENOENT);
	assert_non_null(strstr(why.text, "'/nonexistent/meta.tsv'"));
	assert_int_equal(meta_append("/dev/full", "a", "1", &why), -ENOSPC);
	meta_release(&meta);
}

static void a_write_is_whole_or_not_at_all(void **state)
{
	char *root = tree_make(), *path = xasprintf("%s/file", root);
	char buf[16] = "";
	FILE *in;

	(void)state;
	tree_put(root, "/file", "old");
	assert_int_equal(durable_replace(path, "new text", 8, NULL), 0);
	in = fopen(path, "re");
	assert_non_null(in);
	assert_int_equal(fread(buf, 1, sizeof(buf) - 1, in), 8);
	fclose(in);
	assert_string_equal(buf, "new text");
	free(path);
	path = xasprintf("%s/file.new", root);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_survive),
		cmocka_unit_test(a_torn_fact_is_dropped),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
		cmocka_unit_test(a_write_is_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
