/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_no_kmem_bypass: what background reclaim compresses is charged to the group whose pages
 * they were, though a thread of no group compressed them. */
#include "pft/mm/kswapd.h"
#include "pft/mm/mm_types.h"
#include "tests/unit/pft_zswap_selftest.h"

#define ROUNDS 100

static void no_kmem_bypass(void **state)
{
	struct cgroup cg = cg_create(*state, NULL, 0);
	unsigned long at = mm_map(cg.mm, MB(6) / PAGE_SIZE, RW);
	uint64_t stored;
	unsigned i;

	/* A worker in need of pages does not wait for kswapd. */
	for (i = 0; i < ROUNDS && !memcg_stat(cg.memcg, MEMCG_PGSTEAL_KSWAPD); i++) {
		cg_write(&cg, at, MB(6), 100);
		kswapd_flush(cg.mm->family, 0);
	}
	assert_true(memcg_stat(cg.memcg, MEMCG_PGSTEAL_KSWAPD) > 0);
	stored = zswap_stat(mm_zswap(cg.mm), ZSWAP_STORED_PAGES);
	assert_true(stored > 0);
	/* The kernel's is content with three quarters. */
	assert_int_equal(cg.memcg->zswapped, stored);
	cg_destroy(&cg);
}

int main(void)
{
	return selftest_run("test_no_kmem_bypass", no_kmem_bypass, MB(4));
}
