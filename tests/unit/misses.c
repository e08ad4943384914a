/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/misses.h"
#include "analysis/misses_text.h"
#include "tests/unit/tree.h"

#define HEAD \
	"# faultscale misses 1\n" \
	"step\tvariant\tclients\titeration\tevent\tside\tsymbol\toffset\tline\tdata\tfile\t" \
	"count\tweight\tloads\tstores\thitm_local\thitm_remote\tstatus\n"
#define KEY	     "0\tanon\t2\t0\tcache-misses\t"
#define ALL(what, n) KEY "all\t" what "\t-\t-\t-\t-\t" n "\t0\t0\t0\t0\t0\tok\n"
#define KERNEL(symbol, offset, n) \
	KEY "kernel\t" symbol "\t" offset "\t-\t-\tvmlinux\t" n "\t0\t0\t0\t0\t0\tok\n"
#define USER(symbol, offset, line, n) \
	KEY "user\t" symbol "\t" offset "\t" line "\t-\tpft[00]:0x1\t" n "\t0\t0\t0\t0\t0\tok\n"
#define DATA(symbol, data, n, loads, stores, hitm) \
	KEY "user\t" symbol "\t+0x1/0x9\t-\t" data "\tpft[00]:0x1\t" n "\t0\t" loads "\t" stores \
	    "\t" hitm "\t0\tok\n"

static int read_text(struct misses *m, const char *text, enum misses_by by, struct why *why)
{
	char *dir = tree_make(), *path = xasprintf("%s/misses.tsv", dir);
	int err;

	tree_put(dir, "/misses.tsv", text);
	*why = (struct why)WHY_INIT;
	err = misses_read(m, path, by, why);
	free(path);
	tree_remove(dir);
	return err;
}

static const struct miss *row_of(const struct miss_group *g, const char *symbol)
{
	for (size_t i = 0; i < g->rows.nr; i++)
		if (!strcmp(g->rows.misses[i]->where.symbol, symbol))
			return g->rows.misses[i];
	return NULL;
}

static const char before_text[] = HEAD ALL("faults", "1000") ALL("period", "100") ALL("lost", "2")
	KERNEL("down_read", "+0x10/0x80", "100") KERNEL("down_read", "+0x14/0x80", "50")
		KERNEL("moved", "+0x10/0x40", "70") KERNEL("moved", "+0x20/0x40", "30")
			KERNEL("vanished", "+0x0/0x20", "40") KERNEL("few", "+0x0/0x20", "29")
				USER("touch", "+0x8/0x20", "pft/touch.h:13", "60");

static const char after_text[] =
	HEAD ALL("faults", "2000") ALL("period", "100") KERNEL("down_read", "+0x10/0x80", "100")
		KERNEL("down_read", "+0x14/0x80", "200") KERNEL("moved", "+0x12/0x50", "200")
			KERNEL("few", "+0x0/0x20", "100") KERNEL("appeared", "+0x0/0x20", "33")
				USER("touch", "+0x18/0x30", "pft/touch.h:13", "120");

static void rows_are_kept_by_what_is_asked(void **state)
{
	struct misses m;
	struct why why;
	struct miss_group *g;

	(void)state;
	assert_int_equal(read_text(&m, before_text, MISSES_BY_INSTRUCTION, &why), 0);
	assert_int_equal(m.nr, 1);
	g = misses_find(&m, "anon", "2");
	assert_ptr_equal(g, m.groups[0]);
	assert_null(misses_find(&m, "anon", "4"));
	assert_int_equal(g->samples, 379);
	assert_int_equal(g->faults, 1000);
	assert_int_equal(g->lost, 2);
	assert_true(misses_per_fault(g) == 0.1);
	assert_int_equal(g->rows.nr, 7);
	assert_string_equal(g->rows.misses[0]->where.offset, "+0x10/0x80");
	misses_release(&m);
	assert_int_equal(read_text(&m, before_text, MISSES_BY_SYMBOL, &why), 0);
	assert_int_equal(m.groups[0]->rows.nr, 5);
	assert_int_equal(row_of(m.groups[0], "down_read")->counts.count, 150);
	misses_release(&m);
	assert_int_equal(read_text(&m, before_text, MISSES_BY_LINE, &why), 0);
	assert_string_equal(row_of(m.groups[0], "touch")->where.line, "pft/touch.h:13");
	misses_release(&m);
}

static void assert_change(const struct miss_change *c, const char *symbol, double before,
			  double after)
{
	const struct miss *m = c->a ? c->a : c->b;

	assert_string_equal(m->where.symbol, symbol);
	assert_true(fabs(c->before - before) < 1e-9);
	assert_true(fabs(c->after - after) < 1e-9);
}

static void changes_are_ranked_and_need_samples(void **state)
{
	struct misses a, b;
	struct miss_change *c;
	struct why why;
	size_t nr;

	(void)state;
	assert_int_equal(read_text(&a, before_text, MISSES_BY_INSTRUCTION, &why), 0);
	assert_int_equal(read_text(&b, after_text, MISSES_BY_INSTRUCTION, &why), 0);
	misses_align(a.groups[0], b.groups[0]);
	c = misses_compare(a.groups[0], b.groups[0], false, &nr);
	assert_int_equal(nr, 7);
	/* Per fault 0.1 before and 0.05 after: twice the faults. */
	assert_change(&c[0], "down_read", 5, 10);
	assert_change(&c[1], "down_read", 10, 5);
	assert_true(c[1].change == -5);
	assert_true(fabs(c[1].plus_minus - 1.96 * sqrt(100 * 0.01 + 100 * 0.0025)) < 1e-9);
	/* Another size is another build: the function as a whole. */
	assert_change(&c[2], "moved", 10, 10);
	assert_string_equal(c[2].a->where.offset, "-");
	/* The line is the same, wherever it went. */
	assert_change(&c[3], "touch", 6, 6);
	assert_true(c[3].change == 0);
	/* 29 samples on a side are too few, and one side alone has no difference. */
	assert_change(&c[4], "few", 2.9, 5);
	assert_true(isnan(c[4].change));
	assert_change(&c[5], "vanished", 4, 0);
	assert_null(c[5].b);
	assert_change(&c[6], "appeared", 0, 1.65);
	assert_null(c[6].a);
	free(c);
	misses_release(&a);
	misses_release(&b);
}

static void shares_stand_in_for_unknown_faults(void **state)
{
	struct misses a;
	struct miss_change *c;
	struct why why;
	size_t nr;

	(void)state;
	assert_int_equal(read_text(&a,
				   HEAD KERNEL("f", "+0x1/0x2", "30") KERNEL("g", "+0x1/0x2", "90"),
				   MISSES_BY_INSTRUCTION, &why),
			 0);
	assert_true(isnan(misses_per_fault(a.groups[0])));
	c = misses_compare(a.groups[0], a.groups[0], true, &nr);
	assert_int_equal(nr, 2);
	assert_change(&c[0], "g", 0.75, 0.75);
	free(c);
	misses_release(&a);
}

static void lines_of_data_show_readers_and_writers(void **state)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	struct misses m;
	struct why why;

	(void)state;
	assert_int_equal(
		read_text(&m,
			  HEAD DATA("reader", "vma.vm_refcnt @128 line 2, pair line: own line 3",
				    "50", "50", "0",
				    "9") DATA("writer",
					      "vma.vm_refcnt @128 line 2, pair line: own line 3",
					      "20", "0", "20", "0")
				  DATA("other", "vma.vm_mm @16 line 0, pair line: own line 1", "90",
				       "90", "0", "0") DATA("none", "-", "5", "5", "0", "0"),
			  MISSES_BY_DATA, &why),
		0);
	misses_print_data(out, m.groups[0], 0);
	fclose(out);
	/* HITM first, though there are more samples elsewhere. */
	assert_non_null(strstr(
		text, "       70       50       20        9        0  vma line 2, pair line: "
		      "own line 3\n"));
	assert_true(strstr(text, "vma line 2") < strstr(text, "vma line 0"));
	assert_non_null(strstr(text, "vma.vm_refcnt @128 by reader (user)\n"));
	assert_non_null(strstr(
		text, "       20        0       20        0        0      vma.vm_refcnt @128 by "
		      "writer (user)\n"));
	assert_null(strstr(text, "none"));
	free(text);
	misses_release(&m);
}

#define LOCK(side, symbol, line, data, n) \
	KEY side "\t" symbol "\t+0x1/0x9\t" line "\t" data "\tpft[00]:0x1\t" n \
		 "\t0\t0\t0\t0\t0\tok\n"

static uint64_t samples_of(const struct miss_group *g, const char *lock)
{
	const struct miss *m = row_of(g, lock);

	return m ? m->counts.count : 0;
}

static void locks_are_told_by_word_file_and_function(void **state)
{
	static const char text[] = HEAD
		/* The word that was accessed says most. */
		LOCK("user", "mm_fault", "pft/locks/vma_ref.h:70",
		     "vm_area_struct.vm_refcnt @128 line 2, pair line: own line 3", "1")
			LOCK("user", "mm_munmap", "-", "vm_area_struct.vm_refcnt @128 line 2, pair",
			     "2") LOCK("user", "mm_fault", "-",
				       "mm_struct.mmap_lock.count @184 line 2, pair", "4")
		/* A field that is none: then the line, even of what is inlined. */
		LOCK("user", "mm_fault", "pft/base/rwsem_spin.h:12",
		     "vm_area_struct.vm_mm @16 line 0, pair line: own line 1",
		     "8") LOCK("user", "fault_anon", "pft/base/rwsem_spin.c:30", "-",
			       "16") LOCK("user", "list_lru_add", "pft/base/spinlock.h:66", "-",
					  "32") LOCK("user", "osq_lock", "-", "-", "64")
			LOCK("user", "mm_fault", "pft/base/frame.h:141", "-",
			     "128") LOCK("kernel", "clear_page_erms", "-", "kernel memory", "256")
				LOCK("kernel", "native_queued_spin_lock_slowpath", "-",
				     "kernel memory",
				     "512") LOCK("kernel", "down_read_trylock", "-", "-", "1024")
					LOCK("kernel", "lock_vma_under_rcu", "-", "-", "2048");
	const struct miss_group *g;
	struct misses m;
	struct why why;

	(void)state;
	assert_int_equal(read_text(&m, text, MISSES_BY_LOCK, &why), 0);
	g = m.groups[0];
	assert_int_equal(g->samples, 4095);
	assert_int_equal(samples_of(g, "vm_area_struct.vm_refcnt"), 3);
	assert_int_equal(samples_of(g, "mm_struct.mmap_lock.count"), 4);
	assert_int_equal(samples_of(g, "rwsem, spinning in fault"), 24);
	assert_int_equal(samples_of(g, "spinlock in list_lru_add"), 32);
	assert_int_equal(samples_of(g, "queue of spinners in osq_lock"), 64);
	assert_int_equal(samples_of(g, "spinlock, slow path in native_queued_spin_lock_slowpath"),
			 512);
	assert_int_equal(samples_of(g, "rwsem in down_read_trylock"), 1024);
	assert_int_equal(samples_of(g, "VMA lock in lock_vma_under_rcu"), 2048);
	/* One row of each side. */
	assert_int_equal(samples_of(g, "no lock"), 256);
	assert_int_equal(g->rows.nr, 10);
	misses_release(&m);
}

static void broken_files_are_refused(void **state)
{
	struct misses m;
	struct why why;

	(void)state;
	assert_int_equal(read_text(&m, HEAD KERNEL("f", "-", "many"), MISSES_BY_SYMBOL, &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "misses.tsv:3: count"));
	misses_release(&m);
	assert_int_equal(
		read_text(&m,
			  HEAD KERNEL("f", "-", "1") "0\tanon\t2\t0\tcycles\tkernel\tf\t-\t-\t-\t-"
						     "\t1\t0\t0\t0\t0\t0\tok\n",
			  MISSES_BY_SYMBOL, &why),
		-EINVAL);
	assert_non_null(strstr(why.text, "in one cell"));
	misses_release(&m);
	assert_int_equal(misses_read(&m, "/nowhere", MISSES_BY_SYMBOL, &why), -ENOENT);
	misses_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_kept_by_what_is_asked),
		cmocka_unit_test(changes_are_ranked_and_need_samples),
		cmocka_unit_test(shares_stand_in_for_unknown_faults),
		cmocka_unit_test(lines_of_data_show_readers_and_writers),
		cmocka_unit_test(locks_are_told_by_word_file_and_function),
		cmocka_unit_test(broken_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
