/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_swapin_nozswap: with zswap.max 0 all goes to the swap device, and nothing to zswap. */
#include "tests/unit/pft_zswap_selftest.h"

static void swapin_nozswap(void **state)
{
	struct cgroup cg = cg_create(*state, NULL, MB(8));
	unsigned long at = mm_map(cg.mm, MB(32) / PAGE_SIZE, RW);

	memcg_set_zswap_max(cg.memcg, 0);
	cg_write(&cg, at, MB(32), 100);
	assert_true(mm_stats_of(cg.mm).swapped >= MB(24) / PAGE_SIZE);
	cg_verify(&cg, at, MB(32), 100);
	assert_true(memcg_stat(cg.memcg, MEMCG_PSWPIN) >= (int64_t)(MB(24) / PAGE_SIZE));
	assert_int_equal(memcg_stat(cg.memcg, MEMCG_ZSWPOUT), 0);
	assert_int_equal(cg.memcg->zswap_bytes, 0);
	cg_destroy(&cg);
}

int main(void)
{
	return selftest_run("test_swapin_nozswap", swapin_nozswap, MB(64));
}
