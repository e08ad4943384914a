/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_no_invasive_cgroup_shrink: a group at its zswap.max writes back its own pages, and none
 * of its neighbour's. */
#include "tests/unit/pft_zswap_selftest.h"

static void no_invasive_cgroup_shrink(void **state)
{
	struct cgroup greedy = cg_create(*state, NULL, MB(1)), control;

	memcg_set_zswap_max(greedy.memcg, 10 << 10);
	control = cg_create(*state, NULL, MB(1));
	cg_write(&control, mm_map(control.mm, MB(10) / PAGE_SIZE, RW), MB(10), 1);
	assert_true(control.memcg->zswapped > 0);
	cg_write(&greedy, mm_map(greedy.mm, MB(10) / PAGE_SIZE, RW), MB(10), 1);
	assert_true(memcg_stat(greedy.memcg, MEMCG_ZSWPWB) > 0);
	assert_int_equal(memcg_stat(control.memcg, MEMCG_ZSWPWB), 0);
	cg_destroy(&greedy);
	cg_destroy(&control);
}

int main(void)
{
	return selftest_run("test_no_invasive_cgroup_shrink", no_invasive_cgroup_shrink, MB(64));
}
