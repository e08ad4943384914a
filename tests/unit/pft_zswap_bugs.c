/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What zswap's history got wrong, each bug with the test that would have found it (docs/design-swap.md). */
#include "tests/unit/pft_zswap_pages.h"

#define LOTS 200

/* Slots of pages that went out together. */
struct batch {
	uint64_t slots[LOTS], first;
	unsigned nr;
	unsigned kind;
};

static void batch_out(struct rig *rig, struct batch *batch, unsigned nr, unsigned kind,
		      struct memcg *memcg, uint64_t first)
{
	unsigned i;

	*batch = (struct batch){.first = first, .nr = nr, .kind = kind};
	for (i = 0; i < nr; i++)
		assert_int_equal(
			rig_out(rig, rig_page(kind, first + i), memcg, 0, &batch->slots[i]), 0);
}

static void batch_in(struct rig *rig, const struct batch *batch)
{
	unsigned i;

	for (i = 0; i < batch->nr; i++)
		assert_int_equal(
			rig_in(rig, batch->slots[i], rig_page(batch->kind, batch->first + i), NULL),
			0);
}

static unsigned batch_present(struct rig *rig, const struct batch *batch)
{
	unsigned i, nr = 0;

	for (i = 0; i < batch->nr; i++)
		nr += zswap_present(rig->zswap, batch->slots[i]);
	return nr;
}

/* Write page @number over @slot, which keeps its place: 0, or swap_out()'s error. */
static int rewrite(struct rig *rig, uint64_t slot, uint64_t number)
{
	bool was_new;
	struct frame *frame = rig_own(rig, slot, &was_new);
	int rc;

	rig_fill(rig_frame_address(&rig->swap, frame), number);
	frame_set(frame, FRAME_UPTODATE | FRAME_DIRTY);
	rc = swap_out(&rig->swap, frame);
	rig_done(rig, frame);
	return rc;
}

static void end_group(struct memcg *memcg)
{
	assert_int_equal(memcg_offline(memcg), 0);
}

/* B1: the worker's work kept a reference to the pool of each limit hit. */
static void b1_pool_goes_after_limit_hits(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg", .total_pages = 200});
	struct batch batch;

	(void)state;
	batch_out(rig, &batch, LOTS, RIG_HALF, NULL, 0);
	assert_true(rig_stat(rig, ZSWAP_POOL_LIMIT_HIT) > 20);
	zswap_worker_flush(rig->zswap);
	assert_int_equal(zswap_set_compressor(rig->zswap, "lz4", NULL), 0);
	assert_int_equal(rig_check(rig).pools, 2);
	batch_in(rig, &batch);
	zswap_worker_flush(rig->zswap);
	assert_int_equal(rig_check(rig).pools, 1);
	rig_free(rig);
}

/* A pool that still lives is taken back into service when its compressor is chosen again. */
static void a_live_pool_is_revived(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.compressor = "lzo"});
	struct zswap_pool *first = rig->zswap->current;
	struct why why = WHY_INIT;
	struct batch batch;
	int level;

	(void)state;
	batch_out(rig, &batch, 10, RIG_TEXT, NULL, 0);
	assert_int_equal(zswap_set_compressor(rig->zswap, "lz4", &why), 0);
	assert_int_equal(zswap_set_compressor(rig->zswap, "lzo", &why), 0);
	assert_ptr_equal(rig->zswap->current, first);
	zswap_worker_flush(rig->zswap); /* lz4's has no entries */
	assert_int_equal(rig_check(rig).pools, 1);
	assert_int_equal(zswap_set_compressor(rig->zswap, "no-such", &why), -ENOENT);
	assert_true(why.text[0]);
	assert_string_equal(zswap_compressor(rig->zswap, &level), "lzo");
	batch_in(rig, &batch);
	rig_free(rig);
}

/* What happens in the middle of a writeback: the next frame_alloc() is its. */
static struct batch in_between;

static void free_victim_and_neighbour(struct rig *rig)
{
	rig->on_alloc = NULL;
	rig_zap(rig, in_between.slots[0]);
	rig_zap(rig, in_between.slots[1]);
}

/* B3: the victim and its neighbour are freed while the callback has dropped the lock. */
static void b3_victim_and_neighbour_freed(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct zswap_reclaim reclaim = {.may_io = true};
	uint64_t scanned;

	(void)state;
	batch_out(rig, &in_between, 4, RIG_TEXT, NULL, 0);
	rig->on_alloc = free_victim_and_neighbour;
	zswap_set_shrinker_enabled(rig->zswap, true);
	zswap_lruvec(rig->zswap, NULL, 0)->nr_protected = 0;
	zswap_shrinker_scan(rig->zswap, &reclaim, 3, &scanned);
	assert_int_equal(scanned, 3);
	assert_int_equal(rig_check(rig).entries, 0); /* two freed, two written */
	rig_in(rig, in_between.slots[2], rig_page(RIG_TEXT, 2), NULL);
	rig_in(rig, in_between.slots[3], rig_page(RIG_TEXT, 3), NULL);
	rig_free(rig);
}

static unsigned refused; /* frames */

static void refuse_first_frame(struct rig *rig)
{
	rig->no_frames = !refused++;
}

/* B3: who could not be written back is at the tail, so that the walk that starts again does not meet it. */
static void b3_failed_victim_is_not_met_again(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct zswap_reclaim reclaim = {.may_io = true};
	struct batch batch;
	uint64_t scanned;

	(void)state;
	batch_out(rig, &batch, 4, RIG_TEXT, NULL, 0);
	zswap_set_shrinker_enabled(rig->zswap, true);
	zswap_lruvec(rig->zswap, NULL, 0)->nr_protected = 0;
	refused = 0;
	rig->on_alloc = refuse_first_frame;
	assert_int_equal(zswap_shrinker_scan(rig->zswap, &reclaim, 3, &scanned), 2);
	rig->on_alloc = NULL;
	swap_device_drain(&rig->swap.device);
	assert_int_equal(rig_stat(rig, ZSWAP_REJECT_RECLAIM_FAIL), 1);
	assert_true(zswap_present(rig->zswap, batch.slots[0]));
	assert_true(zswap_present(rig->zswap, batch.slots[3]));
	assert_int_equal(batch_present(rig, &batch), 2);
	assert_int_equal(zswap_shrink_memcg(rig->zswap, NULL), 0);
	swap_device_drain(&rig->swap.device);
	assert_false(zswap_present(rig->zswap, batch.slots[3]));
	batch_in(rig, &batch);
	rig_free(rig);
}

/* B4: the last entry of a group that went offline finds its list through its objcg. */
static void b4_last_entry_of_an_offline_group(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){0});
	struct memcg *memcg = rig_memcg(rig, rig_memcg(rig, NULL)), *parent = memcg->parent;
	struct memcg *other = rig_memcg(rig, NULL);
	struct batch batch, others;

	(void)state;
	batch_out(rig, &batch, 8, RIG_TEXT, memcg, 0);
	end_group(memcg);
	rcu_barrier();
	assert_int_equal(list_lru_count_one(&rig->zswap->lru, 0, parent), 8);
	assert_true(parent->zswap_bytes > 0);
	end_group(parent);
	rcu_barrier();
	assert_int_equal(list_lru_count_one(&rig->zswap->lru, 0, NULL), 8);
	batch.nr = 7;
	batch_in(rig, &batch);
	/* The worker's stock has another's objcg, so that the last entry's reference is the last. */
	batch_out(rig, &others, 1, RIG_TEXT, other, 100);
	assert_int_equal(rig_in(rig, batch.slots[7], rig_page(RIG_TEXT, 7), NULL), 0);
	batch_in(rig, &others);
	end_group(other);
	rig_free(rig);
}

/* B5: a slot gets new contents on the disk while zswap does not take them. */
static void b5_stale_entry_is_not_written_back(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct batch batch;
	unsigned i;

	(void)state;
	batch_out(rig, &batch, 3, RIG_TEXT, NULL, 0);
	zswap_set_enabled(rig->zswap, false);
	assert_int_equal(rewrite(rig, batch.slots[0], rig_page(RIG_TEXT, 100)), 0);
	zswap_set_enabled(rig->zswap, true);
	fault_inject_nth(&fault_inject_slab, 1, rig->zswap->entries);
	assert_int_equal(rewrite(rig, batch.slots[1], rig_page(RIG_TEXT, 101)), 0);
	assert_int_equal(fault_inject_stop(&fault_inject_slab), 1);
	assert_int_equal(rig_stat(rig, ZSWAP_REJECT_KMEMCACHE_FAIL), 1);
	zswap_set_max_pool_percent(rig->zswap, 0, NULL);
	assert_int_equal(rewrite(rig, batch.slots[2], rig_page(RIG_TEXT, 102)), 0);
	for (i = 0; i < 3; i++)
		zswap_shrink_memcg(rig->zswap, NULL);
	for (i = 0; i < 3; i++)
		assert_int_equal(rig_in(rig, batch.slots[i], rig_page(RIG_TEXT, 100 + i), NULL), 0);
	rig_free(rig);
}

static unsigned new_kind;

static void replace_victim(struct rig *rig)
{
	rig->on_alloc = NULL;
	assert_int_equal(rewrite(rig, in_between.slots[0], rig_page(new_kind, 50)), 0);
}

/* B6: the slot has another entry by the time it is owned; the writeback leaves it as it was. */
static void b6_lost_race_leaves_the_slot(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});

	(void)state;
	for (new_kind = 0; new_kind < RIG_RANDOM; new_kind++) {
		batch_out(rig, &in_between, 1, RIG_TEXT, NULL, 0);
		rig->on_alloc = replace_victim;
		assert_int_equal(zswap_shrink_memcg(rig->zswap, NULL), -EAGAIN);
		assert_int_equal(rig->swap.cache.frames, 0);
		assert_int_equal(rig_in(rig, in_between.slots[0], rig_page(new_kind, 50), NULL), 0);
		rig_check(rig);
	}
	rig_free(rig);
}

static void reuse_slot(struct rig *rig)
{
	uint64_t slot;

	rig->on_alloc = NULL;
	assert_int_equal(rig_in(rig, in_between.slots[0], rig_page(RIG_TEXT, 0), NULL), 0);
	assert_int_equal(rig_out(rig, rig_page(new_kind, 50), NULL, 0, &slot), 0);
	assert_int_equal(slot, in_between.slots[0]);
}

/* B6, ABA: slot and memory of the victim are another page's, of the same slot and address. */
static void b6_slot_and_entry_reused(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg", .slots = 16});

	(void)state;
	for (new_kind = 0; new_kind < RIG_RANDOM; new_kind++) {
		batch_out(rig, &in_between, 16, RIG_TEXT, NULL, 0);
		rig->on_alloc = reuse_slot;
		zswap_shrink_memcg(rig->zswap, NULL);
		rig_check(rig);
		assert_int_equal(rig_in(rig, in_between.slots[0], rig_page(new_kind, 50), NULL), 0);
		in_between.slots[0] = in_between.slots[15];
		rig_zap(rig, in_between.slots[0]);
		in_between.nr = 15;
		while (--in_between.nr)
			rig_zap(rig, in_between.slots[in_between.nr]);
	}
	rig_free(rig);
}

/* Ask for as little as there can be, and let the worker do it. */
static void shrink_all(struct rig *rig)
{
	zswap_set_max_pool_percent(rig->zswap, 0, NULL);
	zswap_queue_work(rig->zswap, ZSWAP_WORK_SHRINK);
	zswap_worker_flush(rig->zswap);
	swap_device_drain(&rig->swap.device);
	zswap_set_max_pool_percent(rig->zswap, 20, NULL);
}

/* B8: zombies in the middle of the tree neither end a round nor are kept by the cursor. */
static void b8_zombies_do_not_stop_the_worker(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *zombies[40], *full[3];
	struct batch batches[3];
	unsigned i;

	(void)state;
	for (i = 0; i < 40; i++) {
		if (i % 16 == 0)
			full[i / 16] = rig_memcg(rig, NULL);
		zombies[i] = rig_memcg(rig, NULL);
		memcg_get(zombies[i], 1);
	}
	for (i = 0; i < 40; i++)
		end_group(zombies[i]);
	for (i = 0; i < 3; i++)
		batch_out(rig, &batches[i], 40, RIG_TEXT, full[i], i * 100);
	shrink_all(rig);
	for (i = 0; i < 3; i++)
		assert_int_equal(batch_present(rig, &batches[i]), 0);
	for (i = 0; i < 40; i++) {
		assert_int_equal(memcg_refs(zombies[i]), 1);
		memcg_put(zombies[i], 1);
	}
	for (i = 0; i < 3; i++) {
		batch_in(rig, &batches[i]);
		end_group(full[i]);
	}
	rig_free(rig);
}

/* B8: wherever the cursor rests, it is on nobody who is offline, be it the one that went or the next. */
static void b8_cursor_leaves_who_goes_offline(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *groups[12];
	unsigned i, start;

	(void)state;
	for (start = 0; start < 12; start++) {
		for (i = 0; i < 12; i++) {
			groups[i] = rig_memcg(rig, i % 3 ? groups[i - 1] : NULL);
			memcg_get(groups[i], 1);
		}
		spin_lock(&rig->zswap->shrink_lock);
		if (rig->zswap->cursor)
			memcg_put(rig->zswap->cursor, 1);
		memcg_get(groups[start], 1);
		rig->zswap->cursor = groups[start];
		spin_unlock(&rig->zswap->shrink_lock);
		for (i = 12; i--;) {
			end_group(groups[(i / 3 + start) % 4 * 3 + i % 3]);
			assert_true(!rig->zswap->cursor || memcg_online(rig->zswap->cursor));
		}
		for (i = 12; i--;) { /* each is a reference to the one above */
			assert_int_equal(memcg_refs(groups[i]), 1);
			memcg_put(groups[i], 1);
			rcu_barrier();
		}
	}
	rig_free(rig);
}

/* B9: groups without entries, and one that forbids writeback, are no failures. */
static void b9_empty_groups_do_not_stop_the_worker(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *groups[101];
	struct batch batch, kept;
	unsigned i;

	(void)state;
	for (i = 0; i < 101; i++)
		groups[i] = rig_memcg(rig, NULL);
	batch_out(rig, &kept, 10, RIG_TEXT, groups[0], 0);
	memcg_set_zswap_writeback(groups[0], false);
	batch_out(rig, &batch, 100, RIG_TEXT, groups[100], 1000);
	shrink_all(rig);
	assert_int_equal(batch_present(rig, &batch), 0);
	assert_int_equal(batch_present(rig, &kept), 10);
	batch_in(rig, &batch);
	batch_in(rig, &kept);
	for (i = 0; i < 101; i++)
		end_group(groups[i]);
	rig_free(rig);
}

/* B9: without groups there is one list, and it is shrunk. */
static void b9_without_memcgs(void **state)
{
	static const char *const policies[] = {"global", "memcg", "memcg-second-chance"};
	struct batch batch;
	struct rig *rig;
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		rig = rig_new(&(struct rig_options){.policy = policies[i], .no_memcgs = true});
		batch_out(rig, &batch, 60, RIG_TEXT, NULL, 0);
		/* A second chance is a failure of the turn; 16 turns give up, the next run goes on. */
		while (rig_stat(rig, ZSWAP_STORED_PAGES))
			shrink_all(rig);
		batch_in(rig, &batch);
		rig_free(rig);
	}
}

/* B10, and LRU order: pages of an older pool are written first, in the order in which they were stored. */
static void b10_old_pool_drains_in_lru_order(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg", .compressor = "lzo"});
	struct memcg *memcg = rig_memcg(rig, NULL);
	struct batch old, new;
	unsigned i;

	(void)state;
	batch_out(rig, &old, 50, RIG_TEXT, memcg, 0);
	assert_int_equal(zswap_set_compressor(rig->zswap, "lz4", NULL), 0);
	batch_out(rig, &new, 50, RIG_TEXT, memcg, 100);
	for (i = 0; i < 50; i++) {
		assert_true(zswap_present(rig->zswap, old.slots[i]));
		assert_int_equal(zswap_shrink_memcg(rig->zswap, memcg), 0);
		swap_device_drain(&rig->swap.device);
		assert_false(zswap_present(rig->zswap, old.slots[i]));
	}
	assert_int_equal(batch_present(rig, &new), 50);
	zswap_worker_flush(rig->zswap);
	assert_int_equal(rig_check(rig).pools, 1);
	batch_in(rig, &old);
	batch_in(rig, &new);
	end_group(memcg);
	rig_free(rig);
}

/* B10: the limit is that of all pools together, and what was hit by the new pool's pages is drained from the
 * old one's, which are older. */
static void b10_limit_is_of_all_pools(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg", .total_pages = 500});
	struct batch old, new, last;
	unsigned i;

	(void)state;
	zswap_set_raw(rig->zswap, true); /* a page of the pool each */
	batch_out(rig, &old, 60, RIG_RANDOM, NULL, 0);
	assert_int_equal(zswap_set_compressor(rig->zswap, "lz4", NULL), 0);
	batch_out(rig, &new, 41, RIG_RANDOM, NULL, 100);
	assert_int_equal(zswap_total_pages(rig->zswap), 101); /* full is above 100 */
	assert_int_equal(rig_stat(rig, ZSWAP_POOL_LIMIT_HIT), 0);
	batch_out(rig, &last, 1, RIG_RANDOM, NULL, 200);
	assert_int_equal(rig_stat(rig, ZSWAP_POOL_LIMIT_HIT), 1);
	zswap_worker_flush(rig->zswap);
	swap_device_drain(&rig->swap.device);
	assert_int_equal(zswap_total_pages(rig->zswap), 89);
	for (i = 0; i < 60; i++)
		assert_int_equal(zswap_present(rig->zswap, old.slots[i]), i >= 12);
	assert_int_equal(batch_present(rig, &new), 41);
	batch_in(rig, &old);
	batch_in(rig, &new);
	batch_in(rig, &last);
	rig_free(rig);
}

/* The second chance is one more lap, and no more. */
static void second_chance_is_one_lap(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){0});
	struct memcg *memcg = rig_memcg(rig, NULL);
	struct batch batch;
	unsigned i;

	(void)state;
	batch_out(rig, &batch, 50, RIG_TEXT, memcg, 0);
	for (i = 0; i < 50; i++)
		assert_int_equal(zswap_shrink_memcg(rig->zswap, memcg), -EAGAIN);
	for (i = 0; i < 50; i++) {
		assert_int_equal(zswap_shrink_memcg(rig->zswap, memcg), 0);
		swap_device_drain(&rig->swap.device);
		assert_false(zswap_present(rig->zswap, batch.slots[i]));
	}
	assert_int_equal(zswap_shrink_memcg(rig->zswap, memcg), -ENOENT);
	batch_in(rig, &batch);
	end_group(memcg);
	rig_free(rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(b1_pool_goes_after_limit_hits),
		cmocka_unit_test(a_live_pool_is_revived),
		cmocka_unit_test(b3_victim_and_neighbour_freed),
		cmocka_unit_test(b3_failed_victim_is_not_met_again),
		cmocka_unit_test(b4_last_entry_of_an_offline_group),
		cmocka_unit_test(b5_stale_entry_is_not_written_back),
		cmocka_unit_test(b6_lost_race_leaves_the_slot),
		cmocka_unit_test(b6_slot_and_entry_reused),
		cmocka_unit_test(b8_zombies_do_not_stop_the_worker),
		cmocka_unit_test(b8_cursor_leaves_who_goes_offline),
		cmocka_unit_test(b9_empty_groups_do_not_stop_the_worker),
		cmocka_unit_test(b9_without_memcgs),
		cmocka_unit_test(b10_old_pool_drains_in_lru_order),
		cmocka_unit_test(b10_limit_is_of_all_pools),
		cmocka_unit_test(second_chance_is_one_lap),
	};

	return rig_run(tests, sizeof(tests) / sizeof(*tests), 0);
}
