/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/sample/objects.h"

#define HEAD		   "# faultscale rows 1\nmetric\tthread\tunit\tvalue\tstatus\n"
#define ROW(metric, value) metric "\tall\ttext\t" value "\tok\n"

static const char rows[] =
	HEAD "faults\tall\t1\t4096\tok\n"
	     "announce_window\t0\ttext\t11 1000 2000\tok\n"
	     "announce_window\t1\ttext\t12 1500 2500\tok\n" ROW("workload", "engine-anon")
	/* 6.18: 192 bytes, so every second object begins in the upper half of a pair. */
	ROW("announce_struct", "vm_area_struct 192 vm_start@0+8 vm_lock_seq@40+4 vm_refcnt@128+4")
		ROW("announce_range", "vm_area_struct 0x10000 4096 192")
	/* 40 bytes back to back: they share lines with their neighbours. */
	ROW("announce_struct", "vma_lock 40 lock.count@0+8 lock.wait_list@24+16")
		ROW("announce_range", "vma_lock 0x8000 4096 40")
			ROW("announce_struct", "maple_node 256")
				ROW("announce_range", "maple_node 0x20000 4096 256");

static int parse(struct objects *o, const char *text, struct why *why)
{
	return objects_read(o, fmemopen((char *)text, strlen(text), "r"), why);
}

static void assert_named(const struct objects *o, uint64_t address, const char *name)
{
	char text[256];

	assert_true(objects_name(o, address, text, sizeof(text)));
	assert_string_equal(text, name);
}

static void fields_lines_and_pairs_have_names(void **state)
{
	struct objects o;
	struct why why = WHY_INIT;
	char text[256];

	(void)state;
	assert_int_equal(parse(&o, rows, &why), 0);
	/* The first object begins a pair: line 2 is with what follows it, the next object's line 0. */
	assert_named(&o, 0x10000 + 128,
		     "vm_area_struct.vm_refcnt @128 line 2, pair line: of its neighbour");
	assert_named(&o, 0x10000 + 40,
		     "vm_area_struct.vm_lock_seq @40 line 0, pair line: own line 1");
	assert_named(&o, 0x10000 + 64, "vm_area_struct @64 line 1, pair line: own line 0");
	/* The second one begins in the upper half. */
	assert_named(&o, 0x10000 + 192 + 131,
		     "vm_area_struct.vm_refcnt @131 line 2, pair line: own line 1");
	assert_named(&o, 0x10000 + 192,
		     "vm_area_struct.vm_start @0 line 0, pair line: of its neighbour");
	/* The object at 40..79 reaches into the second line: its lines count from its own first. */
	assert_named(&o, 0x8000 + 40 + 24,
		     "vma_lock.lock.wait_list @24 line 1, pair line: own line 0");
	assert_named(&o, 0x8000 + 40, "vma_lock.lock.count @0 line 0, pair line: own line 1");
	assert_named(&o, 0x20000 + 300, "maple_node @44 line 0, pair line: own line 1");
	assert_false(objects_name(&o, 0x10000 + 4096, text, sizeof(text)));
	assert_false(objects_name(&o, 0x7fff, text, sizeof(text)));
	assert_false(objects_name(&o, 0, text, sizeof(text)));
	assert_int_equal(o.faults, 4096);
	objects_release(&o);
}

static void windows_are_each_workers_own(void **state)
{
	struct objects o;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(parse(&o, rows, &why), 0);
	assert_true(objects_in_window(&o, 11, 1000));
	assert_true(objects_in_window(&o, 11, 2000));
	assert_false(objects_in_window(&o, 11, 2001));
	assert_false(objects_in_window(&o, 12, 1400));
	/* A thread beside the workers: from the first start to the last end. */
	assert_true(objects_in_window(&o, 99, 1001));
	assert_true(objects_in_window(&o, 99, 2400));
	assert_false(objects_in_window(&o, 99, 2501));
	assert_false(objects_in_window(&o, 99, 999));
	objects_release(&o);
	assert_int_equal(parse(&o, HEAD, &why), 0);
	assert_false(objects_in_window(&o, 1, 1));
	objects_release(&o);
}

static void broken_rows_are_refused(void **state)
{
	static const char *const broken[] = {
		ROW("announce_window", "1 2"),
		ROW("announce_window", "1 20 10"),
		ROW("announce_window", "1 2 3 4"),
		ROW("announce_struct", "a"),
		ROW("announce_struct", "a 0"),
		ROW("announce_struct", "a 8 b"),
		ROW("announce_struct", "a 8 b@1"),
		ROW("announce_struct", "a 8 @1+2"),
		ROW("announce_range", "nothing 0x10 8 8"),
		ROW("announce_struct", "a 8") ROW("announce_range", "a 0x10 8 0"),
		ROW("announce_struct", "a 8") ROW("announce_range", "a 0x10 8"),
		ROW("announce_struct", "a 8") ROW("announce_range", "a 0xffffffffffffffff 8 8"),
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct why why = WHY_INIT;
		struct objects o;

		snprintf(text, sizeof(text), HEAD "%s", broken[i]);
		assert_int_equal(parse(&o, text, &why), -EINVAL);
		assert_non_null(strstr(why.text, "rows:"));
		objects_release(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_lines_and_pairs_have_names),
		cmocka_unit_test(windows_are_each_workers_own),
		cmocka_unit_test(broken_rows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
