/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "harness/sample/resolve.h"

static const char kernel[] = "ffffffff81000000 T _stext\n"
			     "ffffffff81001000 T down_read\n"
			     "ffffffff81001080 T up_read\n"
			     "ffffffff81004000 T _etext\n"
			     "ffffffff82000000 D _sdata\n"
			     "ffffffff82000020 d init_mm\n"
			     "ffffffff82001000 B __bss_stop\n";

static const char rows[] = "# faultscale rows 1\n"
			   "metric\tthread\tunit\tvalue\tstatus\n"
			   "announce_window\t0\ttext\t101 1000 2000\tok\n"
			   "announce_struct\tall\ttext\tvma 192 vm_refcnt@128+4\tok\n"
			   "announce_range\tall\ttext\tvma 0x7f0000001000 4096 192\tok\n"
			   "faults\tall\t1\t64\tok\n";

/* A far load in the kernel, or of code that is mapped nowhere. */
static struct sample sample_at(uint64_t ip, uint64_t address, uint64_t ns)
{
	const union perf_mem_data_src far = {.mem_op = PERF_MEM_OP_LOAD,
					     .mem_lvl_num = PERF_MEM_LVLNUM_RAM};

	return (struct sample){.ip = ip,
			       .kernel = ip >> 63,
			       .pid = 100,
			       .tid = 101,
			       .ns = ns,
			       .address = address,
			       .source = far.val};
}

static void resolve(struct miss_table *t, const struct sample *samples, size_t nr)
{
	struct resolver r = {0};
	struct objects objects;
	struct sample_log log;
	struct why why = WHY_INIT;

	assert_int_equal(
		kallsyms_read(&r.kernel, fmemopen((char *)kernel, strlen(kernel), "r"), &why), 0);
	assert_int_equal(objects_read(&objects, fmemopen((char *)rows, strlen(rows), "r"), &why),
			 0);
	sample_log_init(&log, SAMPLE_TYPE_BASE | SAMPLE_TYPE_DATA);
	log.samples = xcalloc(nr, sizeof(*samples));
	memcpy(log.samples, samples, nr * sizeof(*samples));
	log.nr_samples = log.cap_samples = nr;
	resolve_samples(&r, &log, &objects, true, t);
	sample_log_release(&log);
	objects_release(&objects);
	resolver_release(&r);
}

static void data_has_the_name_that_is_known(void **state)
{
	static const struct {
		uint64_t address;
		const char *name;
	} cases[] = {
		{0x7f0000001000 + 192 + 128, "vma.vm_refcnt @128 line 2, pair line: own line 1"},
		{0xffffffff82000048, "init_mm @40 line 1"},
		{0xffff888012345678, "kernel memory"},
		{0xffffffff81001000, "kernel memory"}, /* a constant among code */
		{0x7f0000900000, "-"},
		{0, "-"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sample s = sample_at(0xffffffff81001010, cases[i].address, 1500);
		struct miss_table t = {0};

		resolve(&t, &s, 1);
		assert_string_equal(t.misses[0]->where.symbol, "down_read");
		assert_string_equal(t.misses[0]->where.offset, "+0x10/0x80");
		assert_string_equal(t.misses[0]->where.data, cases[i].name);
		assert_int_equal(t.misses[0]->counts.loads, 1);
		miss_table_release(&t);
	}
}

static uint64_t total(const struct miss_table *t, const char *what)
{
	const struct miss_where where = {MISSES_ALL, what, "-", "-", "-", "-"};
	const struct miss *m = miss_table_find(t, &where);

	return m ? m->counts.count : UINT64_MAX;
}

static void what_does_not_count_is_told(void **state)
{
	struct sample samples[] = {
		sample_at(0xffffffff81001010, 0, 1500), sample_at(0xffffffff81001010, 0, 1600),
		sample_at(0xffffffff81001010, 0, 900), /* before the worker's start */
		sample_at(0xffffffff81001010, 0, 1700), /* near: left out */
		sample_at(0x401000, 0, 1800),
	};
	struct miss_table t = {0};

	(void)state;
	samples[3].source = 0;
	resolve(&t, samples, 5);
	assert_int_equal(t.misses[0]->counts.count, 2);
	assert_string_equal(t.misses[1]->where.symbol, "[unknown]");
	assert_string_equal(t.misses[1]->status, "unavailable: nothing of a file is mapped there");
	assert_int_equal(total(&t, MISSES_OUTSIDE), 1);
	assert_int_equal(total(&t, MISSES_FAULTS), 64);
	assert_int_equal(total(&t, MISSES_LOST), 0);
	assert_int_equal(t.nr, 6);
	miss_table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_has_the_name_that_is_known),
		cmocka_unit_test(what_does_not_count_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
