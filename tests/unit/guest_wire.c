/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest sends is parsed in any pieces, refused where it is no frame or would leave the run's
 * directory, and written only when it is whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "harness/guest/console.h"
#include "harness/guest/mirror.h"
#include "harness/guest/receiver.h"
#include "harness/guest/wire.h"
#include "tests/unit/tree.h"

static void feed(struct wire_reader *r, const char *text, size_t len)
{
	memcpy(wire_reader_room(r, len), text, len);
	r->len += len;
}

static void test_pieces(void **state)
{
	static const char text[] = "hello 1 0 -\nfile 7 3 a/b.tsv\nx\nyend 2 0 -\n";
	struct wire_reader r = {0};
	struct wire_frame frame;
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		feed(&r, text + i, 1);
		while (wire_reader_next(&r, &frame, NULL) == 1) {
			if (seen == 1) {
				assert_int_equal(frame.kind, WIRE_FILE);
				assert_int_equal(frame.number, 7);
				assert_string_equal(frame.path, "a/b.tsv");
				assert_memory_equal(frame.data, "x\ny", 3);
			}
			seen++;
		}
	}
	assert_int_equal(seen, 3);
	assert_int_equal(frame.kind, WIRE_END);
	assert_int_equal(frame.number, 2);
	wire_reader_release(&r);
}

static void test_no_frames(void **state)
{
	static const char *const bad[] = {
		"hallo 1 0 -\n",
		"file 1 0\n",
		"file x 0 a\n",
		"file 0 -1 a\n",
		"file 0 99999999999 a\n",
		"file 0 0 a b\n",
		"file 0 0 ../meta\n",
		"file 0 0 /etc/passwd\n",
		"file 0 0 a/../../b\n",
		"file 0 0 .hidden\n",
		"file 0 0 a//b\n",
		"file 0 0 a/\n",
		"file 0 0 -rf\n",
		"file 0 0 a;b\n",
		"\n",
		"a/b/c/d/e/f/g/h/i\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wire_reader r = {0};
		struct wire_frame frame;
		struct why why = WHY_INIT;

		feed(&r, bad[i], strlen(bad[i]));
		assert_int_equal(wire_reader_next(&r, &frame, &why), -EINVAL);
		assert_non_null(strstr(why.text, "no frame"));
		wire_reader_release(&r);
	}
	assert_int_equal(wire_path_check("a/b/c/d/e/f/g/h"), 0);
	assert_int_equal(wire_path_check("a/b/c/d/e/f/g/h/i"), -EINVAL);
}

/* A line that does not end is no frame either. */
static void test_endless_line(void **state)
{
	struct wire_reader r = {0};
	struct wire_frame frame;
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	feed(&r, text, sizeof(text));
	assert_int_equal(wire_reader_next(&r, &frame, NULL), -EINVAL);
	wire_reader_release(&r);
}

/* What is shown of it steers no terminal. */
static void test_harmless(void **state)
{
	static const char line[] = "\033]0;owned\a 1 0 -\n";
	static const char text[] = "a\tb\n\033[2J\r\b\177\302\233K \302\261 \342\200\231 \233";
	struct wire_reader r = {0};
	struct wire_frame frame;
	struct why why = WHY_INIT;
	char *shown;
	size_t len;
	FILE *out = xmemstream(&shown, &len);

	(void)state;
	feed(&r, line, sizeof(line) - 1);
	assert_int_equal(wire_reader_next(&r, &frame, &why), -EINVAL);
	assert_non_null(strstr(why.text, "'?]0;owned? 1 0 -'"));
	wire_reader_release(&r);
	console_write(out, text, sizeof(text) - 1);
	fclose(out);
	assert_string_equal(shown, "a\tb\n[2J\302K \302\261 \342\200\231 ");
	free(shown);
}

/* A length beyond the limit is none, whatever follows. */
static void test_huge(void **state)
{
	struct wire_reader r = {0};
	struct wire_frame frame;
	char head[80];

	(void)state;
	snprintf(head, sizeof(head), "file 0 %zu a\n", WIRE_LENGTH_MAX + 1);
	feed(&r, head, strlen(head));
	assert_int_equal(wire_reader_next(&r, &frame, NULL), -EINVAL);
	wire_reader_release(&r);
	snprintf(head, sizeof(head), "file 0 %zu a\n", WIRE_LENGTH_MAX);
	feed(&r, head, strlen(head));
	assert_int_equal(wire_reader_next(&r, &frame, NULL), 0);
	assert_true(r.cap < 4096);
	wire_reader_release(&r);
}

static int take(struct receiver *r, enum wire_kind kind, uint64_t number, const char *path,
		const char *data)
{
	struct wire_frame frame = {
		.kind = kind, .number = number, .len = strlen(data), .data = data};

	snprintf(frame.path, sizeof(frame.path), "%s", path);
	return receiver_take(r, &frame, NULL);
}

/* The text of a file, "" if there is none. */
static const char *text_of(const char *dir, const char *path)
{
	static char text[256];
	char *full = xasprintf("%s/run/%s", dir, path);
	FILE *in = fopen(full, "re");
	size_t len = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

	if (in)
		fclose(in);
	free(full);
	text[len] = '\0';
	return text;
}

static void test_commits(void **state)
{
	char *dir = tree_make();
	struct receiver r;

	(void)state;
	receiver_init(&r, dir, "run");
	assert_int_equal(take(&r, WIRE_FILE, 0, "samples.tsv", "one\n"), 0);
	assert_int_equal(take(&r, WIRE_FILE, 4, "samples.tsv", "two\n"), 0);
	assert_int_equal(take(&r, WIRE_FILE, 0, "plan.tsv", "plan\n"), 0);
	assert_null(r.result.dir);
	assert_string_equal(text_of(dir, "samples.tsv"), "");
	assert_int_equal(take(&r, WIRE_COMMIT, 0, "-", ""), 0);
	assert_string_equal(text_of(dir, "samples.tsv"), "one\ntwo\n");
	assert_string_equal(text_of(dir, "plan.tsv"), "plan\n");

	assert_int_equal(take(&r, WIRE_FILE, 8, "samples.tsv", "three\n"), 0);
	assert_int_equal(take(&r, WIRE_FILE, 0, "iter-0/pft/log", "log\n"), 0);
	assert_string_equal(text_of(dir, "samples.tsv"), "one\ntwo\n");
	assert_int_equal(take(&r, WIRE_COMMIT, 0, "-", ""), 0);
	assert_string_equal(text_of(dir, "samples.tsv"), "one\ntwo\nthree\n");
	assert_string_equal(text_of(dir, "iter-0/pft/log"), "log\n");

	assert_int_equal(take(&r, WIRE_FILE, 0, "a", "12"), 0);
	assert_int_equal(take(&r, WIRE_FILE, 3, "a", "4"), -EINVAL);
	assert_int_equal(take(&r, WIRE_FILE, 99, "samples.tsv", "x"), 0);
	assert_int_equal(take(&r, WIRE_COMMIT, 0, "-", ""), -ESTALE);
	assert_string_equal(text_of(dir, "samples.tsv"), "one\ntwo\nthree\n");
	receiver_release(&r);
	tree_remove(dir);
}

/* What guest it is the host says. */
static void test_guest(void **state)
{
	char *dir = tree_make();
	struct meta guest = {0};
	struct receiver r;

	(void)state;
	meta_add(&guest, "guest_kernel", "bzImage");
	receiver_init(&r, dir, "run");
	r.guest = &guest;
	assert_int_equal(take(&r, WIRE_FILE, 0, "plan.tsv", "plan\n"), 0);
	assert_int_equal(take(&r, WIRE_FILE, 0, RECEIVER_GUEST, "guest_rootfs\t/etc\n"), -EPERM);
	assert_int_equal(take(&r, WIRE_COMMIT, 0, "-", ""), 0);
	assert_non_null(strstr(text_of(dir, RECEIVER_GUEST), "\nguest_kernel\tbzImage\n"));
	assert_int_equal(take(&r, WIRE_FILE, 5, RECEIVER_GUEST, "more\n"), -EPERM);
	receiver_release(&r);
	meta_release(&guest);
	tree_remove(dir);
}

/* More than any run needs is refused before it is kept. */
static void test_limits(void **state)
{
	static char piece[1 << 20];
	struct wire_frame frame = {
		.kind = WIRE_FILE, .path = "a", .len = sizeof(piece), .data = piece};
	char *dir = tree_make();
	struct receiver r;
	unsigned taken = 0;

	(void)state;
	receiver_init(&r, dir, "run");
	while (!receiver_take(&r, &frame, NULL)) {
		taken++;
		frame.number += frame.len;
	}
	assert_int_equal(taken, RECEIVER_PENDING_MAX >> 20);
	receiver_release(&r);
	receiver_init(&r, dir, "run");
	frame.number = frame.len = 0;
	r.begun = RECEIVER_FILES_MAX - 1;
	assert_int_equal(receiver_take(&r, &frame, NULL), 0);
	assert_int_equal(receiver_take(&r, &frame, NULL), -EMFILE);
	r.begun = 0;
	r.bytes = RECEIVER_BYTES_MAX;
	frame.len = 1;
	assert_int_equal(receiver_take(&r, &frame, NULL), -EFBIG);
	receiver_release(&r);
	tree_remove(dir);
}

/* A link in the run's directory, whoever made it, is not followed by what is appended. */
static void test_links(void **state)
{
	char *dir = tree_make(), *out = xasprintf("%s/outside", dir);
	char *link = xasprintf("%s/run/samples.tsv", dir);
	struct receiver r;

	(void)state;
	tree_put(dir, "/outside", "abc");
	receiver_init(&r, dir, "run");
	assert_int_equal(take(&r, WIRE_FILE, 0, "plan.tsv", "plan\n"), 0);
	assert_int_equal(take(&r, WIRE_COMMIT, 0, "-", ""), 0);
	assert_int_equal(symlink(out, link), 0);
	assert_int_equal(take(&r, WIRE_FILE, 3, "samples.tsv", "def"), 0);
	assert_int_equal(take(&r, WIRE_COMMIT, 0, "-", ""), -ELOOP);
	receiver_release(&r);
	assert_string_equal(text_of(dir, "../outside"), "abc");
	free(link);
	free(out);
	tree_remove(dir);
}

static const struct {
	const char *path, *text;
} written[] = {{"samples.tsv", "1\n"}, {"meta.tsv", "k\tv\n"}};

static void put(const char *dir, const char *path, const char *text, const char *mode)
{
	char *full = xasprintf("%s/%s", dir, path);
	FILE *out = fopen(full, mode);

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	free(full);
}

/* The frames that mirror_send() sends now, "PATH@OFFSET:LENGTH ..." with '!' for the commit. */
static void sent(struct mirror *m, int fd, struct wire_reader *r, char *text, size_t size)
{
	struct wire_frame f;
	ssize_t n;

	*text = '\0';
	assert_int_equal(mirror_send(m, NULL), 0);
	n = recv(fd, wire_reader_room(r, 4096), 4096, MSG_DONTWAIT);
	assert_true(n > 0);
	r->len += (size_t)n;
	while (wire_reader_next(r, &f, NULL) == 1)
		if (f.kind == WIRE_COMMIT)
			snprintf(text + strlen(text), size - strlen(text), "!");
		else
			snprintf(text + strlen(text), size - strlen(text), "%s@%u:%zu ", f.path,
				 (unsigned)f.number, f.len);
}

static void test_mirror(void **state)
{
	char *dir = tree_make(), text[200];
	struct wire_reader r = {0};
	struct mirror m;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	put(dir, "known", "from before", "w");
	mirror_init(&m, dir, ends[0]);
	for (size_t i = 0; i < 2; i++)
		put(dir, written[i].path, written[i].text, "w");
	sent(&m, ends[1], &r, text, sizeof(text));
	assert_non_null(strstr(text, "samples.tsv@0:2 "));
	assert_non_null(strstr(text, "meta.tsv@0:4 "));
	assert_null(strstr(text, "known"));
	put(dir, "samples.tsv", "22\n", "a");
	put(dir, "meta.tsv", "l\tw\n", "a");
	sent(&m, ends[1], &r, text, sizeof(text));
	assert_non_null(strstr(text, "samples.tsv@2:3 "));
	assert_non_null(strstr(text, "meta.tsv@0:8 "));
	sent(&m, ends[1], &r, text, sizeof(text));
	assert_string_equal(text, "!");
	mirror_release(&m);
	wire_reader_release(&r);
	close(ends[0]);
	close(ends[1]);
	tree_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),	     cmocka_unit_test(test_no_frames),
		cmocka_unit_test(test_endless_line), cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_huge),	     cmocka_unit_test(test_commits),
		cmocka_unit_test(test_guest),	     cmocka_unit_test(test_limits),
		cmocka_unit_test(test_links),	     cmocka_unit_test(test_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
