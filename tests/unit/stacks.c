/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stacks are read as: names for addresses, folded text, causes of waits, locks. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "harness/probes/cause.h"

/* A stack from its text, innermost first, blanks between. */
static const struct stack_names *stack(const char *text)
{
	static struct stack_names s;
	static char words[512];
	char *rest = words;

	snprintf(words, sizeof(words), "%s", text);
	for (s.nr = 0; rest; s.nr++)
		s.names[s.nr] = strsep(&rest, " ");
	return &s;
}

static void fold_is(const char *text, const char *wanted)
{
	char *folded = stack_fold(stack(text));

	assert_string_equal(folded, wanted);
	free(folded);
}

static void stacks_are_folded(void **state)
{
	struct stack_names odd = {{"operator new", "a;b"}, 2};
	char *folded = stack_fold(&odd);

	(void)state;
	assert_string_equal(folded, "a_b;operator_new");
	free(folded);
	fold_is("__schedule schedule do_nanosleep", "do_nanosleep;schedule;__schedule");
	odd.nr = 0;
	folded = stack_fold(&odd);
	assert_string_equal(folded, "-");
	free(folded);
}

static void causes_follow_the_innermost_rule(void **state)
{
	static const struct {
		const char *stack;
		enum cause cause;
	} cases[] = {
		{"__schedule schedule schedule_preempt_disabled rwsem_down_read_slowpath down_read "
		 "do_exit",
		 CAUSE_RWSEM_READ},
		{"__schedule schedule rwsem_down_write_slowpath.isra.0 down_write_killable vm_mmap",
		 CAUSE_RWSEM_WRITE},
		{"__schedule __mutex_lock.constprop.0 pipe_write", CAUSE_MUTEX},
		{"__schedule schedule futex_do_wait __futex_wait futex_wait", CAUSE_FUTEX},
		{"__schedule schedule futex_wait_queue futex_wait", CAUSE_FUTEX},
		{"__schedule io_schedule folio_wait_bit_common filemap_fault", CAUSE_PAGE_IO},
		{"__schedule schedule_timeout io_schedule_timeout reclaim_throttle shrink_node",
		 CAUSE_PAGE_IO},
		{"__schedule schedule_timeout reclaim_throttle shrink_node", CAUSE_RECLAIM},
		{"__schedule __cond_resched shrink_folio_list try_to_free_pages", CAUSE_RECLAIM},
		{"__schedule __mutex_lock shrink_slab", CAUSE_MUTEX},
		{"__schedule __cond_resched down_read_killable mmap_read_lock_killable",
		 CAUSE_RWSEM_READ},
		{"__schedule __cond_resched down_write vm_mmap_pgoff", CAUSE_RWSEM_WRITE},
		{"__schedule schedule_timeout mem_cgroup_handle_over_high", CAUSE_RECLAIM},
		{"__schedule schedule do_nanosleep", CAUSE_OTHER},
		{"submit_bio_wait_else", CAUSE_OTHER},
		{"submit_bio_wait.part.0", CAUSE_PAGE_IO},
		{"not_futex_wait", CAUSE_OTHER},
		{"__mutex", CAUSE_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cause_of(stack(cases[i].stack)) != cases[i].cause)
			fail_msg("'%s' is not %s", cases[i].stack, cause_names[cases[i].cause]);
}

static void engine_wait_is(const char *text, const char *wanted)
{
	char *wait = cause_engine_wait(stack(text));

	assert_string_equal(wait, wanted);
	free(wait);
}

static void waits_of_the_engine_have_a_place(void **state)
{
	(void)state;
	engine_wait_is("syscall task_schedule rwsem_down_read_slow lock_fault_mmap.cold mm_fault",
		       "rwsem-read in lock_fault_mmap");
	engine_wait_is("syscall arch_wait task_schedule rwsem_down_write_slow rwsem_down_write "
		       "lock_mmap_write mm_mmap",
		       "rwsem-write in lock_mmap_write");
	engine_wait_is("syscall task_schedule rcuwait_schedule vma_start_write",
		       "rcuwait in vma_start_write");
	engine_wait_is("syscall rwsem_down_read_slow", "rwsem-read");
	engine_wait_is("clock_nanosleep usleep main", "-");
}

static void locks_have_types_callers_and_names(void **state)
{
	(void)state;
	assert_string_equal(cause_lock_type(1), "spin");
	assert_string_equal(cause_lock_type(2), "rwsem-read");
	assert_string_equal(cause_lock_type(4), "rwsem-write");
	assert_string_equal(cause_lock_type(1 | 2), "rwlock-read");
	assert_string_equal(cause_lock_type(1 | 4), "rwlock-write");
	assert_string_equal(cause_lock_type(8), "rt-mutex");
	assert_string_equal(cause_lock_type(16 | 4), "percpu-rwsem-write");
	assert_string_equal(cause_lock_type(32 | 1), "mutex");
	assert_string_equal(
		cause_caller(stack("rwsem_down_read_slowpath down_read_killable mincore")),
		"mincore");
	assert_string_equal(cause_caller(stack("__pv_queued_spin_lock_slowpath _raw_spin_lock "
					       "raw_spin_rq_lock_nested __schedule")),
			    "__schedule");
	assert_string_equal(cause_caller(stack("down_write")), "-");
	assert_string_equal(cause_lock_name(4, "vm_mmap_pgoff"), "mmap_lock");
	assert_string_equal(cause_lock_name(1, "folio_lruvec_lock_irqsave"), "lruvec->lru_lock");
	assert_string_equal(cause_lock_name(32, "pipe_write"), "pipe->mutex");
	/* A spinlock in a function that is known for its mmap_lock is another one. */
	assert_null(cause_lock_name(1, "vm_mmap_pgoff"));
	assert_null(cause_lock_name(2, "nobody"));
}

/* Not static, and not inlined: it has to have a symbol and code of its own. */
__attribute__((noinline)) int looked_for(int n);
int looked_for(int n)
{
	return n * 3 + 1;
}

static void our_own_code_has_names(void **state)
{
	struct symbols symbols = {0};
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t size = 0;

	(void)state;
	assert_non_null(maps);
	while (getline(&line, &size, maps) > 0) {
		char range[64], mode[8], offset[32], path[256], *text;

		if (sscanf(line, "%63s %7s %31s %*s %*s %255s", range, mode, offset, path) == 4 &&
		    mode[2] == 'x' && *path == '/') {
			text = xasprintf("%s %s %s", range, offset, path);
			assert_int_equal(symbols_map(&symbols, text), 0);
			free(text);
		}
	}
	free(line);
	fclose(maps);
	assert_string_equal(symbols_user(&symbols, (uintptr_t)looked_for + 1), "looked_for");
	assert_string_equal(symbols_user(&symbols, (uintptr_t)malloc), "malloc");
	assert_string_equal(symbols_user(&symbols, 8), "[unknown]");
	symbols_clear(&symbols);
	assert_string_equal(symbols_user(&symbols, (uintptr_t)looked_for), "[unknown]");
	symbols_release(&symbols);
}

static void what_is_no_program_names_nothing(void **state)
{
	struct symbols symbols = {0};

	(void)state;
	assert_int_equal(symbols_map(&symbols, "1000-2000 0 /nonexistent/lib.so"), 0);
	assert_int_equal(symbols_map(&symbols, "2000-3000 0 /proc/version"), 0);
	assert_string_equal(symbols_user(&symbols, 0x1800), "[lib.so]");
	assert_string_equal(symbols_user(&symbols, 0x2800), "[version]");
	assert_int_not_equal(symbols_map(&symbols, "2000-1000 0 /bin/sh"), 0);
	assert_int_not_equal(symbols_map(&symbols, "1000-2000 0"), 0);
	assert_int_not_equal(symbols_map(&symbols, "text"), 0);
	assert_int_not_equal(symbols_map(&symbols, ""), 0);
	symbols_release(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_are_folded),
		cmocka_unit_test(causes_follow_the_innermost_rule),
		cmocka_unit_test(waits_of_the_engine_have_a_place),
		cmocka_unit_test(locks_have_types_callers_and_names),
		cmocka_unit_test(our_own_code_has_names),
		cmocka_unit_test(what_is_no_program_names_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
