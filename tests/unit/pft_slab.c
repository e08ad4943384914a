/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "tests/unit/pft_workers.h"

static struct kmem_cache *cache_of(size_t size, const struct kmem_cache_args *args)
{
	struct kmem_cache *cache;
	struct why why = WHY_INIT;

	if (kmem_cache_create(&cache, "test", size, args, &why))
		fail_msg("%s", why.text);
	return cache;
}

static void check(struct kmem_cache *cache)
{
	struct why why = WHY_INIT;

	if (kmem_cache_check(cache, &why))
		fail_msg("%s", why.text);
}

static void destroy(struct kmem_cache *cache)
{
	struct why why = WHY_INIT;

	check(cache);
	if (kmem_cache_destroy(cache, &why))
		fail_msg("%s", why.text);
}

/* What a page of 4096 bytes holds of objects of @size: @counts[i] of them start at @starts[i] modulo 128
 * (ends with -1). Worked out by hand: 13 of the 102 40-byte locks start at 56 mod 64, and so on. */
struct placement {
	size_t size;
	unsigned flags;
	unsigned per_page;
	int starts[17];
	unsigned counts[17];
};

static const struct placement placements[] = {
	/* vma_lock of 6.4..6.14 */
	{40, 0, 102, {0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, -1},
	 {7, 6, 6, 6, 7, 7, 6, 6, 6, 7, 7, 6, 6, 6, 6, 7}},
	/* vm_area_struct of 6.1, 6.12, 6.18, and the RFC's */
	{152, 0, 26, {0, 24, 48, 72, 96, 120, 16, 40, 64, 88, 112, 8, 32, 56, 80, 104, -1},
	 {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1}},
	{176, 0, 23, {0, 48, 96, 16, 64, 112, 32, 80, -1}, {3, 3, 3, 3, 3, 3, 3, 2}},
	{192, SLAB_HWCACHE_ALIGN, 21, {0, 64, -1}, {11, 10}},
	{256, SLAB_HWCACHE_ALIGN, 16, {0, -1}, {16}},
	/* a vma_lock aligned to lines, and small objects that share one */
	{40, SLAB_HWCACHE_ALIGN, 64, {0, 64, -1}, {32, 32}},
	{20, SLAB_HWCACHE_ALIGN, 128, {0, 32, 64, 96, -1}, {32, 32, 32, 32}},
};

/* Fill as many pages as a sheaf has objects, so that the last page is full too, and see where the objects
 * are. */
static void check_placement(const struct placement *p)
{
	struct kmem_cache_args args = {.flags = p->flags};
	struct kmem_cache *cache = cache_of(p->size, &args);
	uint64_t live[ARCH_PAIR], expected[ARCH_PAIR] = {0};
	unsigned classes[ARCH_PAIR], i, nr = p->per_page * SLAB_SHEAF;
	static char *objects[128 * SLAB_SHEAF];
	struct kmem_cache_stats stats;

	for (i = 0; p->starts[i] >= 0; i++)
		expected[p->starts[i]] = p->counts[i];
	assert_int_equal(kmem_cache_page_classes(p->size, p->flags, classes), p->per_page);
	for (i = 0; i < ARCH_PAIR; i++) {
		assert_int_equal(classes[i], expected[i]);
		expected[i] *= SLAB_SHEAF;
	}

	for (i = 0; i < nr; i++) {
		objects[i] = kmem_cache_alloc(cache);
		memset(objects[i], 0xa5, p->size);
		assert_int_equal((uintptr_t)objects[i] % NODE_MEMORY_PAGE % cache->size, 0);
	}
	kmem_cache_stats(cache, &stats);
	assert_int_equal(stats.slabs, SLAB_SHEAF);
	kmem_cache_classes(cache, live);
	assert_memory_equal(live, expected, sizeof(live));
	for (i = 0; i < nr; i++)
		kmem_cache_free(cache, objects[i]);
	kmem_cache_classes(cache, live);
	memset(expected, 0, sizeof(expected));
	assert_memory_equal(live, expected, sizeof(live));
	destroy(cache);
}

static void test_placement(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(placements) / sizeof(*placements); i++)
		check_placement(&placements[i]);
}

/* Where the free-list pointer goes decides how large an object is, as in SLUB. */
static void construct(void *object)
{
	memset(object, 0x5a, 64);
}

static void test_sizes(void **state)
{
	struct kmem_cache_args args = {.flags = SLAB_TYPESAFE_BY_RCU};
	struct kmem_cache *cache;
	struct why why = WHY_INIT;

	(void)state;
	cache = cache_of(64, &args);
	assert_int_equal(cache->size, 72);
	destroy(cache);

	args.use_freeptr_offset = true;
	cache = cache_of(64, &args);
	assert_int_equal(cache->size, 64);
	assert_int_equal(cache->freeptr, 0);
	destroy(cache);

	args = (struct kmem_cache_args){.ctor = construct, .align = 16};
	cache = cache_of(64, &args);
	assert_int_equal(cache->size, 80);
	destroy(cache);

	args = (struct kmem_cache_args){.align = 24};
	assert_int_equal(kmem_cache_create(&cache, "odd", 64, &args, &why), -EINVAL);
	assert_non_null(strstr(why.text, "'odd'"));
	args = (struct kmem_cache_args){
		.flags = SLAB_TYPESAFE_BY_RCU, .use_freeptr_offset = true, .freeptr_offset = 64};
	assert_int_equal(kmem_cache_create(&cache, "far", 64, &args, &why), -EINVAL);
	assert_int_equal(kmem_cache_create(&cache, "none", 0, NULL, &why), -EINVAL);
	assert_int_equal(kmem_cache_create(&cache, "big", 4097, NULL, &why), -EINVAL);
}

static void test_forced_class(void **state)
{
	static const unsigned per_page[] = {[0] = 11, [64] = 10};
	struct kmem_cache_args args = {.flags = SLAB_HWCACHE_ALIGN, .force_class = true};
	struct kmem_cache *cache;
	struct why why = WHY_INIT;
	void *objects[100];
	unsigned i;

	(void)state;
	for (args.start_mod_128 = 0; args.start_mod_128 < 128; args.start_mod_128 += 64) {
		cache = cache_of(192, &args);
		assert_int_equal(cache->per_page, per_page[args.start_mod_128]);
		for (i = 0; i < 100; i++) {
			objects[i] = kmem_cache_alloc(cache);
			assert_int_equal((uintptr_t)objects[i] % 128, args.start_mod_128);
		}
		check(cache);
		for (i = 0; i < 100; i++)
			kmem_cache_free(cache, objects[i]);
		destroy(cache);
	}
	args.start_mod_128 = 32;
	assert_int_equal(kmem_cache_create(&cache, "x", 192, &args, &why), -EINVAL);
	assert_non_null(strstr(why.text, "32 mod 128"));
}

/* Objects come in ascending order, or in one that the seed alone decides. */
static void test_shuffle(void **state)
{
	struct kmem_cache_args args = {.shuffle_seed = 0};
	uint16_t order[3][64];
	struct kmem_cache *cache;
	void *objects[64];
	unsigned i, run, ascending = 0;

	(void)state;
	for (run = 0; run < 3; run++) {
		args.shuffle_seed = run ? 42 : 0;
		cache = cache_of(64, &args);
		for (i = 0; i < 64; i++) {
			objects[i] = kmem_cache_alloc(cache);
			order[run][i] = (uintptr_t)objects[i] % NODE_MEMORY_PAGE;
		}
		for (i = 0; i < 64; i++)
			kmem_cache_free(cache, objects[i]);
		destroy(cache);
	}
	assert_memory_equal(order[1], order[2], sizeof(order[1]));
	assert_memory_not_equal(order[0], order[1], sizeof(order[0]));
	for (i = 1; i < 64; i++)
		ascending += order[1][i] > order[1][i - 1];
	assert_in_range(ascending, 10, 53);
}

/* A constructor runs once per object, and what it made survives free and alloc. */
static void test_ctor(void **state)
{
	struct kmem_cache_args args = {.ctor = construct};
	struct kmem_cache *cache = cache_of(64, &args);
	unsigned char *objects[200], expected[64];
	unsigned i, round;

	(void)state;
	memset(expected, 0x5a, sizeof(expected));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 200; i++) {
			objects[i] = kmem_cache_alloc(cache);
			assert_memory_equal(objects[i], expected, 64);
		}
		for (i = 0; i < 200; i++)
			kmem_cache_free(cache, objects[i]);
		check(cache);
	}
	destroy(cache);
}

static void test_leak(void **state)
{
	struct kmem_cache *cache = cache_of(100, NULL);
	struct kmem_cache_stats stats;
	struct why why = WHY_INIT;
	void *objects[3];
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		objects[i] = kmem_cache_alloc(cache);
	kmem_cache_free(cache, objects[1]);
	assert_int_equal(kmem_cache_destroy(cache, &why), -EBUSY);
	assert_string_equal(why.text, "2 objects of cache 'test' are still allocated");
	check(cache);
	objects[1] = kmem_cache_alloc(cache);
	for (i = 0; i < 3; i++)
		kmem_cache_free(cache, objects[i]);
	kmem_cache_stats(cache, &stats);
	assert_int_equal(stats.allocs, 4);
	assert_int_equal(stats.frees, 4);
	assert_int_equal(stats.live, 0);
	assert_int_equal(stats.slabs, 1);
	kmem_cache_shrink(cache);
	kmem_cache_stats(cache, &stats);
	assert_int_equal(stats.slabs, 0);
	destroy(cache);
}

/* Every one of the first allocations can be made to fail, alone, and nothing is lost by it. */
static void test_injection(void **state)
{
	struct kmem_cache *cache = cache_of(64, NULL), *other = cache_of(64, NULL);
	struct kmem_cache_stats stats;
	void *objects[100], *extra;
	unsigned i, n;

	(void)state;
	for (n = 1; n <= 100; n += 9) {
		fault_inject_nth(&fault_inject_slab, n, cache);
		for (i = 1; i <= 100; i++) {
			extra = kmem_cache_alloc(other);
			assert_non_null(extra);
			kmem_cache_free(other, extra);
			objects[i - 1] = kmem_cache_alloc(cache);
			assert_int_equal(!objects[i - 1], i == n);
		}
		assert_int_equal(fault_inject_stop(&fault_inject_slab), 1);
		check(cache);
		for (i = 0; i < 100; i++)
			if (objects[i])
				kmem_cache_free(cache, objects[i]);
	}
	kmem_cache_stats(cache, &stats);
	assert_int_equal(stats.failed, 12);
	assert_int_equal(stats.live, 0);
	destroy(other);
	destroy(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placement), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_forced_class), cmocka_unit_test(test_shuffle),
		cmocka_unit_test(test_ctor), cmocka_unit_test(test_leak),
		cmocka_unit_test(test_injection),
	};

	rcu_register_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
