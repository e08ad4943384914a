/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slab under several workers and nodes, and where its pages come from. */
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
#include "tests/unit/pft_workers.h"

#define MAGIC 0x5afe7e9e5afe7e9eULL

static struct kmem_cache *cache_of(size_t size, const struct kmem_cache_args *args)
{
	struct kmem_cache *cache;
	struct why why = WHY_INIT;

	if (kmem_cache_create(&cache, "test", size, args, &why))
		fail_msg("%s", why.text);
	return cache;
}

static void destroy(struct kmem_cache *cache)
{
	struct why why = WHY_INIT;

	if (kmem_cache_check(cache, &why) || kmem_cache_destroy(cache, &why))
		fail_msg("%s", why.text);
}

#define EXCHANGED 512
#define ROUNDS 4000

struct exchange {
	struct kmem_cache *cache;
	uint64_t *slots[EXCHANGED]; /* objects that wait for any worker */
	uint64_t bad; /* objects handed out twice, or written by another owner */
};

/* Write the object over as its only owner; plain, so that TSan sees a second one. */
static void own(struct exchange *exchange, uint64_t *object, uint64_t owner)
{
	unsigned i;

	for (i = 0; i < 22; i++)
		object[i] = owner;
	for (i = 0; i < 22; i++)
		if (object[i] != owner)
			arch_xadd_relaxed(&exchange->bad, 1);
}

/* Allocate objects, put them up for exchange, and free whichever was there: most are another's. */
static void exchange_objects(unsigned slot, void *arg)
{
	struct exchange *exchange = arg;
	uint64_t *object, *old;
	struct rng rng;
	unsigned i;

	rng_init(&rng, slot);
	if (node_memory_nodes() > 1)
		node_memory_enter(slot % node_memory_nodes());
	for (i = 0; i < ROUNDS; i++) {
		object = kmem_cache_alloc(exchange->cache);
		if (!object)
			continue; /* injected */
		own(exchange, object, slot);
		old = arch_xchg_full(&exchange->slots[rng_below(&rng, EXCHANGED)], object);
		if (!old)
			continue;
		own(exchange, old, slot);
		kmem_cache_free(exchange->cache, old);
	}
}

static void exchange(const struct kmem_cache_args *args, unsigned workers,
		     struct kmem_cache_stats *stats)
{
	static struct exchange shared;
	uint64_t waiting = 0;
	struct why why = WHY_INIT;
	unsigned i;

	memset(&shared, 0, sizeof(shared));
	shared.cache = cache_of(176, args);
	workers_run(workers, exchange_objects, &shared);
	if (kmem_cache_check(shared.cache, &why))
		fail_msg("%s", why.text);
	for (i = 0; i < EXCHANGED; i++)
		waiting += !!shared.slots[i];
	kmem_cache_stats(shared.cache, stats);
	assert_int_equal(stats->live, waiting);
	assert_int_equal(stats->allocs + stats->failed, (uint64_t)workers * ROUNDS);
	for (i = 0; i < EXCHANGED; i++)
		if (shared.slots[i])
			kmem_cache_free(shared.cache, shared.slots[i]);
	assert_int_equal(shared.bad, 0);
	destroy(shared.cache);
}

static void test_exchange(void **state)
{
	struct kmem_cache_args args = {.shuffle_seed = 1};
	struct kmem_cache_stats stats;

	(void)state;
	exchange(NULL, 2, &stats);
	assert_int_equal(stats.remote_frees, 0);
	exchange(NULL, 8, &stats);
	args.flags = SLAB_TYPESAFE_BY_RCU;
	exchange(&args, 4, &stats);
}

static void test_exchange_with_failures(void **state)
{
	struct kmem_cache_stats stats;

	(void)state;
	fault_inject_share(&fault_inject_slab, 20000, 3, NULL);
	exchange(NULL, 3, &stats);
	assert_int_equal(fault_inject_stop(&fault_inject_slab), stats.failed);
	assert_true(stats.failed > 50);
}

/* One worker only allocates and the other only frees: sheaves travel through the barn. */
static void alloc_or_free(unsigned slot, void *arg)
{
	struct exchange *exchange = arg;
	uint64_t **at, *object;
	unsigned i, n;

	for (n = 0; n < 8; n++) {
		for (i = 0; i < EXCHANGED; i++) {
			at = &exchange->slots[i];
			while (!arch_load_acquire(at) != (slot == 1))
				arch_relax();
			if (slot == 1) {
				object = kmem_cache_alloc(exchange->cache);
			} else {
				kmem_cache_free(exchange->cache, *at);
				object = NULL;
			}
			arch_store_release(at, object);
		}
	}
}

static void test_barn(void **state)
{
	static struct exchange shared;
	struct kmem_cache_stats stats;

	(void)state;
	shared.cache = cache_of(64, NULL);
	workers_run(2, alloc_or_free, &shared);
	kmem_cache_stats(shared.cache, &stats);
	assert_int_equal(stats.allocs, 8 * EXCHANGED);
	assert_int_equal(stats.live, 0);
	/* Without the barn each sheaf of 32 would be a refill and a flush: 128 of both. */
	assert_in_range(stats.refills, 1, 80);
	assert_in_range(stats.slabs, 1, 17);
	destroy(shared.cache);
}

struct typed {
	uint64_t freeptr; /* room for the free list, so that the type survives it */
	uint64_t type;
	uint64_t fill[22];
};

struct typesafe {
	struct kmem_cache *cache, *other;
	struct typed *published[64];
	uint32_t stop;
	uint64_t bad, seen;
};

static void set_type(void *object)
{
	/* Readers may still hold a pointer into this page's last life as the same type. */
	arch_write_once(&((struct typed *)object)->type, MAGIC);
}

/* Slots 2.. look at objects that may be freed at any moment. Slot 1 frees them all, gives their pages
 * back and lets another cache write over every page that it can get. */
static void reuse_or_read(unsigned slot, void *arg)
{
	struct typesafe *shared = arg;
	uint64_t *others[64];
	struct typed *object;
	unsigned i, n, spin;

	while (slot > 1 && !arch_read_once(&shared->stop)) {
		rcu_read_lock();
		for (i = 0; i < 64; i++) {
			object = rcu_dereference(shared->published[i]);
			for (spin = 0; spin < 20; spin++)
				arch_relax();
			if (!object)
				continue;
			if (arch_read_once(&object->type) != MAGIC)
				arch_xadd_relaxed(&shared->bad, 1);
			arch_xadd_relaxed(&shared->seen, 1);
		}
		rcu_read_unlock();
	}
	if (slot > 1)
		return;
	for (n = 0; n < 200; n++) {
		for (i = 0; i < 64; i++)
			rcu_assign_pointer(shared->published[i], kmem_cache_alloc(shared->cache));
		arch_wait(&shared->stop, 0, 50000); /* let the readers get hold of some */
		for (i = 0; i < 64; i++)
			kmem_cache_free(shared->cache,
					arch_xchg_full(&shared->published[i], NULL));
		kmem_cache_shrink(shared->cache);
		for (i = 0; i < 64; i++) {
			others[i] = kmem_cache_alloc(shared->other);
			for (spin = 0; spin < 512; spin++)
				arch_write_once(&others[i][spin], 0xbadULL);
		}
		for (i = 0; i < 64; i++)
			kmem_cache_free(shared->other, others[i]);
		kmem_cache_shrink(shared->other);
	}
	arch_write_once(&shared->stop, 1);
}

static void test_typesafe(void **state)
{
	struct kmem_cache_args args = {
		.flags = SLAB_TYPESAFE_BY_RCU, .ctor = set_type, .use_freeptr_offset = true};
	static struct typesafe shared;

	(void)state;
	shared.cache = cache_of(sizeof(struct typed), &args);
	shared.other = cache_of(4096, NULL);
	workers_run(3, reuse_or_read, &shared);
	assert_int_equal(shared.bad, 0);
	assert_true(shared.seen > 0);
	destroy(shared.cache);
	destroy(shared.other);
}

static void test_nodes(void **state)
{
	struct kmem_cache_stats stats;
	struct kmem_cache *cache;
	struct why why = WHY_INIT;
	void *objects[4];
	unsigned node;
	char *area;

	(void)state;
	node_memory_release();
	assert_int_equal(node_memory_init(65, &why), -EINVAL);
	assert_int_equal(node_memory_init(4, &why), 0);
	assert_int_equal(node_memory_nodes(), 4);
	for (node = 1; node < 4; node++)
		assert_true(node_memory_real(node) >= node_memory_real(node - 1));

	cache = cache_of(176, NULL);
	for (node = 0; node < 4; node++) {
		node_memory_enter(node);
		kmem_cache_shrink(cache); /* a worker that moves leaves nothing behind */
		objects[node] = kmem_cache_alloc(cache);
		assert_int_equal(node_page_node(objects[node]), node);
	}
	assert_int_equal(node_memory_init(2, &why), -EBUSY);
	for (node = 0; node < 4; node++)
		kmem_cache_free(cache, objects[node]);
	kmem_cache_stats(cache, &stats);
	assert_int_equal(stats.remote_frees, 3);
	destroy(cache);

	area = node_memory_area(3, NODE_MEMORY_CHUNK, true, &why);
	assert_non_null(area);
	assert_int_equal((uintptr_t)area % NODE_MEMORY_CHUNK, 0);
	assert_int_equal(area[NODE_MEMORY_CHUNK - 1], 0);
	node_memory_area_free(area, NODE_MEMORY_CHUNK);

	exchange(NULL, 6, &stats);
	assert_true(stats.remote_frees > 0);
	node_memory_release();
	assert_int_equal(node_memory_nodes(), 1);
}

/* Every page of some chunks, once: no two overlap each other or a descriptor. */
static void test_pages(void **state)
{
	static char *pages[1200];
	unsigned i;

	(void)state;
	for (i = 0; i < 1200; i++) {
		pages[i] = node_page_alloc(0);
		assert_non_null(pages[i]);
		assert_ptr_equal(node_page_address(node_page_of(pages[i] + 4095)), pages[i]);
		memset(pages[i], i, NODE_MEMORY_PAGE);
		memset(node_page_of(pages[i]), i + 1, sizeof(struct node_page));
	}
	for (i = 0; i < 1200; i++) {
		assert_int_equal(pages[i][0], (char)i);
		assert_int_equal(pages[i][4095], (char)i);
		assert_int_equal(*(char *)node_page_of(pages[i]), (char)(i + 1));
		assert_int_equal(node_page_node(pages[i]), 0);
	}
	for (i = 0; i < 1200; i++)
		node_page_free(pages[i]);
	assert_ptr_equal(node_page_alloc(0), pages[1199]);
	node_page_free(pages[1199]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_exchange_with_failures),
		cmocka_unit_test(test_barn),
		cmocka_unit_test(test_typesafe),
		cmocka_unit_test(test_nodes),
	};

	rcu_register_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
