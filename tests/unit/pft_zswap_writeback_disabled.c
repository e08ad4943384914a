/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's test_zswap_writeback_disabled: where writeback is off nothing reaches the swap device, and so
 * reclaim fails once zswap has no more room; in a group below, too, whatever that says itself. */
#include "tests/unit/pft_zswap_selftest.h"

/* The kernel's attempt_writeback(): with room in zswap for half of what it had. Whether the group could be
 * reclaimed all the same. */
static int attempt_writeback(const struct cgroup *cg)
{
	unsigned long at = mm_map(cg->mm, MB(4) / PAGE_SIZE, RW);
	long compressed;
	int rc;

	cg_write(cg, at, MB(4), 256);
	assert_int_equal(cg_reclaim(cg, MB(4)), 0);
	assert_int_equal(mm_stats_of(cg->mm).rss, 0);
	compressed = cg->memcg->zswap_bytes;
	assert_true(compressed > (long)MB(1));
	cg_verify(cg, at, MB(4), 256);
	memcg_set_zswap_max(cg->memcg, (uint64_t)compressed / 2);
	assert_int_equal(memcg_stat(cg->memcg, MEMCG_ZSWPWB), 0);
	rc = cg_reclaim(cg, MB(4));
	cg_verify(cg, at, MB(4), 256);
	return rc;
}

static void zswap_writeback_disabled(void **state)
{
	struct cgroup parent = cg_create(*state, NULL, 0), child;

	memcg_set_zswap_writeback(parent.memcg, false);
	assert_int_equal(attempt_writeback(&parent), -EAGAIN);
	memcg_set_zswap_max(parent.memcg, MEMCG_UNLIMITED);
	child = cg_create(*state, parent.memcg, 0);
	memcg_set_zswap_writeback(child.memcg, true);
	assert_int_equal(attempt_writeback(&child), -EAGAIN);
	assert_int_equal(memcg_stat(parent.memcg, MEMCG_ZSWPWB), 0);
	assert_int_equal(memcg_stat(parent.memcg, MEMCG_PSWPOUT), 0);
	cg_destroy(&child);
	cg_destroy(&parent);
}

int main(void)
{
	return selftest_run("test_zswap_writeback_disabled", zswap_writeback_disabled, MB(64));
}
