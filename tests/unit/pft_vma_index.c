/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMA index against a plain map of pages: random updates, look-ups, gap searches, failed
 * allocations. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/mm/vma_update.h"
#include "pft/mm/vma_walk.h"

enum { PAGES = 6000 };
#define ADDR(page) ((unsigned long)(page) << 12)

/* The model: which entry each page belongs to, 0 for none. Each stored entry is a new number. */
static uintptr_t model[PAGES];
static uintptr_t last_entry;
static struct kmem_cache *cache;
static struct vma_index vmas;
static struct rng rng;

static void *new_entry(void)
{
	return (void *)(++last_entry << 4);
}

static int set_up(void **state)
{
	static const struct kmem_cache_args args = {.align = VMA_NODE_SIZE};

	(void)state;
	memset(model, 0, sizeof(model));
	last_entry = 0;
	if (kmem_cache_create(&cache, "maple_node", VMA_NODE_SIZE, &args, NULL))
		return -1;
	vma_index_init(&vmas, cache);
	return 0;
}

static uint64_t live_nodes(void)
{
	struct kmem_cache_stats stats;

	rcu_barrier();
	kmem_cache_stats(cache, &stats);
	return stats.live;
}

static int tear_down(void **state)
{
	struct why why = WHY_INIT;

	(void)state;
	vma_index_release(&vmas);
	vma_index_check(&vmas);
	assert_int_equal(vmas.count, 0);
	assert_int_equal(live_nodes(), 0);
	if (kmem_cache_destroy(cache, &why))
		fail_msg("%s", why.text);
	return 0;
}

static unsigned run_end(unsigned page)
{
	unsigned end = page;

	while (end < PAGES && model[end] == model[page])
		end++;
	return end;
}

static unsigned run_start(unsigned page)
{
	unsigned start = page;

	while (start && model[start - 1] == model[page])
		start--;
	return start;
}

/* Update both, in @nr pieces cut at random with or without gaps between. */
static void update_both(unsigned start, unsigned end, unsigned nr)
{
	struct vma_index_piece pieces[VMA_INDEX_PIECES];
	unsigned i, n = 0, page, at = start;

	for (i = 0; i < nr && at < end; i++) {
		unsigned stop = i + 1 == nr ? end : at + 1 + rng_below(&rng, end - at);

		if (rng_below(&rng, 4) || nr == 1)
			pieces[n++] = (struct vma_index_piece){ADDR(at), ADDR(stop), new_entry()};
		at = stop;
	}
	memset(model + start, 0, (end - start) * sizeof(*model));
	for (i = 0; i < n; i++) {
		for (page = pieces[i].start >> 12; page < pieces[i].end >> 12; page++)
			model[page] = (uintptr_t)pieces[i].entry;
	}
	assert_int_equal(vma_index_replace(&vmas, ADDR(start), ADDR(end), pieces, n), 0);
}

/* Exactly what a split or a merge does: the ends of the range are those of entries. */
static void split_or_merge(void)
{
	unsigned page = rng_below(&rng, PAGES), end = run_end(page), start = run_start(page);

	if (!model[page])
		return;
	if (end < PAGES && model[end] && rng_below(&rng, 2))
		update_both(start, run_end(end), 1);
	else
		update_both(start, end, 1 + rng_below(&rng, 3));
}

static void update_at_random(bool grow)
{
	unsigned start = rng_below(&rng, PAGES);
	unsigned most = rng_below(&rng, 64) ? 12 : PAGES;
	unsigned end = start + 1 + rng_below(&rng, most);

	end = end < PAGES ? end : PAGES;
	switch (rng_below(&rng, 4)) {
	case 0:
		split_or_merge();
		return;
	case 1:
		update_both(start, end, 0);
		return;
	default:
		if (grow && end - start > 16)
			end = start + 1;
		update_both(start, end, grow ? 1 + rng_below(&rng, VMA_INDEX_PIECES) : 0);
	}
}

static void check_finds(void)
{
	unsigned page = rng_below(&rng, PAGES), other;
	unsigned long addr = ADDR(page) + rng_below(&rng, 4096);
	struct vma_range range;

	assert_ptr_equal(vma_index_find(&vmas, addr), model[page]);
	assert_ptr_equal(vma_index_find_range(&vmas, addr, &range), model[page]);
	assert_int_equal(range.start, ADDR(run_start(page)));
	assert_int_equal(range.end,
			 run_end(page) == PAGES && !model[page] ? ULONG_MAX : ADDR(run_end(page)));
	for (other = page; other < PAGES && !model[other];)
		other++;
	assert_ptr_equal(vma_index_find_next(&vmas, addr, &range),
			 other < PAGES ? model[other] : 0);
	if (other < PAGES)
		assert_int_equal(range.start, ADDR(run_start(other)));
	for (other = run_start(page); other && !model[other - 1];)
		other--;
	assert_ptr_equal(vma_index_find_prev(&vmas, addr, &range), other ? model[other - 1] : 0);
	if (other)
		assert_int_equal(range.end, ADDR(other));
}

static void check_gap(bool down)
{
	unsigned low = rng_below(&rng, PAGES), high = low + 1 + rng_below(&rng, PAGES - low);
	unsigned size = 1 + rng_below(&rng, rng_below(&rng, 2) ? 8 : 200);
	unsigned page, room = 0, found = PAGES;
	unsigned long start;
	int rc = down ? vma_index_empty_area_rev(&vmas, ADDR(low), ADDR(high), ADDR(size), &start)
		      : vma_index_empty_area(&vmas, ADDR(low), ADDR(high), ADDR(size), &start);

	for (page = low; page < high; page++) {
		room = model[page] ? 0 : room + 1;
		if (room >= size && (down || found == PAGES))
			found = page + 1 - size;
	}
	if (found == PAGES) {
		assert_int_equal(rc, -ENOMEM);
		return;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(start, ADDR(found));
}

/* Everything: a walk finds the model's runs in order, and nothing else. */
static void check_all(void)
{
	struct vma_walk walk;
	unsigned page = 0, nr = 0;
	void *entry;

	vma_index_check(&vmas);
	vma_walk_init(&walk, &vmas, 0);
	while ((entry = vma_walk_next(&walk))) {
		while (page < PAGES && !model[page])
			page++;
		assert_true(page < PAGES);
		assert_ptr_equal(entry, model[page]);
		assert_int_equal(walk.range.start, ADDR(page));
		page = run_end(page);
		assert_int_equal(walk.range.end, ADDR(page));
		if (!rng_below(&rng, 16))
			vma_walk_reset(&walk);
		nr++;
	}
	while (page < PAGES && !model[page])
		page++;
	assert_int_equal(page, PAGES);
	assert_int_equal(nr, vmas.count);
}

static void test_against_model(void **state)
{
	unsigned seed, i;

	(void)state;
	for (seed = 1; seed <= 6; seed++) {
		rng_init(&rng, seed);
		for (i = 0; i < 8000; i++) {
			update_at_random((i / 2000) % 2 == 0);
			check_finds();
			if (i % 8 == 0)
				check_gap(i % 16 == 0);
			if (i % 32 == 0)
				check_all();
		}
		check_all();
	}
}

/* The first and the last address, and an index that fills up and empties from either end. */
static void test_edges(void **state)
{
	struct vma_range range;
	unsigned long start;
	unsigned i;

	(void)state;
	assert_null(vma_index_find(&vmas, 0));
	assert_null(vma_index_find_next(&vmas, 0, &range));
	assert_null(vma_index_find_prev(&vmas, ULONG_MAX - 1, &range));
	assert_int_equal(vma_index_empty_area(&vmas, 4096, 8192, 4096, &start), 0);
	assert_int_equal(start, 4096);
	assert_int_equal(vma_index_empty_area(&vmas, 4096, 8192, 4097, &start), -ENOMEM);
	assert_int_equal(vma_index_erase(&vmas, 0, ULONG_MAX), 0);
	assert_int_equal(vmas.nr_nodes, 0);
	assert_int_equal(vma_index_store(&vmas, 0, ULONG_MAX, &i), 0);
	assert_ptr_equal(vma_index_find(&vmas, 0), &i);
	assert_ptr_equal(vma_index_find(&vmas, ULONG_MAX - 1), &i);
	assert_int_equal(vma_index_empty_area(&vmas, 0, ULONG_MAX, 1, &start), -ENOMEM);
	vma_index_check(&vmas);
	assert_int_equal(vma_index_erase(&vmas, 4096, 8192), 0);
	assert_int_equal(vmas.count, 2);
	assert_int_equal(vma_index_erase(&vmas, 0, ULONG_MAX), 0);
	assert_int_equal(vmas.count, 0);
	for (i = 0; i < 3000; i++)
		assert_int_equal(vma_index_store(&vmas, ADDR(i), ADDR(i + 1), new_entry()), 0);
	vma_index_check(&vmas);
	assert_true(vmas.nr_nodes < 3000 / (VMA_LEAF_SLOTS * 3 / 4)); /* in order: nearly full */
	for (i = 0; i < 3000; i++) {
		unsigned page = i % 2 ? i / 2 : 2999 - i / 2;

		assert_int_equal(vma_index_erase(&vmas, ADDR(page), ADDR(page + 1)), 0);
		vma_index_check(&vmas);
	}
	assert_int_equal(vmas.nr_nodes, 0);
}

static void test_abort_changes_nothing(void **state)
{
	struct vma_index_update update;
	uint64_t live;
	unsigned i;

	(void)state;
	rng_init(&rng, 7);
	for (i = 0; i < 1000; i++)
		update_at_random(true);
	for (i = 0; i < 1000; i++) {
		unsigned page = rng_below(&rng, PAGES);
		unsigned long end = ADDR(page + 1 + rng_below(&rng, PAGES - page));

		live = live_nodes();
		assert_int_equal(vma_index_prepare(&update, &vmas, ADDR(page), end, NULL, 0), 0);
		vma_index_abort(&update);
		assert_int_equal(live_nodes(), live);
		if (i % 32 == 0)
			check_all();
		update_at_random(true);
	}
}

/* Every update again and again, until none of its allocations is the one that fails. */
static void test_every_allocation_fails_once(void **state)
{
	unsigned i, most = 0;

	(void)state;
	rng_init(&rng, 8);
	for (i = 0; i < 400; i++)
		update_at_random(true);
	for (i = 0; i < 400; i++) {
		unsigned page = rng_below(&rng, PAGES), n;
		unsigned end = page + 1 + rng_below(&rng, rng_below(&rng, 8) ? 8 : 600);
		void *entry = rng_below(&rng, 2) ? new_entry() : NULL;
		struct vma_index_piece piece = {ADDR(page), ADDR(end), entry};
		uint64_t failed = 1;

		for (n = 1; failed; n++) {
			uint64_t live = live_nodes();
			int rc;

			fault_inject_nth(&fault_inject_slab, n, cache);
			rc = vma_index_replace(&vmas, piece.start, piece.end, &piece, !!entry);
			failed = fault_inject_stop(&fault_inject_slab);
			assert_int_equal(rc, failed ? -ENOMEM : 0);
			if (failed) {
				assert_int_equal(live_nodes(), live);
				check_all();
				check_finds();
			}
		}
		most = n > most ? n : most;
		for (n = page; n < end && n < PAGES; n++)
			model[n] = (uintptr_t)entry;
		if (end > PAGES)
			assert_int_equal(vma_index_erase(&vmas, ADDR(PAGES), ULONG_MAX), 0);
		check_all();
	}
	assert_true(most > 4);
}

/* A walk in the middle of a leaf that is replaced goes on in the new one. A failed assert would
 * leave the RCU section open, so all are behind it. */
static void test_walk_leaves_dead_leaf(void **state)
{
	struct vma_walk walk;
	void *entry[6];
	unsigned i;

	(void)state;
	for (i = 0; i < 12; i += 2)
		assert_int_equal(vma_index_store(&vmas, ADDR(i), ADDR(i + 1), new_entry()), 0);
	rcu_read_lock();
	vma_walk_init(&walk, &vmas, 0);
	entry[0] = vma_walk_next(&walk);
	entry[1] = vma_walk_next(&walk);
	vma_index_store(&vmas, ADDR(3), ADDR(4), &walk);
	vma_index_erase(&vmas, ADDR(4), ADDR(5));
	entry[2] = vma_walk_next(&walk);
	entry[3] = vma_walk_next(&walk);
	rcu_read_unlock();
	vma_walk_reset(&walk);
	walk.addr = ADDR(2);
	rcu_read_lock();
	entry[4] = vma_walk_find(&walk);
	entry[5] = vma_walk_find(&walk);
	rcu_read_unlock();
	assert_ptr_equal(entry[0], 1 << 4);
	assert_ptr_equal(entry[1], 2 << 4);
	assert_ptr_equal(entry[2], &walk);
	assert_ptr_equal(entry[3], 4 << 4);
	assert_ptr_equal(entry[4], 2 << 4);
	assert_ptr_equal(entry[5], 2 << 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_against_model, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_edges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_abort_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_allocation_fails_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_walk_leaves_dead_leaf, set_up, tear_down),
	};
	int failed;

	arch_slot_enter(0);
	rcu_register_thread();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return failed;
}
