/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers of the VMA index while a writer splits, merges, stores and erases. The space is cut into
 * areas of 16 pages: the lower 8 are mapped all the time, as one entry or as up to 8; the upper 8
 * come and go. An entry that was taken out is freed after a grace period.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/rng.h"
#include "common/say.h"
#include "common/xalloc.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/mm/vma_update.h"
#include "pft/mm/vma_walk.h"

enum { AREAS = 200, AREA_PAGES = 16, FIXED_PAGES = 8, READERS = 2, UPDATES = 40000 };
#define ADDR(page) ((unsigned long)(page) << 12)
#define MAGIC	   0x564d415f4c495645UL

/* What the index holds here: like a VMA it knows its own range. */
struct entry {
	unsigned long start, end;
	uint64_t magic; /* MAGIC while a reader may meet it */
	struct rcu_head rcu;
};

static struct kmem_cache *cache;
static struct vma_index vmas;
static uint32_t stop;
static uint64_t finds[READERS], walked[READERS];

static void entry_free_rcu(struct rcu_head *rcu)
{
	struct entry *entry = container_of(rcu, struct entry, rcu);

	arch_write_once(&entry->magic, 0);
	free(entry);
}

/* Free what the range held; it is no longer in the index. */
static void free_entries(struct entry **old, unsigned nr)
{
	while (nr--)
		call_rcu(&old[nr]->rcu, entry_free_rcu);
}

/* Put @nr entries, evenly cut, in place of what [@start, @end) holds. */
static void replace(unsigned start, unsigned end, unsigned nr)
{
	struct vma_index_piece pieces[VMA_INDEX_PIECES];
	struct entry *old[AREA_PAGES], *entry;
	struct vma_walk walk;
	unsigned i, nr_old = 0;

	vma_walk_init(&walk, &vmas, ADDR(start));
	while ((entry = vma_walk_next(&walk)) && walk.range.start < ADDR(end))
		old[nr_old++] = entry;
	for (i = 0; i < nr; i++) {
		entry = xmalloc(sizeof(*entry));
		*entry = (struct entry){.start = ADDR(start + (end - start) * i / nr),
					.end = ADDR(start + (end - start) * (i + 1) / nr),
					.magic = MAGIC};
		pieces[i] = (struct vma_index_piece){entry->start, entry->end, entry};
	}
	if (vma_index_replace(&vmas, ADDR(start), ADDR(end), pieces, nr))
		BUG("no memory for an update");
	free_entries(old, nr_old);
}

static void update(struct rng *rng)
{
	unsigned area = rng_below(rng, AREAS) * AREA_PAGES;

	switch (rng_below(rng, 4)) {
	case 0:
		replace(area, area + FIXED_PAGES, 1);
		break;
	case 1:
		replace(area, area + FIXED_PAGES, 1 + rng_below(rng, VMA_INDEX_PIECES));
		break;
	case 2:
		replace(area + FIXED_PAGES, area + AREA_PAGES, 0);
		break;
	default:
		replace(area + FIXED_PAGES, area + AREA_PAGES,
			1 + rng_below(rng, VMA_INDEX_PIECES));
	}
}

static void check_entry(const struct entry *entry, unsigned long start, unsigned long end)
{
	if (arch_read_once(&entry->magic) != MAGIC)
		BUG("a freed entry was found");
	if (arch_read_once(&entry->start) != start || arch_read_once(&entry->end) != end)
		BUG("the entry of another range was found at [%lx, %lx)", start, end);
}

/* An address of a fixed page: mapped at all times. */
static void find_one(struct rng *rng)
{
	unsigned page = rng_below(rng, AREAS) * AREA_PAGES + rng_below(rng, FIXED_PAGES);
	unsigned long addr = ADDR(page) + rng_below(rng, 4096);
	struct vma_range range;
	struct entry *entry = vma_index_find_range(&vmas, addr, &range);

	if (!entry)
		BUG("address %lx is mapped and was not found", addr);
	if (addr < range.start || addr >= range.end)
		BUG("address %lx was found in [%lx, %lx)", addr, range.start, range.end);
	check_entry(entry, range.start, range.end);
}

/* A walk over three areas: the fixed pages come up without a hole, others may or may not. */
static uint64_t walk_some(struct rng *rng)
{
	unsigned first = rng_below(rng, AREAS - 3);
	unsigned long covered = ADDR(first * AREA_PAGES), end = ADDR((first + 3) * AREA_PAGES);
	struct vma_walk walk;
	struct entry *entry;
	uint64_t nr = 0;

	vma_walk_init(&walk, &vmas, covered);
	while ((entry = vma_walk_next(&walk)) && walk.range.start < end) {
		unsigned long start = walk.range.start;
		unsigned in_area = (covered >> 12) % AREA_PAGES;

		check_entry(entry, start, walk.range.end);
		if (start > covered &&
		    (in_area < FIXED_PAGES || start - covered > ADDR(AREA_PAGES - in_area)))
			BUG("a walk left out [%lx, %lx)", covered, start);
		covered = walk.range.end;
		nr++;
		if (!rng_below(rng, 4)) {
			rcu_read_unlock();
			vma_walk_reset(&walk);
			rcu_read_lock();
		}
	}
	if (covered < end - ADDR(AREA_PAGES - FIXED_PAGES))
		BUG("a walk ended at %lx before %lx", covered, end);
	return nr;
}

static void *reader(void *arg)
{
	uintptr_t me = (uintptr_t)arg;
	struct rng rng;

	arch_slot_enter(1 + me);
	rcu_register_thread();
	rng_init(&rng, 100 + me);
	while (!arch_read_once(&stop)) {
		rcu_read_lock();
		find_one(&rng);
		finds[me]++;
		if (!rng_below(&rng, 8))
			walked[me] += walk_some(&rng);
		rcu_read_unlock();
	}
	rcu_unregister_thread();
	return NULL;
}

static void test_readers_while_one_writes(void **state)
{
	pthread_t threads[READERS];
	struct rng rng;
	uintptr_t i;

	(void)state;
	rng_init(&rng, 1);
	for (i = 0; i < AREAS; i++)
		replace(i * AREA_PAGES, i * AREA_PAGES + FIXED_PAGES, 1);
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, (void *)i), 0);
	for (i = 0; i < UPDATES; i++) {
		update(&rng);
		if (i % 1024 == 0)
			vma_index_check(&vmas);
	}
	arch_write_once(&stop, 1);
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	vma_index_check(&vmas);
	for (i = 0; i < READERS; i++) {
		assert_true(finds[i] > 0);
		assert_true(walked[i] > 0);
	}
	for (i = 0; i < AREAS; i++)
		replace(i * AREA_PAGES, (i + 1) * AREA_PAGES, 0);
	assert_int_equal(vmas.nr_nodes, 0);
}

int main(void)
{
	static const struct kmem_cache_args args = {.align = VMA_NODE_SIZE};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers_while_one_writes),
	};
	struct why why = WHY_INIT;
	int failed;

	arch_slot_enter(0);
	rcu_register_thread();
	if (kmem_cache_create(&cache, "maple_node", VMA_NODE_SIZE, &args, &why))
		BUG("%s", why.text);
	vma_index_init(&vmas, cache);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_barrier();
	if (kmem_cache_destroy(cache, &why))
		BUG("%s", why.text);
	rcu_unregister_thread();
	return failed;
}
