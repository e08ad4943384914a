/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that describe a guest, and the modules that it needs. */
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

#include "common/xalloc.h"
#include "harness/guest/cpio.h"
#include "harness/guest/modules.h"
#include "harness/guest/shape.h"
#include "tests/unit/tree.h"

/* "SOCKETS,CORES,THREADS MiB: CPUS@MiB ..." of the words, or the reason why not. */
static const char *shape(const char *nodes, const char *cpus, const char *memory)
{
	const struct shape_words words = {.nodes = nodes, .cpus = cpus, .memory = memory};
	static char text[600];
	struct why why = WHY_INIT;
	struct shape s;

	if (shape_init(&s, &words, &why)) {
		snprintf(text, sizeof(text), "%s", why.text);
	} else {
		snprintf(text, sizeof(text), "%u,%u,%u %u:", s.sockets, s.cores, s.threads,
			 (unsigned)(s.bytes >> 20));
		for (unsigned i = 0; i < s.nr_nodes; i++) {
			char *ids = id_list_format(s.nodes[i].cpus.ids, s.nodes[i].cpus.nr);

			snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s@%u", ids,
				 (unsigned)(s.nodes[i].bytes >> 20));
			free(ids);
		}
	}
	shape_release(&s);
	return text;
}

static void test_shapes(void **state)
{
	(void)state;
	assert_string_equal(shape("2", "4", "1G"), "2,2,1 1024: 0-1@512 2-3@512");
	assert_string_equal(shape(NULL, "3", NULL), "1,3,1 1024: 0-2@1024");
	assert_string_equal(shape("2", "2,2,2", "2G"), "2,2,2 2048: 0-3@1024 4-7@1024");
	assert_string_equal(shape("0:384M/1:256M/2:0/-:256M", NULL, NULL),
			    "3,1,1 896: 0@384 1@256 2@0 @256");
	assert_string_equal(shape("0-1:512M/2:512M", NULL, NULL), "3,1,1 1024: 0-1@512 2@512");
	assert_string_equal(shape("2", "3", NULL),
			    "--nodes: 3 CPUs cannot be shared evenly by 2 nodes; say which each "
			    "has: --nodes 0-1:1G/2:1G");
	assert_non_null(strstr(shape("0:1G/0:1G", NULL, NULL), "each once"));
	assert_non_null(strstr(shape("0:0/1:0", NULL, NULL), "no node has memory"));
	assert_non_null(strstr(shape("65", NULL, NULL), "--nodes"));
	assert_non_null(strstr(shape("0:1G/1:1G", "4", NULL), "--nodes has 2 CPUs"));
	assert_non_null(strstr(shape("0", NULL, NULL), "--nodes"));
	assert_non_null(strstr(shape("1", "256", NULL), "--cpus"));
}

static void test_distances(void **state)
{
	struct shape_words words = {.nodes = "2", .cpus = "2", .distance = "21"};
	struct shape s;

	(void)state;
	assert_int_equal(shape_init(&s, &words, NULL), 0);
	assert_int_equal(s.distances[0], 10);
	assert_int_equal(s.distances[1], 21);
	assert_int_equal(s.distances[2], 21);
	shape_release(&s);
	words.distance = "10,30/40,10";
	assert_int_equal(shape_init(&s, &words, NULL), 0);
	assert_int_equal(s.distances[1], 30);
	assert_int_equal(s.distances[2], 40);
	shape_release(&s);
	words.distance = "10,30/40,11";
	assert_int_not_equal(shape_init(&s, &words, NULL), 0);
	shape_release(&s);
}

/* What a module needs is loaded before it, each once. */
static void test_modules(void **state)
{
	char *dir = tree_make(), *dep;
	static const char *const order[] = {"k/c.ko", "k/b.ko.xz", "k/a-x.ko", "k/d.ko"};
	struct modules m;
	FILE *out;

	(void)state;
	dep = xasprintf("%s/modules.dep", dir);
	assert_int_not_equal(modules_init(&m, dir, "/dev/null", NULL), 0);
	modules_release(&m);
	out = fopen(dep, "w");
	assert_non_null(out);
	fputs("k/a-x.ko: k/b.ko.xz k/c.ko\nk/b.ko.xz: k/c.ko\nk/c.ko:\nk/d.ko: k/b.ko.xz k/c.ko\n",
	      out);
	fclose(out);
	assert_int_equal(modules_init(&m, dir, "/dev/null", NULL), 0);
	assert_int_equal(modules_add(&m, "a_x n=1", NULL), 0);
	assert_int_equal(modules_add(&m, "d", NULL), 0);
	assert_int_equal(modules_add(&m, "k", NULL), -ENOENT);
	assert_int_equal(m.nr, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(m.list[i].path + strlen(dir) + 1, order[i]);
	assert_string_equal(m.list[2].params, "n=1");
	modules_release(&m);
	free(dep);
	tree_remove(dir);
}

/* Each entry: a header of 110 characters, name and bytes padded to four; folders once, in front. */
static void test_cpio(void **state)
{
	struct cpio c;
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	(void)state;
	cpio_init(&c, out);
	cpio_file(&c, "/a/b", 0644, "xyz", 3);
	cpio_file(&c, "/a/b", 0644, "other", 5);
	cpio_link(&c, "/a/c", "b");
	cpio_end(&c);
	fclose(out);
	assert_int_equal(len % 4, 0);
	assert_memory_equal(text, "070701", 6);
	assert_string_equal(text + 110, "a");
	assert_memory_equal(text + 112, "070701", 6);
	assert_memory_equal(text + 112 + 14, "000081A4", 8);
	assert_string_equal(text + 112 + 110, "a/b");
	assert_memory_equal(text + 112 + 116,
			    "xyz\0"
			    "070701",
			    10);
	assert_null(memmem(text, len, "other", 5));
	assert_non_null(memmem(text, len, "TRAILER!!!", 11));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_distances),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_cpio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
