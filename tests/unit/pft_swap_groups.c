/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a working set is shared out to groups, what cannot be asked for, and whose turn it is. */
#include "pft/swap_groups.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pft/emit.h"
#include "pft/workload.h"

enum { PAGE = 4096, MOST = 10 };

static const struct workload_param params[] = {
	SWAP_GROUPS_PARAMS,
	{NULL, NULL, NULL},
};
static const struct workload workload = {.name = "groups", .params = params};

/* A run of 100 pages with 50 of them in memory, by @workers with @memcgs groups. */
struct rig {
	struct settings settings;
	struct run run;
};

static void rig_init(struct rig *rig, unsigned workers, unsigned memcgs)
{
	*rig = (struct rig){.settings = {.workload = &workload, .nr_workers = workers}};
	rig->run =
		(struct run){.settings = &rig->settings, .workload = &workload, .page_size = PAGE};
	swap_settings_init(&rig->settings.swap);
	rig->settings.swap.working_set = 100 * PAGE;
	rig->settings.swap.limit = 50 * PAGE;
	rig->settings.swap.memcgs = memcgs;
}

static void test_shares(void **state)
{
	struct why why = WHY_INIT;
	struct swap_groups groups;
	struct rig rig;

	(void)state;
	rig_init(&rig, 1, 4);
	assert_int_equal(swap_groups_init(&groups, &rig.run, PAGE, MOST, &why), 0);
	assert_int_equal(groups.nr, 4);
	assert_int_equal(groups.nr_greedy, 1);
	assert_int_equal(groups.pages, 25);
	assert_int_equal(groups.cold, 12);
	assert_int_equal(groups.limit, 50 * PAGE / 4);
}

static void refuse(unsigned workers, unsigned memcgs, uint64_t limit, const char *greedy,
		   const char *cold, const char *wanted)
{
	struct workload_param asked[] = {
		{"greedy", greedy, ""}, {"cold", cold, ""}, {NULL, NULL, NULL}};
	struct workload picky = {.name = "groups", .params = asked};
	struct why why = WHY_INIT;
	struct swap_groups groups;
	struct rig rig;

	rig_init(&rig, workers, memcgs);
	rig.run.workload = &picky;
	rig.settings.swap.limit = limit;
	assert_int_equal(swap_groups_init(&groups, &rig.run, PAGE, MOST, &why), -EINVAL);
	assert_string_equal(why.text, wanted);
}

static void test_refused(void **state)
{
	(void)state;
	refuse(1, 11, 0, "1", "50", "at most 10 groups, with '--memcgs 11'");
	refuse(3, 2, 0, "1", "50", "3 workers for 2 groups: give --memcgs at least as many");
	refuse(1, 2, 0, "3", "50", "--param greedy: number not in 0..2, with '3'");
	refuse(1, 2, 0, "1", "91", "--param cold: number not in 0..90, with '91'");
	refuse(1, 5, 4 * PAGE, "all", "50",
	       "--limit: less than a page for each of 5 groups, with 16384 bytes");
}

static unsigned turns[32];
static uint64_t times[32];
static unsigned nr_turns, fails_at;

static int take_turn(struct worker *worker, unsigned group, uint64_t nr)
{
	(void)worker;
	turns[nr_turns] = group;
	times[nr_turns++] = nr;
	return nr_turns == fails_at ? -EIO : 0;
}

/* The second of two workers has groups 1 and 3 of 5, and none of the first one's. */
static void test_turns(void **state)
{
	static const unsigned wanted[] = {1, 3, 1, 3};
	const struct swap_groups groups = {.nr = 5};
	struct rig rig;
	struct worker worker = {.run = &rig.run, .id = 1, .planned = 3 * 32 + 4};

	(void)state;
	rig_init(&rig, 2, 5);
	assert_int_equal(swap_groups_pass(&worker, &groups, take_turn), 0);
	assert_int_equal(nr_turns, 4);
	assert_memory_equal(turns, wanted, sizeof(wanted));
	assert_int_equal(times[2], 32);
	assert_int_equal(times[3], 4);
	assert_int_equal(worker.faults, worker.planned);
	worker.faults = nr_turns = 0;
	fails_at = 2;
	assert_int_equal(swap_groups_pass(&worker, &groups, take_turn), -EIO);
	assert_int_equal(nr_turns, 2);
	assert_int_equal(worker.faults, 0);
}

static void test_rows(void **state)
{
	const struct swap_groups groups = {.nr = 5, .nr_greedy = 2, .cold = 7, .limit = 9};
	struct emit emit;
	size_t size;
	char *text;

	(void)state;
	emit.out = open_memstream(&text, &size);
	swap_groups_rows(&groups, &emit);
	swap_groups_emit_limit(&groups, &emit, "a_", true);
	swap_groups_emit_limit(&groups, &emit, "b_", false);
	swap_groups_emit_mean(&emit, "a_", "ns", 10, 4);
	swap_groups_emit_mean(&emit, "b_", "ns", 10, 0);
	fclose(emit.out);
	assert_string_equal(text, "greedy\tall\t1\t2\tok\n"
				  "cold_pages\tall\t1\t21\tok\n"
				  "a_limit_bytes\tall\tB\t9\tok\n"
				  "b_limit_bytes\tall\tB\t-\tunavailable: it has none\n"
				  "a_ns\tall\tns\t2.5\tok\n"
				  "b_ns\tall\tns\t-\tunavailable: there was none\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
