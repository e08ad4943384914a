/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the probes' tables add up to, by hand-written tables whose sums are known. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/flame.h"
#include "analysis/format/svg.h"
#include "analysis/frames.h"
#include "analysis/samples.h"
#include "analysis/sums.h"
#include "analysis/where.h"
#include "analysis/words.h"
#include "common/xalloc.h"
#include "tests/unit/tree.h"

#define HEAD(kind, columns) \
	"# faultscale " kind " 1\nstep\tvariant\tclients\titeration\t" columns "\n"
#define OFFCPU \
	HEAD("offcpu", "kind\tcause\tcount\ttotal_ns\tmax_ns\topen\tkernel_stack\tuser_stack\twait")
#define WAITS  HEAD("waits", "kind\tcause\tlog2_ns\tcount")
#define PROBES HEAD("probes", "probe\tstatus\tevents\tlost\truns\tns")
#define MMAP_LOCK \
	HEAD("mmap_lock", \
	     "side\tcount\tfailed\twait_ns\thold_ns\tmax_wait_ns\tmax_hold_ns\tin_fault")

static const struct bootstrap boot = {.resamples = 400, .seed = 1, .level = 0.95};
static const struct selection all = {.by = BY_RUN};

/* Two explained iterations of 2 clients: 1000 faults in 1 ms each, so 2 ms of thread time. */
static char *make_run(const char *offcpu)
{
	char *root = tree_make();

	tree_put(root, "/samples.tsv",
		 "# faultscale samples 1\nstep\tvariant\tclients\titeration\tmetric\tthread\tunit\t"
		 "value\tstatus\n"
		 "0\tanon\t2\t0\tfaults\tall\t1\t500\tok\n"
		 "0\tanon\t2\t0\twall_s\tall\ts\t1\tok\n"
		 "0\tanon\t2\t0\tstep\tall\ttext\tdone\tok\n");
	tree_put(root, "/explained.tsv",
		 "# faultscale samples 1\nstep\tvariant\tclients\titeration\tmetric\tthread\tunit\t"
		 "value\tstatus\n"
		 "0\tanon\t2\t0\tfaults\tall\t1\t1000\tok\n"
		 "0\tanon\t2\t0\twall_s\tall\ts\t0.001\tok\n"
		 "0\tanon\t2\t0\tstep\tall\ttext\tdone\tok\n"
		 "1\tanon\t2\t1\tfaults\tall\t1\t1000\tok\n"
		 "1\tanon\t2\t1\twall_s\tall\ts\t0.001\tok\n"
		 "1\tanon\t2\t1\tstep\tall\ttext\tdone\tok\n");
	tree_put(root, "/offcpu.tsv", offcpu);
	return root;
}

/* The readers' wait of 400 and 800 us, and in the first iteration 40 us for a CPU. */
static const char two_waits[] = OFFCPU
	"0\tanon\t2\t0\tblocked\trwsem-read\t4\t400000\t250000\t1\t"
	"asm_exc_page_fault;lock_mm_and_find_vma+0x3f/0x1c0;down_read_killable;schedule\t"
	"main;touch\t-\n"
	"0\tanon\t2\t0\trunqueue\tother\t2\t40000\t30000\t0\tschedule\tmain;touch\t-\n"
	"1\tanon\t2\t1\tblocked\trwsem-read\t8\t800000\t300000\t0\t"
	"asm_exc_page_fault;lock_mm_and_find_vma+0x11/0x1c0;down_read_killable.cold;schedule\t"
	"main;touch+0x4\t-\n";

struct told {
	struct run runs[2];
	struct run *list[2];
	struct run_list run_list;
	struct notes notes;
	struct where where;
};

/* Load @nr runs and add them up. */
static int told_init(struct told *r, char *const *roots, size_t nr, enum profile_of of,
		     struct why *why)
{
	int err = 0;

	*r = (struct told){0};
	for (size_t i = 0; i < nr && !err; i++) {
		char *samples = xasprintf("%s/samples.tsv", roots[i]);

		run_init(&r->runs[i], i ? "after" : "before", roots[i], RUN_OWN);
		r->list[i] = &r->runs[i];
		err = samples_read(&r->runs[i], samples, &r->notes, why);
		free(samples);
	}
	r->run_list = (struct run_list){.runs = r->list, .nr = nr};
	return err ? err : where_init(&r->where, of, &r->run_list, &all, &boot, &r->notes, why);
}

static void told_release(struct told *r, char *const *roots, size_t nr)
{
	where_release(&r->where);
	notes_release(&r->notes);
	for (size_t i = 0; i < nr; i++) {
		run_release(&r->runs[i]);
		tree_remove(roots[i]);
	}
}

static void load(struct told *r, char *const *roots, size_t nr, enum profile_of of)
{
	struct why why = WHY_INIT;

	if (told_init(r, roots, nr, of, &why))
		fail_msg("%s", why.text);
}

/* Two workers and two writers for 1 ms, which is 4 ms of thread time. */
static void writers_are_threads_too(void **state)
{
	char *root =
		make_run(OFFCPU "0\tanon\t2\t0\tsleep\tfutex\t4\t1000000\t250000\t0\t-\t-\t-\n");
	const struct profile *p;
	struct told r;

	(void)state;
	tree_put(root, "/explained.tsv",
		 "# faultscale samples 1\nstep\tvariant\tclients\titeration\tmetric\tthread\tunit\t"
		 "value\tstatus\n"
		 "0\tanon\t2\t0\twall_s\tall\ts\t0.001\tok\n"
		 "0\tanon\t2\t0\twriters\tall\t1\t2\tok\n"
		 "0\tanon\t2\t0\tstep\tall\ttext\tdone\tok\n");
	load(&r, &root, 1, PROFILE_OFFCPU);
	p = &r.where.cells[0].profile;
	assert_float_equal(profile_share(p, p->all, 0), 0.25, 1e-9);
	told_release(&r, &root, 1);
}

/* The waits of before are the answer where those of after are none. */
static void words_tell_what_has_gone(void **state)
{
	char *roots[] = {make_run(two_waits),
			 make_run(OFFCPU "0\tanon\t2\t0\tblocked\tmutex\t1\t10000\t9000\t0\t"
					 "f;mutex_lock;schedule\t-\t-\n")};
	struct told r;
	char *text;
	size_t len;
	FILE *out;

	(void)state;
	load(&r, roots, 2, PROFILE_OFFCPU);
	out = xmemstream(&text, &len);
	words_print(out, &r.where);
	fclose(out);
	if (!strstr(text,
		    "At 2 clients 0.5% of thread time is off-CPU, 0% waiting for mmap_lock as "
		    "reader, 0% ready to run but waiting for a CPU; before: 31%, 30% and 1.0%."))
		fail_msg("%s", text);
	free(text);
	told_release(&r, roots, 2);
}

static void without_a_probe_nothing_is_explained(void **state)
{
	char *root = make_run(OFFCPU);
	struct why why = WHY_INIT;
	struct told r;

	(void)state;
	assert_int_equal(told_init(&r, &root, 1, PROFILE_OFFCPU, &why), -ENOENT);
	assert_non_null(strstr(why.text, "no probe was attached"));
	told_release(&r, &root, 1);
}

static void sums_of_one_run(void **state)
{
	char *root = make_run(two_waits);
	const struct wait_entry *e;
	const struct profile *p;
	struct told r;

	(void)state;
	load(&r, &root, 1, PROFILE_OFFCPU);
	assert_int_equal(r.where.nr, 1);
	p = &r.where.cells[0].profile;
	assert_int_equal(p->sides[0].nr, 2);
	assert_float_equal(profile_share(p, p->all, 0), 0.31, 1e-9); /* (440 + 800) / 4000 */
	assert_float_equal(profile_us(p, p->all, 0), 620, 1e-9);
	assert_float_equal(profile_waits(p, p->all, 0), 7, 1e-9);
	assert_int_equal(p->nr_stacks, 2); /* offsets and clones do not count */
	e = p->stacks[0];
	assert_string_equal(e->what, "blocked rwsem-read");
	assert_string_equal(e->lock, "mmap_lock");
	assert_string_equal(e->site, "lock_mm_and_find_vma");
	assert_float_equal(profile_share(p, e, 0), 0.3, 1e-9);
	assert_int_equal(e->side[0].max_ns, 300000);
	assert_int_equal(e->side[0].open, 1);
	assert_int_equal(p->nr_causes, 2);
	e = p->causes[1];
	assert_string_equal(e->what, "runqueue other");
	assert_float_equal(profile_us(p, e, 0), 20, 1e-9); /* 0 in the second iteration */
	told_release(&r, &root, 1);
}

static void difference_of_two_runs(void **state)
{
	char *roots[2] = {
		make_run(OFFCPU
			 "0\tanon\t2\t0\tblocked\tmutex\t1\t10000\t1\t0\tf;mutex_lock\t-\t-\n"
			 "1\tanon\t2\t1\tblocked\tmutex\t1\t10000\t1\t0\tf;mutex_lock\t-\t-\n"),
		make_run(two_waits)};
	const struct profile *p;
	char *text, *lines;
	struct told r;
	size_t len;
	FILE *out;

	(void)state;
	load(&r, roots, 2, PROFILE_OFFCPU);
	p = &r.where.cells[0].profile;
	assert_float_equal(p->all->change, 610, 1e-9);
	assert_int_equal(p->nr_stacks, 3);
	assert_float_equal(p->stacks[0]->change, 600, 1e-9); /* in the order of their size */
	assert_float_equal(p->stacks[1]->change, 20, 1e-9);
	assert_float_equal(p->stacks[2]->change, -10, 1e-9);
	assert_float_equal(p->stacks[0]->interval.low, 400, 1e-9);
	assert_float_equal(p->stacks[0]->interval.high, 800, 1e-9);
	assert_float_equal(p->stacks[2]->interval.low, -10, 1e-9);
	out = xmemstream(&text, &len);
	words_print(out, &r.where);
	fclose(out);
	assert_string_equal(
		text, "At 2 clients 31% of thread time is off-CPU, 30% waiting for mmap_lock as "
		      "reader, 1.0% ready to run but waiting for a CPU; before: 0.5%, 0% and 0%. "
		      "The largest change is +600.0 us per 1000 faults waiting for mmap_lock as "
		      "reader, in lock_mm_and_find_vma (95%: +400.0 to +800.0).\n\n");
	out = xmemstream(&lines, &len);
	flame_fold(out, &r.where);
	fclose(out);
	assert_string_equal(
		lines, "main;touch;-;asm_exc_page_fault;lock_mm_and_find_vma;down_read_killable;"
		       "schedule;[blocked rwsem-read: mmap_lock] 0 600000\n"
		       "main;touch;-;schedule;[runqueue other] 0 20000\n"
		       "-;f;mutex_lock;[blocked mutex] 10000 0\n");
	free(text);
	free(lines);
	told_release(&r, roots, 2);
}

static void unequal_iterations_have_means(void **state)
{
	char *root = make_run(OFFCPU "7\tanon\t2\t5\tblocked\tmutex\t1\t1000\t1\t0\tf\t-\t-\n");
	const struct profile *p;
	struct told r;

	(void)state;
	load(&r, &root, 1, PROFILE_OFFCPU);
	p = &r.where.cells[0].profile; /* iteration 5 is not in explained.tsv: 500 faults, 1 s */
	assert_float_equal(profile_us(p, p->all, 0), 2, 1e-9);
	assert_float_equal(profile_share(p, p->all, 0), 1000 / 2e9, 1e-15);
	told_release(&r, &root, 1);
}

static void silent_iterations_count(void **state)
{
	char *root = make_run(OFFCPU "0\tanon\t2\t0\tblocked\tmutex\t1\t10000\t1\t0\tf\t-\t-\n");
	struct told r;

	(void)state;
	tree_put(root, "/probes.tsv",
		 PROBES
		 "0\tanon\t2\t0\toffcpu\tok\t1\t0\t-\t-\n1\tanon\t2\t1\toffcpu\tok\t0\t0\t-\t-\n");
	load(&r, &root, 1, PROFILE_OFFCPU);
	assert_float_equal(profile_us(&r.where.cells[0].profile, r.where.cells[0].profile.all, 0),
			   5, 1e-9);
	told_release(&r, &root, 1);
}

static void quantiles(void **state)
{
	uint64_t bins[NR_BINS] = {0};

	(void)state;
	assert_true(isnan(bins_quantile(bins, 0.5)));
	bins[10] = 4;
	assert_float_equal(bins_quantile(bins, 0.5), 1536, 1e-9);
	assert_float_equal(bins_quantile(bins, 1), 2048, 1e-9);
	bins[63] = 4;
	assert_float_equal(bins_quantile(bins, 0.5), 2048, 1e-9);
	assert_float_equal(bins_quantile(bins, 0.75), ldexp(1.5, 63), 1e6);
}

/* Place a wait by its stacks. */
static void assert_place(const char *kernel, const char *user, const char *design, const char *site,
			 const char *lock)
{
	struct wait_place place;

	wait_place_init(&place, kernel, user, design);
	assert_string_equal(place.site, site);
	assert_string_equal(place.lock, lock);
	wait_place_release(&place);
}

static void places(void **state)
{
	(void)state;
	assert_place("", "", NULL, "?", "");
	assert_place(
		"do_syscall_64;__vm_munmap;down_write_killable;rwsem_down_write_slowpath;schedule",
		"", NULL, "__vm_munmap", "mmap_lock");
	assert_place("a;folio_lruvec_lock_irqsave;_raw_spin_lock_irqsave", "", NULL,
		     "folio_lruvec_lock_irqsave", "lruvec->lru_lock");
	assert_place(
		"asm_exc_page_fault;do_user_addr_fault;handle_mm_fault;alloc_pages;__cond_resched",
		"", NULL, "alloc_pages", "");
	assert_place("entry_SYSCALL_64;do_syscall_64;__x64_sys_futex;futex_wait;schedule",
		     "mm_munmap;vma_ref_mark_detached;enter_locked;rcuwait_schedule;arch_wait",
		     "vma-refcnt", "vma_ref_mark_detached",
		     "the readers of a VMA's refcount in munmap (design vma-refcnt)");
	assert_place("futex_wait;schedule",
		     "mm_fault;lock_fault_mmap;rwsem_down_read_slow;task_schedule;arch_wait", "-",
		     "lock_fault_mmap", "mmap_lock as reader in fault (engine)");
	assert_place("futex_wait;schedule",
		     "mm_fork;anon_vma_clone;rwsem_down_write_slow;arch_wait", NULL,
		     "anon_vma_clone", "an rwsem as writer in fork (engine)");
}

static int lost_of(const char *probes, struct why *why)
{
	char *root = make_run(two_waits);
	struct told r;
	int err;

	tree_put(root, "/probes.tsv", probes);
	load(&r, &root, 1, PROFILE_OFFCPU);
	err = where_check_lost(&r.where, why);
	told_release(&r, &root, 1);
	return err;
}

static void losses(void **state)
{
	struct why why = WHY_INIT;
	char *root;
	struct told r;

	(void)state;
	assert_int_equal(lost_of(PROBES "0\tanon\t2\t0\toffcpu\tlost\t990\t10\t-\t-\n", &why), 0);
	assert_int_equal(lost_of(PROBES "0\tanon\t2\t0\toffcpu\tlost\t989\t11\t-\t-\n", &why),
			 -ERANGE);
	assert_non_null(strstr(why.text, "probe 'offcpu' lost 1.1% of its events with clients=2"));
	assert_int_equal(lost_of(PROBES "0\tanon\t2\t0\tlatency\tlost\t0\t11\t-\t-\n", &why), 0);
	root = make_run(OFFCPU "0\tanon\t2\t0\tblocked\tmutex\t1\t10\t1\t0\t-\tmain\t-\n"
			       "0\tanon\t2\t0\trunqueue\tother\t99\t10\t1\t0\t-\tmain\t-\n");
	load(&r, &root, 1, PROFILE_OFFCPU);
	assert_int_equal(where_check_lost(&r.where, &why), -ERANGE);
	assert_non_null(strstr(why.text, "the stacks of 100.0% of the waits were lost"));
	told_release(&r, &root, 1);
}

static void missing_probe(void **state)
{
	char *root = make_run(OFFCPU), *reason;
	struct told r;

	(void)state;
	tree_put(root, "/probes.tsv",
		 PROBES "0\tanon\t2\t0\toffcpu\tunsupported: no BTF\t-\t-\t-\t-\n");
	load(&r, &root, 1, PROFILE_OFFCPU);
	reason = where_unsupported(&r.where);
	assert_string_equal(reason, "before: no BTF");
	free(reason);
	told_release(&r, &root, 1);
}

static void mmap_lock_rates(void **state)
{
	char *root = make_run(two_waits);
	struct mmap_lock_sum sum;
	struct told r;

	(void)state;
	tree_put(root, "/mmap_lock.tsv",
		 MMAP_LOCK "0\tanon\t2\t0\tread\t30\t2\t3000\t900\t700\t80\t20\n"
			   "1\tanon\t2\t1\tread\t10\t0\t1000\t300\t900\t70\t0\n"
			   "0\tanon\t2\t0\twrite\t0\t0\t0\t0\t0\t0\t0\n");
	load(&r, &root, 1, PROFILE_OFFCPU);
	mmap_lock_sum(&sum, &r.where.cells[0], 0, false);
	assert_true(sum.known);
	assert_float_equal(sum.in_fault, 10, 1e-9);
	assert_float_equal(sum.acquired, 20, 1e-9);
	assert_float_equal(sum.failed, 1, 1e-9);
	assert_float_equal(sum.wait_ns, 100, 1e-9);
	assert_float_equal(sum.hold_ns, 30, 1e-9);
	assert_int_equal(sum.max_wait_ns, 900);
	mmap_lock_sum(&sum, &r.where.cells[0], 0, true);
	assert_true(sum.known && isnan(sum.wait_ns));
	told_release(&r, &root, 1);
}

/* Read these bytes as a table; the reason goes to @why. */
static int read_table(const char *name, const char *text, struct why *why)
{
	char *root = tree_make(), *file = xasprintf("/%s.tsv", name);
	struct notes notes = {0};
	struct findings findings;
	struct run run;
	int err;

	tree_put(root, file, text);
	run_init(&run, "x", root, RUN_OWN);
	err = findings_load(&findings, &run, &notes, why);
	if (!err)
		findings_release(&findings);
	run_release(&run);
	notes_release(&notes);
	tree_remove(root);
	free(file);
	return err;
}

static void broken_tables(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(read_table("waits", WAITS "0\ta\t2\t0\tblocked\tmutex\t63\t1\n", &why), 0);
	assert_int_equal(read_table("waits", WAITS "0\ta\t2\t0\tblocked\tmutex\t64\t1\n", &why),
			 -EINVAL);
	assert_non_null(
		strstr(why.text,
		       "/waits.tsv:3: column 'log2_ns': not a whole number up to 63, with '64'"));
	assert_int_equal(read_table("waits", WAITS "0\ta\t2\t0\tasleep\tmutex\t6\t1\n", &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "/waits.tsv:3: unknown kind 'asleep': there is blocked"));
	assert_int_equal(read_table("waits", WAITS "0\ta\t2\t0\tblocked\n", &why), -EINVAL);
	assert_int_equal(read_table("waits", OFFCPU, &why), -EINVAL);
	assert_int_equal(read_table("waits", "", &why), -EINVAL);
	assert_int_equal(read_table("waits", WAITS "0\ta\t2\t0\tblocked\tmu", &why), 0); /* torn */
	assert_int_equal(
		read_table("mmap_lock", MMAP_LOCK "0\ta\t2\t0\trw\t1\t1\t1\t1\t1\t1\t1\n", &why),
		-EINVAL);
	assert_int_equal(read_table("probes", PROBES "0\ta\t2\t0\tx\tfine\t1\t1\t1\t1\n", &why),
			 -EINVAL);
	assert_int_equal(read_table("nosuch", "", &why), -ENOENT);
}

/* Names that would be markup stay text, and what XML cannot hold is replaced. */
static void svg_escapes(void **state)
{
	char *root = make_run(OFFCPU "0\tanon\t2\t0\tblocked\tmu&tex\t1\t100000\t1\t0\t"
				     "<script>alert(\"1\")</script>;\x01\xff\t-\t-\n");
	struct flame_frame *tree;
	struct told r;
	double share;
	char *text;
	size_t len;
	FILE *out;

	(void)state;
	load(&r, &root, 1, PROFILE_OFFCPU);
	tree = flame_new(&r.where);
	out = xmemstream(&text, &len);
	svg_flame(out, &(struct svg_flame){.title = "a <b> & 'c'", .root = tree}, &share);
	fclose(out);
	assert_null(strstr(text, "<script"));
	assert_non_null(strstr(text, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
	assert_non_null(strstr(text, "a &lt;b&gt; &amp; &#39;c&#39;"));
	assert_non_null(strstr(text, "<title>??: 100.0 us per 1000 faults, 100.0% of all</title>"));
	assert_non_null(strstr(text, "[blocked mu&amp;tex]"));
	flame_free(tree);
	free(text);
	told_release(&r, &root, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_of_one_run),
		cmocka_unit_test(writers_are_threads_too),
		cmocka_unit_test(words_tell_what_has_gone),
		cmocka_unit_test(without_a_probe_nothing_is_explained),
		cmocka_unit_test(difference_of_two_runs),
		cmocka_unit_test(unequal_iterations_have_means),
		cmocka_unit_test(silent_iterations_count),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(places),
		cmocka_unit_test(losses),
		cmocka_unit_test(missing_probe),
		cmocka_unit_test(mmap_lock_rates),
		cmocka_unit_test(broken_tables),
		cmocka_unit_test(svg_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
