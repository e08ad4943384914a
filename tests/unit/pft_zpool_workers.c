/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every kind of pool under several workers: objects that change hands, shared readers, compaction. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/zswap/zpool.h"
#include "tests/unit/pft_workers.h"

#define WAITING 256
#define COMMON 64
#define ROUNDS 3000
#define ENOUGH 100

struct object {
	uint64_t handle, word; /* contents: the word, over and over */
	size_t size;
};

struct traffic {
	struct zpool *pool;
	struct kmem_cache *objects;
	struct object *waiting[WAITING]; /* for any worker to verify and free */
	struct object common[COMMON]; /* that all read */
	uint64_t failed, wrong, running;
	uint64_t compacted; /* pages */
	bool moves; /* this kind of pool moves objects */
};

/* Fill @bytes, which have room for a word more. */
static void fill(const struct object *object, unsigned char bytes[ZPOOL_PAGE + 8])
{
	size_t i;

	for (i = 0; i < object->size; i += sizeof(object->word))
		memcpy(bytes + i, &object->word, sizeof(object->word));
}

static void verify(struct traffic *traffic, const struct object *object)
{
	unsigned char bytes[ZPOOL_PAGE + 8], scratch[ZPOOL_PAGE];
	const void *from = zpool_read_begin(traffic->pool, object->handle, scratch);

	fill(object, bytes);
	if (memcmp(from, bytes, object->size))
		arch_xadd_relaxed(&traffic->wrong, 1);
	zpool_read_end(traffic->pool, object->handle);
}

/* A few classes, so that workers and compaction meet in them. */
static int store(struct traffic *traffic, struct object *object, struct rng *rng)
{
	static const uint16_t sizes[] = {24, 100, 1000, 1400, 1416, 2000, 3000, 3624, 3900};
	unsigned char bytes[ZPOOL_PAGE + 8];
	int rc;

	object->size = sizes[rng_below(rng, sizeof(sizes) / sizeof(*sizes))];
	object->word = rng_next(rng);
	rc = zpool_malloc(traffic->pool, object->size, node_memory_here(), &object->handle);
	if (rc)
		return rc;
	fill(object, bytes);
	zpool_write(traffic->pool, object->handle, bytes, object->size);
	return 0;
}

static void discard(struct traffic *traffic, struct object *object)
{
	verify(traffic, object);
	zpool_free_object(traffic->pool, object->handle);
	kmem_cache_free(traffic->objects, object);
}

/* A new object or none in place of one that anybody made. */
static void trade(struct traffic *traffic, struct rng *rng)
{
	struct object *object = NULL, *old;

	if (rng_below(rng, 2)) {
		object = kmem_cache_alloc(traffic->objects);
		if (!object || store(traffic, object, rng)) {
			arch_xadd_relaxed(&traffic->failed, 1);
			if (object)
				kmem_cache_free(traffic->objects, object);
			return;
		}
	}
	old = arch_xchg_full(&traffic->waiting[rng_below(rng, WAITING)], object);
	if (old)
		discard(traffic, old);
}

/* Enough was done, or nothing comes of it. */
static bool done(struct traffic *traffic, unsigned rounds)
{
	if (rounds < ROUNDS)
		return false;
	return !traffic->moves || rounds > 100 * ROUNDS ||
	       arch_read_once(&traffic->compacted) >= ENOUGH;
}

/* The first worker moves objects as long as the others run. */
static void work(unsigned slot, void *arg)
{
	struct traffic *traffic = arg;
	struct rng rng;
	unsigned i;

	while (slot == 1 && arch_load_acquire(&traffic->running) > 1)
		arch_xadd_relaxed(&traffic->compacted, zpool_compact(traffic->pool));
	if (slot == 1)
		return;
	rng_init(&rng, slot);
	for (i = 0; !done(traffic, i); i++) {
		trade(traffic, &rng);
		verify(traffic, &traffic->common[rng_below(&rng, COMMON)]);
	}
	arch_xadd_release(&traffic->running, -1);
}

static void drain(struct traffic *traffic)
{
	unsigned i;

	for (i = 0; i < WAITING; i++)
		if (traffic->waiting[i])
			discard(traffic, traffic->waiting[i]);
	for (i = 0; i < COMMON; i++)
		zpool_free_object(traffic->pool, traffic->common[i].handle);
}

/* Returns how many allocations failed. */
static uint64_t run_traffic(const struct zpool_ops *ops, unsigned workers, unsigned per_million)
{
	static struct traffic traffic;
	struct zpool_stats stats;
	struct why why = WHY_INIT;
	struct rng rng;
	unsigned i;

	traffic = (struct traffic){.pool = zpool_new(ops->name, &why), .running = workers};
	traffic.moves = ops == zpool_find("zsmalloc");
	if (!traffic.pool ||
	    kmem_cache_create(&traffic.objects, "object", sizeof(struct object), NULL, &why))
		fail_msg("%s", why.text);
	rng_init(&rng, 0);
	for (i = 0; i < COMMON; i++)
		assert_int_equal(store(&traffic, &traffic.common[i], &rng), 0);
	if (per_million) {
		fault_inject_share(&fault_inject_zpool, per_million, 1, NULL);
		fault_inject_share(&fault_inject_slab, per_million, 2, NULL);
	}
	workers_run(workers, work, &traffic);
	fault_inject_stop(&fault_inject_zpool);
	fault_inject_stop(&fault_inject_slab);
	zpool_check(traffic.pool);
	zpool_stats(traffic.pool, 0, &stats);
	assert_int_equal(stats.pages_compacted, traffic.compacted);
	assert_true(traffic.compacted || !traffic.moves);
	print_message("%s, %u workers: %lu objects left, %lu pages compacted, %lu failures\n",
		      ops->name, workers, (unsigned long)stats.objects,
		      (unsigned long)stats.pages_compacted, (unsigned long)traffic.failed);
	drain(&traffic);
	zpool_check(traffic.pool);
	assert_int_equal(zpool_pages(traffic.pool), 0);
	assert_int_equal(traffic.wrong, 0);
	zpool_free(traffic.pool);
	if (kmem_cache_destroy(traffic.objects, &why))
		fail_msg("%s", why.text);
	return traffic.failed;
}

static void test_traffic(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < nr_zpools; i++) {
		assert_int_equal(run_traffic(zpools[i], 3, 0), 0);
		assert_int_equal(run_traffic(zpools[i], 8, 0), 0);
	}
}

static void test_traffic_with_failures(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < nr_zpools; i++)
		assert_true(run_traffic(zpools[i], 4, 20000) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_traffic_with_failures),
	};
	int rc;

	rcu_register_thread();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return rc;
}
