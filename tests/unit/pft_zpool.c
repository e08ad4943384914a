/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every kind of pool has to do, by one worker. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/zswap/zpool.h"

#define OBJECTS 1500
#define STEPS 60000

/* An object as it ought to be. */
struct object {
	uint64_t handle, seed;
	size_t size; /* 0: not allocated */
};

static struct zpool *pool_of(const char *name)
{
	struct why why = WHY_INIT;
	struct zpool *pool = zpool_new(name, &why);

	if (!pool)
		fail_msg("%s", why.text);
	return pool;
}

/* Fill @bytes, which have room for a word more. */
static void contents(const struct object *object, unsigned char bytes[ZPOOL_PAGE + 8])
{
	struct rng rng;
	uint64_t word;
	size_t i;

	rng_init(&rng, object->seed);
	for (i = 0; i < object->size; i += sizeof(word)) {
		word = rng_next(&rng);
		memcpy(bytes + i, &word, sizeof(word));
	}
}

static void write_object(struct zpool *pool, const struct object *object)
{
	unsigned char bytes[ZPOOL_PAGE + 8];

	contents(object, bytes);
	zpool_write(pool, object->handle, bytes, object->size);
}

static void verify(struct zpool *pool, const struct object *object)
{
	unsigned char bytes[ZPOOL_PAGE + 8], scratch[ZPOOL_PAGE];
	const void *from = zpool_read_begin(pool, object->handle, scratch);

	contents(object, bytes);
	if (memcmp(from, bytes, object->size))
		fail_msg("an object of %zu bytes has changed", object->size);
	zpool_read_end(pool, object->handle);
}

static void release(struct zpool *pool, struct object *objects, unsigned nr)
{
	unsigned i;

	for (i = 0; i < nr; i++)
		if (objects[i].size)
			zpool_free_object(pool, objects[i].handle);
	zpool_check(pool);
	assert_int_equal(zpool_pages(pool), 0);
	zpool_free(pool);
}

/* Sizes at the borders of classes and of what fits at all are as frequent as all others. */
static size_t draw_size(struct rng *rng)
{
	static const size_t edges[] = {1, 23, 24, 25, 32, 64, 2040, 3623, 3624, 3625, 3967, 3968,
				       4087, 4088, 4089, 4095, 4096};

	switch (rng_below(rng, 3)) {
	case 0:
		return edges[rng_below(rng, sizeof(edges) / sizeof(*edges))];
	case 1:
		return 16 * (1 + rng_below(rng, 255)) - 9 + rng_below(rng, 3);
	default:
		return 1 + rng_below(rng, ZPOOL_PAGE);
	}
}

static void step(struct zpool *pool, struct object *objects, struct rng *rng)
{
	struct object *object = &objects[rng_below(rng, OBJECTS)];
	int rc;

	if (!object->size) {
		object->size = draw_size(rng);
		object->seed = rng_next(rng);
		rc = zpool_malloc(pool, object->size, 0, &object->handle);
		if (rc) {
			assert_int_equal(rc, -ENOSPC);
			assert_true(object->size > 3968);
			object->size = 0;
			return;
		}
		write_object(pool, object);
	} else if (rng_below(rng, 3)) {
		verify(pool, object);
	} else {
		zpool_free_object(pool, object->handle);
		object->size = 0;
	}
	if (!rng_below(rng, 2000))
		zpool_compact(pool);
}

static void follow_a_model(const struct zpool_ops *ops, uint64_t seed)
{
	static struct object objects[OBJECTS];
	struct zpool *pool = pool_of(ops->name);
	struct zpool_stats stats;
	uint64_t live = 0, bytes = 0;
	struct rng rng;
	unsigned i;

	print_message("%s with seed %lu\n", ops->name, (unsigned long)seed);
	memset(objects, 0, sizeof(objects));
	rng_init(&rng, seed);
	for (i = 0; i < STEPS; i++) {
		step(pool, objects, &rng);
		if (i % 1000 == 0)
			zpool_check(pool);
	}
	for (i = 0; i < OBJECTS; i++)
		if (objects[i].size) {
			verify(pool, &objects[i]);
			bytes += objects[i].size;
			live++;
		}
	zpool_stats(pool, bytes, &stats);
	assert_int_equal(stats.objects, live);
	assert_int_equal(stats.pages, zpool_pages(pool));
	assert_true(stats.density > 1);
	release(pool, objects, OBJECTS);
}

static void test_model(void **state)
{
	unsigned i;
	uint64_t seed;

	(void)state;
	for (i = 0; i < nr_zpools; i++)
		for (seed = 1; seed <= 3; seed++)
			follow_a_model(zpools[i], seed);
}

/* Objects of every size that there is, several in a page, keep their own bytes. */
static void test_every_size(void **state)
{
	static struct object objects[ZPOOL_PAGE];
	unsigned i, k;
	int rc;

	(void)state;
	for (k = 0; k < nr_zpools; k++) {
		struct zpool *pool = pool_of(zpools[k]->name);

		memset(objects, 0, sizeof(objects));
		for (i = 0; i < ZPOOL_PAGE; i++) {
			objects[i] = (struct object){.size = i + 1, .seed = i};
			rc = zpool_malloc(pool, i + 1, 0, &objects[i].handle);
			if (rc)
				objects[i].size = 0;
			else
				write_object(pool, &objects[i]);
			assert_int_equal(rc, k == 1 && i + 1 > 3968 ? -ENOSPC : 0);
		}
		for (i = 0; i < ZPOOL_PAGE; i++)
			if (objects[i].size)
				verify(pool, &objects[i]);
		release(pool, objects, ZPOOL_PAGE);
	}
}

static void test_refused(void **state)
{
	struct why why = WHY_INIT;
	uint64_t handle;
	unsigned i;

	(void)state;
	assert_null(zpool_new("z3fold", &why));
	assert_non_null(strstr(why.text, "'z3fold'"));
	for (i = 0; i < nr_zpools; i++) {
		struct zpool *pool = pool_of(zpools[i]->name);

		assert_ptr_equal(zpool_find(zpools[i]->name), pool->ops);
		assert_int_equal(zpool_malloc(pool, 0, 0, &handle), -EINVAL);
		assert_int_equal(zpool_malloc(pool, ZPOOL_PAGE + 1, 0, &handle), -ENOSPC);
		assert_int_equal(zpool_malloc(pool, SIZE_MAX, 0, &handle), -ENOSPC);
		release(pool, NULL, 0);
	}
}

/* Allocate objects of many sizes, of which some fail; what is there stays good. Returns the failures. */
static unsigned allocate_some(struct zpool *pool, struct object *objects, unsigned nr)
{
	unsigned i, failed = 0;
	uint64_t pages;

	for (i = 0; i < nr; i++) {
		objects[i] = (struct object){.size = 1 + i * 797 % 3900, .seed = i};
		pages = zpool_pages(pool);
		if (zpool_malloc(pool, objects[i].size, 0, &objects[i].handle)) {
			objects[i].size = 0;
			assert_int_equal(zpool_pages(pool), pages);
			failed++;
			zpool_check(pool);
			continue;
		}
		write_object(pool, &objects[i]);
	}
	zpool_check(pool);
	for (i = 0; i < nr; i++)
		if (objects[i].size)
			verify(pool, &objects[i]);
	return failed;
}

/* Each page, handle and descriptor that is asked for fails once, alone. */
static void fail_each(const struct zpool_ops *ops, struct fault_inject *inject)
{
	struct object objects[40];
	unsigned n, failed, i;
	uint64_t pages = 0;

	for (n = 1;; n++) {
		struct zpool *pool = pool_of(ops->name);

		fault_inject_nth(inject, n, NULL);
		failed = allocate_some(pool, objects, 40);
		assert_int_equal(fault_inject_stop(inject), failed);
		if (failed == 0)
			pages = zpool_pages(pool);
		release(pool, objects, 40);
		if (failed == 0)
			break;
	}
	for (i = 0; i < node_memory_nodes(); i++)
		assert_true(node_pages_given(i) < 200); /* some stay in the slabs' sheaves */
	if (inject == &fault_inject_zpool)
		assert_int_equal(n, pages + 1);
	else
		assert_true(n > 40 || ops == zpools[1]);
}

static void test_injection(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < nr_zpools; i++) {
		fail_each(zpools[i], &fault_inject_zpool);
		fail_each(zpools[i], &fault_inject_slab);
	}
}

/* Two objects to a page at most, if 63 chunks are enough for both. */
static void test_zbud(void **state)
{
	struct zpool *pool = pool_of("zbud");
	uint64_t handles[6];
	struct zpool_class class;
	unsigned i;

	(void)state;
	assert_false(zpool_class_stats(pool, 0, &class));
	assert_int_equal(zpool_malloc(pool, 3969, 0, &handles[0]), -ENOSPC);
	assert_int_equal(zpool_malloc(pool, 31 * 64, 0, &handles[0]), 0);
	assert_int_equal(zpool_malloc(pool, 32 * 64 + 1, 0, &handles[1]), 0);
	assert_int_equal(zpool_pages(pool), 2); /* 31 and 33 chunks do not fit */
	assert_int_equal(zpool_malloc(pool, 32 * 64, 0, &handles[2]), 0);
	assert_int_equal(zpool_pages(pool), 2); /* 31 and 32 do */
	assert_int_equal(zpool_malloc(pool, 1, 0, &handles[3]), 0);
	assert_int_equal(zpool_malloc(pool, 1, 0, &handles[4]), 0);
	assert_int_equal(zpool_pages(pool), 3); /* no third object, however small */
	zpool_check(pool);
	zpool_free_object(pool, handles[0]);
	assert_int_equal(zpool_malloc(pool, 31 * 64, 0, &handles[0]), 0);
	assert_int_equal(zpool_pages(pool), 3); /* the room that became free */
	zpool_check(pool);
	for (i = 0; i < 5; i++)
		zpool_free_object(pool, handles[i]);
	release(pool, NULL, 0);
}

/* New pages come from the node that was named. */
static void test_nodes(void **state)
{
	struct why why = WHY_INIT;
	uint64_t handle[3], given[3];
	unsigned i, node;

	(void)state;
	node_memory_release();
	if (node_memory_init(3, &why))
		fail_msg("%s", why.text);
	for (i = 0; i < nr_zpools; i++) {
		struct zpool *pool = pool_of(zpools[i]->name);

		for (node = 0; node < 3; node++) {
			given[node] = node_pages_given(node);
			/* Whole pages of zsmalloc's, and zbud's objects that cannot share one. */
			assert_int_equal(zpool_malloc(pool, 3900, node, &handle[node]), 0);
			assert_true(node_pages_given(node) > given[node]);
		}
		for (node = 0; node < 3; node++)
			zpool_free_object(pool, handle[node]);
		release(pool, NULL, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),	  cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_injection),
		cmocka_unit_test(test_zbud),	  cmocka_unit_test(test_nodes),
	};
	int rc;

	rcu_register_thread();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return rc;
}
