/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zsmalloc's own figures: classes, density, boundaries, and what compaction does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/rcu.h"
#include "pft/zswap/zsmalloc.h"
#include "tests/unit/pft_workers.h"

static struct zpool *new_pool(void)
{
	struct why why = WHY_INIT;
	struct zpool *pool = zpool_new("zsmalloc", &why);

	if (!pool)
		fail_msg("%s", why.text);
	return pool;
}

static uint64_t allocate(struct zpool *pool, size_t size)
{
	uint64_t handle;

	assert_int_equal(zpool_malloc(pool, size, 0, &handle), 0);
	return handle;
}

static void fill(struct zpool *pool, uint64_t handle, size_t size, unsigned byte)
{
	unsigned char bytes[ZPOOL_PAGE];

	memset(bytes, (int)byte, size);
	zpool_write(pool, handle, bytes, size);
}

static void verify(struct zpool *pool, uint64_t handle, size_t size, unsigned byte)
{
	unsigned char scratch[ZPOOL_PAGE], bytes[ZPOOL_PAGE];
	const void *from = zpool_read_begin(pool, handle, scratch);

	memset(bytes, (int)byte, size);
	assert_memory_equal(from, bytes, size);
	zpool_read_end(pool, handle);
}

/* The class that has an object, where only one object is allocated. */
static struct zpool_class used_class(struct zpool *pool)
{
	struct zpool_class class, found = {.size = 0};
	unsigned i;

	for (i = 0; zpool_class_stats(pool, i, &class); i++)
		if (class.used) {
			assert_int_equal(found.size, 0);
			found = class;
		}
	return found;
}

/* 255 sizes make 119 classes by the rule of 6.12 with chains of 8; shapes as computed by hand. */
static void test_classes(void **state)
{
	static const struct zpool_class known[] = {
		{.size = 32, .pages = 1, .objects = 128},
		{.size = 48, .pages = 3, .objects = 256},
		{.size = 2048, .pages = 1, .objects = 2},
		{.size = 3584, .pages = 7, .objects = 8},
		{.size = 3632, .pages = 8, .objects = 9},
		{.size = 4096, .pages = 1, .objects = 1},
	};
	struct zpool *pool = new_pool();
	struct zpool_class class;
	unsigned i, found = 0, previous = 0;

	(void)state;
	for (i = 0; zpool_class_stats(pool, i, &class); i++) {
		assert_true(class.size > previous && class.size % 16 == 0);
		assert_true(class.size * class.objects <= class.pages * ZPOOL_PAGE);
		assert_true(class.pages <= 8);
		previous = class.size;
		if (class.size == known[found].size) {
			assert_int_equal(class.pages, known[found].pages);
			assert_int_equal(class.objects, known[found].objects);
			found++;
		}
	}
	assert_int_equal(i, 119);
	assert_int_equal(found, sizeof(known) / sizeof(*known));
	zpool_free(pool);
}

/* B18: the class is that of the size and the handle, wherever it is looked up. */
static void test_B18_class_lookup_counts_the_handle(void **state)
{
	struct zpool *pool = new_pool();
	struct zs_pool *zs = zs_pool_of(pool);
	struct zpool_class class;
	unsigned size, k;
	uint64_t handle;

	(void)state;
	for (size = 1; size <= ZPOOL_PAGE; size++) {
		handle = allocate(pool, size);
		class = used_class(pool);
		assert_int_equal(zs_class_of(zs, size)->size, class.size);
		if (class.objects > 1)
			assert_true(size + ZS_HANDLE <= class.size);
		assert_int_equal(class.objects == 1, size > 3624);
		fill(pool, handle, size, size & 0xff);
		verify(pool, handle, size, size & 0xff);
		zpool_free_object(pool, handle);
	}
	for (k = 3; 16 * k <= 3632; k++) {
		/* 16k - 8 fills a size exactly, one byte more needs the next. */
		assert_ptr_equal(zs_class_of(zs, 16 * k - 8), zs->class_of[k - 2]);
		assert_ptr_equal(zs_class_of(zs, 16 * k - 7), zs->class_of[k - 1]);
	}
	assert_ptr_equal(zs_class_of(zs, 1), zs->class_of[0]);
	assert_ptr_equal(zs_class_of(zs, 24), zs->class_of[0]);
	assert_int_equal(zs_class_of(zs, 32)->size, 48); /* 32 bytes and a handle */
	zpool_check(pool);
	zpool_free(pool);
}

/* Objects of the largest class that shares pages: 9 in 8 pages; 7 of them straddle, contents stay apart. */
static void test_largest_that_shares(void **state)
{
	struct zpool *pool = new_pool();
	unsigned char scratch[ZPOOL_PAGE];
	uint64_t handles[10];
	unsigned i, copied = 0;

	(void)state;
	for (i = 0; i < 9; i++) {
		handles[i] = allocate(pool, 3624);
		fill(pool, handles[i], 3624, i + 1);
	}
	assert_int_equal(zpool_pages(pool), 8);
	for (i = 0; i < 9; i++) {
		verify(pool, handles[i], 3624, i + 1);
		copied += zpool_read_begin(pool, handles[i], scratch) == scratch;
		zpool_read_end(pool, handles[i]);
	}
	assert_int_equal(copied, 7);
	handles[9] = allocate(pool, 3625);
	assert_int_equal(zpool_pages(pool), 9);
	assert_ptr_not_equal(zpool_read_begin(pool, handles[9], scratch), scratch);
	zpool_read_end(pool, handles[9]);
	zpool_check(pool);
	for (i = 0; i < 10; i++)
		zpool_free_object(pool, handles[i]);
	assert_int_equal(zpool_pages(pool), 0);
	zpool_free(pool);
}

#define FIRST 100
#define LAST 3624
#define EACH 16
#define NR_DENSE ((LAST - FIRST + 1) * EACH)

/* Uniform sizes cost 2.3 % over the payload where all zspages are full; 16 objects of each size, in any
 * order, leave some open: 26476 pages. */
static void test_density(void **state)
{
	static uint64_t handles[NR_DENSE];
	static uint16_t sizes[NR_DENSE];
	struct zpool *pool = new_pool();
	struct zs_pool *zs = zs_pool_of(pool);
	double pages = 0, payload = 0;
	struct zpool_stats stats;
	struct rng rng;
	unsigned i, size;

	(void)state;
	for (size = FIRST; size <= LAST; size++) {
		const struct size_class *class = zs_class_of(zs, size);

		for (i = 0; i < class->objects; i++)
			handles[i] = allocate(pool, size);
		assert_int_equal(zpool_pages(pool), class->pages);
		pages += (double)class->pages / class->objects;
		payload += size;
		for (i = 0; i < class->objects; i++)
			zpool_free_object(pool, handles[i]);
	}
	print_message("full zspages: %.2f %% over the payload\n",
		      100 * (pages * ZPOOL_PAGE / payload - 1));
	assert_int_equal((int)(1e4 * (pages * ZPOOL_PAGE / payload - 1)), 226);

	for (i = 0; i < NR_DENSE; i++)
		sizes[i] = FIRST + i / EACH;
	rng_init(&rng, 1);
	rng_shuffle(&rng, sizes, NR_DENSE, sizeof(*sizes));
	for (i = 0; i < NR_DENSE; i++)
		handles[i] = allocate(pool, sizes[i]);
	zpool_stats(pool, EACH * (uint64_t)payload, &stats);
	print_message("%lu objects: %.2f %%\n", (unsigned long)stats.objects,
		      100 * (stats.density - 1));
	assert_int_equal(stats.pages, 26476);
	zpool_check(pool);
	for (i = 0; i < NR_DENSE; i++)
		zpool_free_object(pool, handles[i]);
	zpool_free(pool);
}

/* The fullest zspage that has room gets the next object. */
static void test_fullest_first(void **state)
{
	struct zpool *pool = new_pool();
	uint64_t handles[24], more;
	unsigned i;

	(void)state;
	for (i = 0; i < 24; i++) /* class 3584: 8 objects in 7 pages; so three zspages */
		handles[i] = allocate(pool, 3576);
	for (i = 0; i < 24; i++) /* leave 2, 7 and 4 */
		if (i < 6 || i == 8 || i >= 20)
			zpool_free_object(pool, handles[i]);
	more = allocate(pool, 3576);
	zpool_check(pool);
	zpool_free_object(pool, handles[6]);
	zpool_free_object(pool, handles[7]);
	assert_int_equal(zpool_pages(pool), 14); /* it did not go to the first */
	zpool_free_object(pool, more);
	for (i = 9; i < 16; i++)
		zpool_free_object(pool, handles[i]);
	assert_int_equal(zpool_pages(pool), 7); /* nor to the third, but to the second */
	for (i = 16; i < 20; i++)
		zpool_free_object(pool, handles[i]);
	zpool_check(pool);
	zpool_free(pool);
}

#define MANY 6000

/* What can be freed is freed, nothing else changes, and a second time there is nothing to do. */
static void test_compaction(void **state)
{
	static uint64_t handles[MANY];
	static size_t sizes[MANY];
	struct zpool *pool = new_pool();
	struct zpool_class class;
	uint64_t before, freed, freeable = 0;
	struct zpool_stats stats;
	struct rng rng;
	unsigned i;

	(void)state;
	rng_init(&rng, 7);
	for (i = 0; i < MANY; i++) {
		sizes[i] = 1 + rng_below(&rng, ZPOOL_PAGE);
		handles[i] = allocate(pool, sizes[i]);
		fill(pool, handles[i], sizes[i], i & 0xff);
	}
	for (i = 0; i < MANY; i++)
		if (rng_below(&rng, 4)) {
			zpool_free_object(pool, handles[i]);
			sizes[i] = 0;
		}
	for (i = 0; zpool_class_stats(pool, i, &class); i++)
		freeable += class.freeable;
	before = zpool_pages(pool);
	freed = zpool_compact(pool);
	print_message("%lu pages, %lu freed\n", (unsigned long)before, (unsigned long)freed);
	assert_int_equal(freed, freeable);
	assert_true(freed > before / 3);
	assert_int_equal(zpool_pages(pool), before - freed);
	zpool_check(pool);
	for (i = 0; i < MANY; i++)
		if (sizes[i])
			verify(pool, handles[i], sizes[i], i & 0xff);
	assert_int_equal(zpool_compact(pool), 0);
	zpool_stats(pool, 0, &stats);
	assert_int_equal(stats.pages_compacted, freed);
	for (i = 0; i < MANY; i++)
		if (sizes[i])
			zpool_free_object(pool, handles[i]);
	zpool_check(pool);
	zpool_free(pool);
}

/* What somebody reads does not move: the reader's pointer stays good. */
static void test_readers_are_left_alone(void **state)
{
	struct zpool *pool = new_pool();
	unsigned char scratch[ZPOOL_PAGE];
	uint64_t handles[256];
	const void *from;
	unsigned i;

	(void)state;
	for (i = 0; i < 256; i++) { /* two zspages of 128 */
		handles[i] = allocate(pool, 24);
		fill(pool, handles[i], 24, i);
	}
	for (i = 0; i < 256; i++)
		if (i % 128 >= (i < 128 ? 3 : 5))
			zpool_free_object(pool, handles[i]);
	from = zpool_read_begin(pool, handles[0], scratch);
	assert_int_equal(zpool_compact(pool), 0);
	zpool_read_end(pool, handles[0]);
	verify(pool, handles[0], 24, 0);
	assert_ptr_not_equal(from, scratch);
	assert_int_equal(zpool_compact(pool), 1);
	for (i = 0; i < 256; i++)
		if (i % 128 < (i < 128 ? 3 : 5)) {
			verify(pool, handles[i], 24, i);
			zpool_free_object(pool, handles[i]);
		}
	zpool_check(pool);
	zpool_free(pool);
}

struct watch {
	struct zpool *pool;
	uint64_t *handle; /* of an object that compaction will move */
	uint32_t reading;
	unsigned moved; /* how often it was seen elsewhere */
};

/* One worker is in the middle of following a handle, the other compacts. */
static void follow_or_compact(unsigned slot, void *arg)
{
	struct watch *watch = arg;
	struct zs_pool *zs = zs_pool_of(watch->pool);
	uint32_t never = 0;
	uint64_t place;
	unsigned i;

	if (slot == 1) {
		while (!arch_load_acquire(&watch->reading))
			arch_wait(&watch->reading, 0, 0);
		zpool_compact(watch->pool);
		return;
	}
	assert_false(zs_lock_migrate(zs));
	place = arch_read_once(watch->handle);
	arch_store_release(&watch->reading, 1);
	arch_wake(&watch->reading, 1);
	while (!arch_load_acquire(&zs->moving) && !arch_read_once(&zs->pages_compacted))
		arch_relax();
	for (i = 0; i < 50; i++) {
		arch_wait(&never, 0, 100000);
		watch->moved += arch_read_once(watch->handle) != place;
	}
	zs_unlock_migrate(zs, false);
}

/* Compaction waits for whoever was on the way from a handle to its object when it began. */
static void test_compaction_waits_for_lookups(void **state)
{
	struct watch watch = {.pool = new_pool()};
	uint64_t handles[256];
	unsigned i;

	(void)state;
	for (i = 0; i < 256; i++) /* two zspages of 128 */
		handles[i] = allocate(watch.pool, 24);
	for (i = 0; i < 256; i++)
		if (i % 128 >= (i < 128 ? 3 : 5))
			zpool_free_object(watch.pool, handles[i]);
	watch.handle = (uint64_t *)(uintptr_t)handles[0];
	workers_run(2, follow_or_compact, &watch);
	assert_int_equal(watch.moved, 0);
	assert_int_equal(zpool_pages(watch.pool), 1);
	for (i = 0; i < 256; i++)
		if (i % 128 < (i < 128 ? 3 : 5))
			zpool_free_object(watch.pool, handles[i]);
	zpool_check(watch.pool);
	zpool_free(watch.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_B18_class_lookup_counts_the_handle),
		cmocka_unit_test(test_largest_that_shares),
		cmocka_unit_test(test_density),
		cmocka_unit_test(test_fullest_first),
		cmocka_unit_test(test_compaction),
		cmocka_unit_test(test_readers_are_left_alone),
		cmocka_unit_test(test_compaction_waits_for_lookups),
	};
	int rc;

	rcu_register_thread();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return rc;
}
