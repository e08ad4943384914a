/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_zswap_usage: what a group at its limit has too much of goes to zswap. */
#include "tests/unit/pft_zswap_selftest.h"

static void zswap_usage(void **state)
{
	struct cgroup cg = cg_create(*state, NULL, MB(1));

	assert_int_equal(memcg_stat(cg.memcg, MEMCG_ZSWPOUT), 0);
	cg_write(&cg, mm_map(cg.mm, MB(4) / PAGE_SIZE, RW), MB(4), 100);
	assert_true(memcg_stat(cg.memcg, MEMCG_ZSWPOUT) > 0);
	assert_int_equal(memcg_stat_local(mm_memcg(*state), MEMCG_ZSWPOUT), 0);
	cg_destroy(&cg);
}

int main(void)
{
	return selftest_run("test_zswap_usage", zswap_usage, MB(64));
}
