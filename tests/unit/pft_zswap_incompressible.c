/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_zswap_incompressible: pages that do not compress are kept as they are, and counted. */
#include "tests/unit/pft_zswap_selftest.h"

static void zswap_incompressible(void **state)
{
	struct cgroup cg = cg_create(*state, NULL, 0);
	unsigned long at = mm_map(cg.mm, MB(1) / PAGE_SIZE, RW);

	cg_write(&cg, at, MB(1), 512);
	assert_int_equal(cg_reclaim(&cg, MB(1)), 0); /* MADV_PAGEOUT */
	assert_int_equal(memcg_stat(cg.memcg, MEMCG_ZSWPOUT), MB(1) / PAGE_SIZE);
	assert_int_equal(memcg_stat(cg.memcg, MEMCG_ZSWAP_INCOMP), MB(1) / PAGE_SIZE);
	cg_verify(&cg, at, MB(1), 512);
	cg_destroy(&cg);
}

int main(void)
{
	return selftest_run("test_zswap_incompressible", zswap_incompressible, MB(64));
}
