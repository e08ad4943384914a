/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What zswap does when something fails, or is not as usual: no page is lost, and nothing is left over. */
#include "tests/unit/pft_zswap_pages.h"

/* B14: a load that fails leaves the entry, and the next one succeeds. */
static void b14_failed_load_keeps_the_entry(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){0});
	uint64_t slot;

	(void)state;
	assert_int_equal(rig_out(rig, rig_page(RIG_TEXT, 1), NULL, 0, &slot), 0);
	fault_inject_nth(&fault_inject_decompress, 1, NULL);
	assert_int_equal(rig_in(rig, slot, rig_page(RIG_TEXT, 1), NULL), -EIO);
	fault_inject_stop(&fault_inject_decompress);
	assert_int_equal(rig_stat(rig, ZSWAP_DECOMPRESS_FAIL), 1);
	assert_true(zswap_present(rig->zswap, slot));
	assert_int_equal(rig_in(rig, slot, rig_page(RIG_TEXT, 1), NULL), 0);
	rig_free(rig);
}

/* B15: a folio of eight pages fails at its k-th, for every k: nothing of it stays. */
static void b15_folio_fails_half_way(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *memcg = rig_memcg(rig, NULL);
	unsigned char *pages = malloc(8 * PAGE_SIZE), page[PAGE_SIZE];
	unsigned i, k;

	(void)state;
	for (i = 0; i < 8; i++)
		rig_fill(pages + i * PAGE_SIZE, rig_page(RIG_TEXT, i));
	/* Nobody else uses the slots: the test owns them as they are. */
	for (k = 1; k <= 8; k++) {
		assert_int_equal(zswap_store_folio(rig->zswap, 8, pages, 8, memcg, 0), 0);
		assert_int_equal(rig_stat(rig, ZSWAP_STORED_PAGES), 8);
		fault_inject_nth(&fault_inject_compress, k, NULL);
		assert_int_equal(zswap_store_folio(rig->zswap, 8, pages, 8, memcg, 0), -EIO);
		fault_inject_stop(&fault_inject_compress);
		assert_int_equal(rig_check(rig).entries, 0);
		assert_int_equal(memcg->zswap_bytes, 0);
	}
	assert_int_equal(zswap_store_folio(rig->zswap, 8, pages, 8, memcg, 0), 0);
	for (i = 0; i < 8; i++) {
		assert_int_equal(zswap_load(rig->zswap, 8 + i, page), 0);
		rig_verify(page, rig_page(RIG_TEXT, i), 8 + i);
	}
	assert_int_equal(zswap_load(rig->zswap, 8, page), -ENOENT);
	free(pages);
	memcg_offline(memcg);
	rig_free(rig);
}

static uint64_t inner_slot;

static void reclaim_from_allocation(struct rig *rig)
{
	rig->on_alloc = NULL;
	assert_int_equal(rig_out(rig, rig_page(RIG_HALF, 99), NULL, 0, &inner_slot), 0);
}

/* B16: an allocation that reclaims, and so enters zswap again, finds no buffer in use. */
static void b16_allocation_enters_zswap_again(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	uint64_t slot;

	(void)state;
	assert_int_equal(rig_out(rig, rig_page(RIG_TEXT, 1), NULL, 0, &slot), 0);
	rig->on_alloc = reclaim_from_allocation;
	assert_int_equal(zswap_shrink_memcg(rig->zswap, NULL), 0);
	assert_int_equal(rig_in(rig, slot, rig_page(RIG_TEXT, 1), NULL), 0);
	assert_int_equal(rig_in(rig, inner_slot, rig_page(RIG_HALF, 99), NULL), 0);
	rig_free(rig);
}

/* B19: settings change between store and load; the entry says how it was stored. */
static void b19_entry_says_whether_raw(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.compressor = "lzo"});
	uint64_t raw, packed;

	(void)state;
	zswap_set_raw(rig->zswap, true);
	assert_int_equal(rig_out(rig, rig_page(RIG_RANDOM, 1), NULL, 0, &raw), 0);
	assert_int_equal(rig_out(rig, rig_page(RIG_HALF, 2), NULL, 0, &packed), 0);
	assert_int_equal(rig_stat(rig, ZSWAP_STORED_INCOMPRESSIBLE_PAGES), 1);
	zswap_set_raw(rig->zswap, false);
	assert_int_equal(zswap_set_compressor(rig->zswap, "lz4", NULL), 0);
	zswap_set_enabled(rig->zswap, false);
	assert_int_equal(rig_in(rig, raw, rig_page(RIG_RANDOM, 1), NULL), 0);
	assert_int_equal(rig_in(rig, packed, rig_page(RIG_HALF, 2), NULL), 0);
	rig_free(rig);
}

/* B20: who dies drops what is compressed without looking at it. */
static void b20_teardown_never_loads(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){0});
	uint64_t slots[50];
	unsigned i;

	(void)state;
	for (i = 0; i < 50; i++)
		assert_int_equal(rig_out(rig, rig_page(RIG_TEXT, i), NULL, 0, &slots[i]), 0);
	fault_inject_nth(&fault_inject_decompress, 1, NULL);
	for (i = 0; i < 50; i++)
		rig_zap(rig, slots[i]);
	assert_int_equal(fault_inject_stop(&fault_inject_decompress), 0);
	assert_int_equal(rig_stat(rig, ZSWAP_ZSWPIN), 0);
	assert_int_equal(rig_check(rig).entries, 0);
	rig_free(rig);
}

/* Each allocation of a store fails once, in a group without lists and a table without leaves: the page
 * goes to the disk, and comes back. */
static void every_allocation_of_a_store_fails(void **state)
{
	struct fault_inject *const kinds[] = {&fault_inject_slab, &fault_inject_zpool,
					      &fault_inject_memcg, &fault_inject_compress};
	unsigned kind, n, failed = 0;

	(void)state;
	for (kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		for (n = 1; n < 20; n++) {
			struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
			struct memcg *memcg = rig_memcg(rig, NULL);
			uint64_t slot;
			bool disk, hit;

			fault_inject_nth(kinds[kind], n, NULL);
			assert_int_equal(rig_out(rig, rig_page(RIG_HALF, n), memcg, 0, &slot), 0);
			hit = fault_inject_stop(kinds[kind]);
			failed += hit;
			assert_int_equal(zswap_present(rig->zswap, slot), !hit);
			rig_check(rig);
			assert_int_equal(rig_in(rig, slot, rig_page(RIG_HALF, n), &disk), 0);
			assert_int_equal(disk, hit);
			memcg_offline(memcg);
			rig_free(rig);
			if (!hit)
				break;
		}
	}
	assert_true(failed >= 6);
}

/* A writeback fails at its frame, its slot, its codec, or at any transfer: the entry stays, is counted, and
 * can be read or written back later. */
static void writeback_fails(enum swap_io io, enum fault_io kind)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg", .io = io});
	struct memcg *memcg = rig_memcg(rig, NULL);
	uint64_t slots[8], fails = kind == FAULT_IO_SHORT ? 0 : 1;
	unsigned i, n;

	for (n = 1; n <= 8; n++) {
		for (i = 0; i < 8; i++)
			assert_int_equal(rig_out(rig, rig_page(RIG_HALF, i), memcg, 0, &slots[i]),
					 0);
		fault_io_kind = kind;
		fault_inject_nth(&fault_inject_io, n, NULL);
		for (i = 0; i < 8; i++) {
			zswap_shrink_memcg(rig->zswap, memcg);
			swap_device_drain(&rig->swap.device);
		}
		assert_int_equal(fault_inject_stop(&fault_inject_io), 1);
		assert_int_equal(rig_stat(rig, ZSWAP_WRITE_FAIL), n * fails);
		assert_int_equal(rig_stat(rig, ZSWAP_REJECT_RECLAIM_FAIL), n * fails);
		assert_int_equal(rig_check(rig).entries, fails);
		assert_int_equal(rig->swap.cache.frames, 0);
		for (i = 0; i < 8; i++)
			assert_int_equal(rig_in(rig, slots[i], rig_page(RIG_HALF, i), NULL), 0);
	}
	memcg_offline(memcg);
	rig_free(rig);
}

static void every_transfer_of_a_writeback_fails(void **state)
{
	enum swap_io io;
	enum fault_io kind;

	(void)state;
	for (io = SWAP_IO_AUTO; io <= SWAP_IO_PWRITE; io += SWAP_IO_PWRITE)
		for (kind = FAULT_IO_EIO; kind <= FAULT_IO_SHORT; kind++)
			writeback_fails(io, kind);
}

static void writeback_without_frame_or_codec(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	uint64_t slot;
	bool was_new;
	struct frame *frame;

	(void)state;
	assert_int_equal(rig_out(rig, rig_page(RIG_HALF, 1), NULL, 0, &slot), 0);
	rig->no_frames = true;
	assert_int_equal(zswap_shrink_memcg(rig->zswap, NULL), -EAGAIN);
	rig->no_frames = false;
	fault_inject_nth(&fault_inject_decompress, 1, NULL);
	assert_int_equal(zswap_shrink_memcg(rig->zswap, NULL), -EAGAIN);
	fault_inject_stop(&fault_inject_decompress);
	/* Somebody is just faulting it in: writeback does not wait for him, who may be its caller. */
	frame = rig_own(rig, slot, &was_new);
	assert_int_equal(zswap_shrink_memcg(rig->zswap, NULL), -EAGAIN);
	rig_done(rig, frame);
	assert_int_equal(rig_stat(rig, ZSWAP_REJECT_RECLAIM_FAIL), 3);
	assert_int_equal(rig_check(rig).on_lists, 1);
	assert_int_equal(rig_in(rig, slot, rig_page(RIG_HALF, 1), NULL), 0);
	rig_free(rig);
}

/* Entries are on the list of their page's node, and a turn takes one from each. */
static void a_turn_takes_one_from_each_node(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){.policy = "memcg"});
	struct memcg *memcg = rig_memcg(rig, NULL);
	uint64_t slots[30];
	unsigned i;

	(void)state;
	for (i = 0; i < 30; i++)
		assert_int_equal(rig_out(rig, rig_page(RIG_TEXT, i), memcg, i % 3 == 0, &slots[i]),
				 0);
	assert_int_equal(list_lru_count_one(&rig->zswap->lru, 0, memcg), 20);
	assert_int_equal(list_lru_count_one(&rig->zswap->lru, 1, memcg), 10);
	assert_int_equal(zswap_shrink_memcg(rig->zswap, memcg), 0);
	assert_int_equal(list_lru_count_one(&rig->zswap->lru, 0, memcg), 19);
	assert_int_equal(list_lru_count_one(&rig->zswap->lru, 1, memcg), 9);
	for (i = 0; i < 30; i++)
		assert_int_equal(rig_in(rig, slots[i], rig_page(RIG_TEXT, i), NULL), 0);
	memcg_offline(memcg);
	rig_free(rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(b14_failed_load_keeps_the_entry),
		cmocka_unit_test(b15_folio_fails_half_way),
		cmocka_unit_test(b16_allocation_enters_zswap_again),
		cmocka_unit_test(b19_entry_says_whether_raw),
		cmocka_unit_test(b20_teardown_never_loads),
		cmocka_unit_test(every_allocation_of_a_store_fails),
		cmocka_unit_test(every_transfer_of_a_writeback_fails),
		cmocka_unit_test(writeback_without_frame_or_codec),
		cmocka_unit_test(a_turn_takes_one_from_each_node),
	};

	return rig_run(tests, sizeof(tests) / sizeof(*tests), 2);
}
