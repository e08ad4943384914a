/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_zswapin: what went to zswap comes back from there, as it was. */
#include "tests/unit/pft_zswap_selftest.h"

static void zswapin(void **state)
{
	struct cgroup cg = cg_create(*state, NULL, MB(8));
	unsigned long at = mm_map(cg.mm, MB(32) / PAGE_SIZE, RW);

	memcg_set_zswap_max(cg.memcg, MEMCG_UNLIMITED);
	cg_write(&cg, at, MB(32), 1); /* a byte of each page there */
	cg_verify(&cg, at, MB(32), 1);
	assert_true(memcg_stat(cg.memcg, MEMCG_ZSWPIN) >= (int64_t)(MB(24) / PAGE_SIZE));
	cg_destroy(&cg);
}

int main(void)
{
	return selftest_run("test_zswapin", zswapin, MB(64));
}
