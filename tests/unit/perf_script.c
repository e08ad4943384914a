/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/perf_script.h"

#define CORPUS "tests/fuzz/perf_script.corpus/"

static void read_file(struct perf_script *s, const char *path)
{
	FILE *in = fopen(path, "re");
	struct why why = WHY_INIT;

	assert_non_null(in);
	assert_int_equal(perf_script_read(s, in, path, &why), 0);
}

static int read_text(struct perf_script *s, const char *text, struct why *why)
{
	*why = (struct why)WHY_INIT;
	return perf_script_read(s, fmemopen((char *)text, strlen(text), "r"), "text", why);
}

/* The row of that function; NULL if there is none. */
static const struct miss *row_of(const struct perf_script *s, const char *symbol)
{
	for (size_t i = 0; i < s->table.nr; i++)
		if (!strcmp(s->table.misses[i]->where.symbol, symbol))
			return s->table.misses[i];
	return NULL;
}

static void one_line_a_sample(void **state)
{
	struct perf_script s;
	const struct miss *m;

	(void)state;
	read_file(&s, CORPUS "plain");
	assert_string_equal(s.event, "cpu-clock");
	assert_int_equal(s.period, 500000);
	assert_int_equal(s.passed_over, 0);
	assert_true(s.samples >= 20);
	m = row_of(&s, "exc_page_fault");
	assert_non_null(m);
	assert_string_equal(m->where.side, "kernel");
	assert_string_equal(m->where.offset, "+0xd7");
	assert_string_equal(m->where.file, "vmlinux");
	m = row_of(&s, "fill_pages");
	assert_non_null(m);
	assert_string_equal(m->where.side, "user");
	assert_string_equal(m->where.file, "pft");
	perf_script_release(&s);
}

static void call_chains_give_their_innermost_frame(void **state)
{
	struct perf_script s;
	const struct miss *m;

	(void)state;
	read_file(&s, CORPUS "chains");
	assert_string_equal(s.event, "page-faults");
	m = row_of(&s, "fill_pages");
	assert_non_null(m);
	assert_int_equal(m->counts.count, s.samples);
	assert_null(row_of(&s, "worker_round"));
	perf_script_release(&s);
}

static void source_lines_are_kept(void **state)
{
	struct perf_script s;
	const struct miss *m;

	(void)state;
	read_file(&s, CORPUS "srcline");
	m = row_of(&s, "fill_pages");
	assert_non_null(m);
	assert_non_null(strstr(m->where.line, "touch.h:"));
	assert_int_equal(s.period, 0);
	perf_script_release(&s);
}

static void data_sources_are_understood(void **state)
{
	struct perf_script s;
	const struct miss *m;

	(void)state;
	read_file(&s, CORPUS "memory");
	assert_string_equal(s.event, "cpu/mem-loads,ldlat=30/P");
	/* Threads in the measured region have a name: the others do not count. */
	assert_int_equal(s.samples, 3);
	assert_null(row_of(&s, "main"));
	assert_int_equal(row_of(&s, MISSES_OUTSIDE)->counts.count, 1);
	m = row_of(&s, "down_read_trylock");
	assert_int_equal(m->counts.count, 2);
	assert_int_equal(m->counts.loads, 1);
	assert_int_equal(m->counts.stores, 1);
	assert_int_equal(m->counts.hitm_local, 1);
	assert_int_equal(m->counts.hitm_remote, 1);
	assert_int_equal(m->counts.weight, 312 + 95);
	m = row_of(&s, "operator new(unsigned long)");
	assert_string_equal(m->where.offset, "+0x10");
	assert_int_equal(m->counts.hitm_local + m->counts.hitm_remote, 0);
	perf_script_release(&s);
}

static void other_text_is_refused(void **state)
{
	struct perf_script s;
	struct why why;

	(void)state;
	assert_int_equal(read_text(&s, "hello\nworld\n", &why), -ENODATA);
	perf_script_release(&s);
	assert_int_equal(read_text(&s,
				   "a 1 1.5: 1 cycles: ffff f (x)\n"
				   "a 1 1.6: 1 instructions: ffff f (x)\n",
				   &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "text:2"));
	perf_script_release(&s);
	/* A sample without an instruction is told, not guessed. */
	assert_int_equal(
		read_text(&s, "a 1 1.5: 1 cycles: ffff f (x)\na 1 1.6: 1 cycles:\n\n", &why), 0);
	assert_int_equal(s.samples, 1);
	assert_int_equal(s.passed_over, 1);
	perf_script_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_a_sample),
		cmocka_unit_test(call_chains_give_their_innermost_frame),
		cmocka_unit_test(source_lines_are_kept),
		cmocka_unit_test(data_sources_are_understood),
		cmocka_unit_test(other_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
