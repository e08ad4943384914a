/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zswap's limits, to the page: of the pool, of a group, of who may write; and what the shrinker offers. */
#include "pft/zswap/compact.h"
#include "tests/unit/pft_zswap_pages.h"

#define MAX_PAGES 100 /* of the pool: 10% of 1000 pages */

/* Pages kept as they are take a page of the pool each, so that the limits can be met exactly. Written
 * back by the caller: a write that ends between two looks at the counts would be seen in one of them. */
static struct rig *exact_rig(const char *policy)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.policy = policy, .total_pages = 1000, .io = SWAP_IO_PWRITE});

	zswap_set_max_pool_percent(rig->zswap, 10, NULL);
	zswap_set_raw(rig->zswap, true);
	return rig;
}

/* Store a page; whether zswap took it. */
static bool takes(struct rig *rig, uint64_t *slot, struct memcg *memcg, unsigned kind)
{
	static uint64_t number;

	assert_int_equal(rig_out(rig, rig_page(kind, ++number), memcg, 0, slot), 0);
	return zswap_present(rig->zswap, *slot);
}

static void zap_all(struct rig *rig)
{
	uint64_t slot;

	for (slot = 0; slot < rig->swap.slots.nr; slot++)
		if (swap_slot_count(&rig->swap.slots, slot))
			rig_zap(rig, slot);
}

/* Fill to @full pages; the next is rejected. Then free down to @accept, from where on they are accepted. */
static void meet_limit(const char *policy, unsigned full, unsigned accept)
{
	struct rig *rig = exact_rig(policy);
	uint64_t slots[MAX_PAGES + 1], slot;
	unsigned n;

	for (n = 0; n < full; n++)
		assert_true(takes(rig, &slots[n], NULL, RIG_RANDOM));
	assert_int_equal(zswap_total_pages(rig->zswap), full);
	assert_int_equal(rig_stat(rig, ZSWAP_POOL_LIMIT_HIT), 0);
	assert_false(takes(rig, &slot, NULL, RIG_RANDOM));
	assert_int_equal(rig_stat(rig, ZSWAP_POOL_LIMIT_HIT), 1);
	while (n > accept) {
		assert_false(takes(rig, &slot, NULL, RIG_RANDOM));
		rig_zap(rig, slots[--n]);
	}
	/* No worker ran: that there is room again is found by whoever looks (B13). */
	for (; n < full; n++)
		assert_true(takes(rig, &slot, NULL, RIG_RANDOM));
	assert_false(takes(rig, &slot, NULL, RIG_RANDOM));
	zap_all(rig);
	rig_free(rig);
}

static void hysteresis_at_the_page(void **state)
{
	(void)state;
	meet_limit("memcg-second-chance", MAX_PAGES, 90);
	meet_limit("memcg", MAX_PAGES + 1, 89);
}

static void no_hysteresis_at_100(void **state)
{
	struct rig *rig = exact_rig(NULL);
	uint64_t slot, last;
	unsigned n;

	(void)state;
	zswap_set_accept_threshold_percent(rig->zswap, 100, NULL);
	for (n = 0; n < MAX_PAGES; n++)
		assert_true(takes(rig, &last, NULL, RIG_RANDOM));
	assert_false(takes(rig, &slot, NULL, RIG_RANDOM));
	rig_zap(rig, last);
	assert_true(takes(rig, &slot, NULL, RIG_RANDOM));
	assert_int_equal(zswap_set_max_pool_percent(rig->zswap, 101, NULL), -EINVAL);
	zap_all(rig);
	rig_free(rig);
}

/* A percentage that falls below what is there: rejected, and the worker drains to the threshold. */
static void percent_falls_live(void **state)
{
	struct rig *rig = exact_rig("memcg");
	uint64_t slot;
	unsigned n;

	(void)state;
	for (n = 0; n < 50; n++)
		assert_true(takes(rig, &slot, NULL, RIG_RANDOM));
	zswap_set_max_pool_percent(rig->zswap, 1, NULL);
	assert_false(takes(rig, &slot, NULL, RIG_RANDOM));
	zswap_worker_flush(rig->zswap);
	swap_device_drain(&rig->swap.device);
	assert_int_equal(zswap_total_pages(rig->zswap), 8); /* below 9 */
	assert_int_equal(rig_stat(rig, ZSWAP_WRITTEN_BACK_PAGES), 42);
	zswap_set_max_pool_percent(rig->zswap, 0, NULL);
	assert_false(takes(rig, &slot, NULL, RIG_RANDOM));
	zap_all(rig);
	rig_free(rig);
}

/* Compaction gives pages back, and moves nobody's contents. */
static void compaction_gives_pages_back(void **state)
{
	enum { PAGES = 600 };
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg-second-chance"});
	uint64_t slots[PAGES], numbers[PAGES], before;
	unsigned n;

	(void)state;
	for (n = 0; n < PAGES; n++) {
		numbers[n] = rig_page(RIG_HALF, n);
		assert_int_equal(rig_out(rig, numbers[n], NULL, 0, &slots[n]), 0);
	}
	assert_int_equal(zswap_compact(rig->zswap), 0);
	for (n = 0; n < PAGES; n++)
		if (n % 4)
			rig_zap(rig, slots[n]);
	before = zswap_total_pages(rig->zswap);
	assert_true(zswap_compact(rig->zswap) > before / 4);
	assert_true(zswap_total_pages(rig->zswap) < before);
	rig_check(rig);
	for (n = 0; n < PAGES; n += 4)
		assert_int_equal(rig_in(rig, slots[n], numbers[n], NULL), 0);
	rig_free(rig);
}

/* The group's own limit, or one above it: only its own list is shrunk, never a sibling's. */
static void group_limit_spares_the_sibling(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *parent = rig_memcg(rig, NULL), *greedy = rig_memcg(rig, parent);
	struct memcg *sibling = rig_memcg(rig, parent);
	uint64_t slot;
	unsigned n;

	(void)state;
	for (n = 0; n < 20; n++)
		assert_true(takes(rig, &slot, sibling, RIG_HALF));
	memcg_set_zswap_max(parent, (uint64_t)sibling->zswap_bytes + 40960);
	for (n = 0; n < 100; n++)
		takes(rig, &slot, greedy, RIG_HALF);
	swap_device_drain(&rig->swap.device);
	assert_true(memcg_stat(greedy, MEMCG_ZSWPWB) > 50);
	assert_int_equal(memcg_stat(sibling, MEMCG_ZSWPWB), 0);
	/* Overshot by no more than the store that came last. */
	assert_true((uint64_t)parent->zswap_bytes < parent->zswap_max + 2 * PAGE_SIZE);
	zap_all(rig);
	memcg_offline(greedy);
	memcg_offline(sibling);
	memcg_offline(parent);
	rig_free(rig);
}

/* Before the series a group at its limit was rejected; with none allowed it is in any case. */
static void group_limit_rejects(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "global"});
	struct memcg *memcg = rig_memcg(rig, NULL);
	uint64_t slot;

	(void)state;
	assert_true(takes(rig, &slot, memcg, RIG_HALF));
	memcg_set_zswap_max(memcg, 0);
	assert_false(takes(rig, &slot, memcg, RIG_HALF));
	assert_int_equal(rig_stat(rig, ZSWAP_MEMCG_LIMIT_HIT), 1);
	assert_int_equal(rig_stat(rig, ZSWAP_WRITTEN_BACK_PAGES), 0);
	zap_all(rig);
	memcg_offline(memcg);
	rig_free(rig);
}

/* B21: writeback that is off above is off; and nothing of the group goes to the disk by a rejected store. */
static void b21_writeback_off_above(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *parent = rig_memcg(rig, NULL), *child = rig_memcg(rig, parent);
	struct zswap_reclaim reclaim = {.memcg = child, .may_io = true};
	uint64_t slot, scanned;

	(void)state;
	memcg_set_zswap_writeback(parent, false);
	assert_true(takes(rig, &slot, child, RIG_HALF));
	assert_int_equal(zswap_shrink_memcg(rig->zswap, child), -ENOENT);
	zswap_set_shrinker_enabled(rig->zswap, true);
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 0);
	assert_true(zswap_shrinker_scan(rig->zswap, &reclaim, 1, &scanned) == ZSWAP_SHRINK_STOP);
	assert_int_equal(scanned, 0);
	memcg_set_zswap_max(child, 0);
	assert_int_equal(rig_out(rig, rig_page(RIG_HALF, 1000), child, 0, &slot), -EAGAIN);
	/* Not even what would be kept as it is: it would gain nothing. */
	memcg_set_zswap_max(child, MEMCG_UNLIMITED);
	zswap_set_raw(rig->zswap, true);
	assert_int_equal(rig_out(rig, rig_page(RIG_RANDOM, 1000), child, 0, &slot), -EAGAIN);
	assert_int_equal(rig_stat(rig, ZSWAP_REJECT_COMPRESS_POOR), 1);
	assert_int_equal(memcg_stat(child, MEMCG_ZSWPWB), 0);
	zap_all(rig);
	memcg_offline(child);
	memcg_offline(parent);
	rig_free(rig);
}

/* B11: to count for nobody does not fail, and who may not do I/O does not write. */
static void b11_shrinker_without_group_or_io(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.no_memcgs = true});
	struct zswap_reclaim reclaim = {.may_io = true};
	uint64_t slot, scanned;

	(void)state;
	zswap_set_shrinker_enabled(rig->zswap, true);
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 0);
	while (zswap_total_pages(rig->zswap) < 10)
		assert_true(takes(rig, &slot, NULL, RIG_HALF));
	assert_true(zswap_shrinker_count(rig->zswap, &reclaim) > 0);
	reclaim.may_io = false;
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 0);
	assert_true(zswap_shrinker_scan(rig->zswap, &reclaim, 4, &scanned) == ZSWAP_SHRINK_STOP);
	assert_int_equal(zswap_shrink_slab(rig->zswap, &reclaim), 0);
	zap_all(rig);
	rig_free(rig);
}

/* B12: each page read from the device counts, none from zswap does; and each counts once. */
static void b12_disk_swapins_count_once(void **state)
{
	struct rig *rig = exact_rig(NULL);
	struct zswap_reclaim reclaim = {.may_io = true};
	uint64_t slots[60];
	unsigned n;
	bool disk;

	(void)state;
	zswap_set_shrinker_enabled(rig->zswap, true);
	for (n = 0; n < 60; n++) {
		if (n == 40)
			zswap_set_enabled(rig->zswap, false);
		assert_int_equal(rig_out(rig, rig_page(RIG_RANDOM, n), NULL, 0, &slots[n]), 0);
	}
	for (n = 10; n < 20; n++)
		assert_int_equal(rig_in(rig, slots[n], rig_page(RIG_RANDOM, n), NULL), 0);
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 30);
	for (n = 40; n < 60; n++) {
		assert_int_equal(rig_in(rig, slots[n], rig_page(RIG_RANDOM, n), &disk), 0);
		assert_true(disk);
	}
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 10);
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 30);
	zap_all(rig);
	rig_free(rig);
}

/* do_shrink_slab() by hand: 30 entries that do not compress, so 30 freeable. */
static void shrinker_arithmetic(void **state)
{
	struct rig *rig = exact_rig(NULL);
	struct zswap_reclaim reclaim = {.may_io = true, .priority = 4};
	struct lruvec_zswap *lruvec = zswap_lruvec(rig->zswap, NULL, 0);
	uint64_t slot;
	unsigned n;

	(void)state;
	zswap_set_shrinker_enabled(rig->zswap, true);
	for (n = 0; n < 30; n++)
		assert_true(takes(rig, &slot, NULL, RIG_RANDOM));
	/* delta = 2 * (30 >> 4) = 2: less than a batch and than 30, so it is deferred. */
	assert_int_equal(zswap_shrink_slab(rig->zswap, &reclaim), 0);
	assert_int_equal(lruvec->deferred, 2);
	assert_int_equal(zswap_shrink_slab(rig->zswap, &reclaim), 0);
	assert_int_equal(lruvec->deferred, 4);
	/* Desperate: delta = 60, and 4 deferred, but no more than 60: each is passed over once, then
	 * written. */
	reclaim.priority = 0;
	assert_int_equal(zswap_shrink_slab(rig->zswap, &reclaim), 30);
	assert_int_equal(lruvec->deferred, 4);
	swap_device_drain(&rig->swap.device);
	assert_int_equal(rig_stat(rig, ZSWAP_STORED_PAGES), 0);
	zap_all(rig);
	rig_free(rig);
}

/* 6.8: what is protected is not offered, and more than there is cannot be asked for. */
static void shrinker_protection(void **state)
{
	struct rig *rig = exact_rig("memcg");
	struct zswap_reclaim reclaim = {.may_io = true};
	struct lruvec_zswap *lruvec = zswap_lruvec(rig->zswap, NULL, 0);
	uint64_t slot, scanned;
	unsigned n;

	(void)state;
	zswap_set_shrinker_enabled(rig->zswap, true);
	for (n = 0; n < 40; n++) {
		assert_true(takes(rig, &slot, NULL, RIG_RANDOM));
		assert_true(lruvec->nr_protected <= (n + 1) / 4 + 1);
	}
	lruvec->nr_protected = 10;
	assert_int_equal(zswap_shrinker_count(rig->zswap, &reclaim), 30);
	assert_true(zswap_shrinker_scan(rig->zswap, &reclaim, 30, &scanned) == ZSWAP_SHRINK_STOP);
	assert_true(zswap_shrinker_scan(rig->zswap, &reclaim, 1000, &scanned) == ZSWAP_SHRINK_STOP);
	assert_int_equal(scanned, 0);
	assert_int_equal(zswap_shrinker_scan(rig->zswap, &reclaim, 29, &scanned), 29);
	zap_all(rig);
	rig_free(rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hysteresis_at_the_page),
		cmocka_unit_test(no_hysteresis_at_100),
		cmocka_unit_test(percent_falls_live),
		cmocka_unit_test(compaction_gives_pages_back),
		cmocka_unit_test(group_limit_spares_the_sibling),
		cmocka_unit_test(group_limit_rejects),
		cmocka_unit_test(b21_writeback_off_above),
		cmocka_unit_test(b11_shrinker_without_group_or_io),
		cmocka_unit_test(b12_disk_swapins_count_once),
		cmocka_unit_test(shrinker_arithmetic),
		cmocka_unit_test(shrinker_protection),
	};

	return rig_run(tests, sizeof(tests) / sizeof(*tests), 0);
}
