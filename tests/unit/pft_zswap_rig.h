/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pft_zswap_rig: a swap area with zswap in front of it, of small size, whose frames are the test's own:
 * a page lives in one only while it is on its way.
 */
#ifndef TESTS_UNIT_PFT_ZSWAP_RIG_H
#define TESTS_UNIT_PFT_ZSWAP_RIG_H

#include "tests/unit/pft_zswap_frames.h"

/* What differs from the usual: all zero is the default of each. */
struct rig_options {
	const char *policy, *compressor, *zpool;
	uint64_t slots; /* 0: 4096 */
	uint64_t total_pages; /* of which max_pool_percent is 20; 0: 1 << 18 */
	bool no_memcgs;
	enum swap_io io; /* 0: SWAP_IO_AUTO */
};

static void rig_invalidate(struct swap_slots *slots, uint64_t slot)
{
	struct rig *rig = container_of(slots, struct rig, swap.slots);

	zswap_invalidate(rig->zswap, slot);
}

/* swapon; swap and zswap exist together. */
static inline void rig_swapon(struct rig *rig, uint64_t slots, enum swap_io io)
{
	struct swap_device_options options = {
		.path = rig->path,
		.size = slots * PAGE_SIZE,
		.io = io,
		.buffered = true,
		.sparse = true,
		.slot = RIG_DEVICE_SLOT,
	};
	struct why why = WHY_INIT;

	if (swap_init(&rig->swap, &options, &rig_ops, &why))
		fail_msg("%s", why.text);
	rig->swap.zswap = rig->zswap;
	rig->swap.slots.invalidate = rig_invalidate;
	assert_int_equal(zswap_swapon(rig->zswap, &rig->swap, slots), 0);
}

/* The end of swapoff; all slots are free. */
static inline void rig_swapoff(struct rig *rig)
{
	struct why why = WHY_INIT;

	swap_device_drain(&rig->swap.device);
	zswap_swapoff(rig->zswap);
	if (swap_cache_check(&rig->swap.cache, &why) || swap_slots_check(&rig->swap.slots, &why))
		fail_msg("%s", why.text);
	assert_int_equal(swap_slots_used(&rig->swap.slots), 0);
	swap_release(&rig->swap);
}

static inline struct rig *rig_new(const struct rig_options *set)
{
	struct zswap_options options = ZSWAP_OPTIONS_INIT;
	struct rig *rig = calloc(1, sizeof(*rig));
	struct why why = WHY_INIT;
	unsigned i;

	list_init(&rig->free);
	rig->pages = aligned_alloc(PAGE_SIZE, (size_t)RIG_FRAMES * PAGE_SIZE);
	memset(rig->pages, 0, (size_t)RIG_FRAMES * PAGE_SIZE);
	for (i = 0; i < RIG_FRAMES; i++)
		list_add_tail(&rig->frames[i].lru, &rig->free);
	rig->nr_free = RIG_FRAMES;
	assert_int_equal(memcg_tree_init(&rig->tree, node_memory_nodes()), 0);
	options.policy = zswap_policy_find(set->policy);
	assert_non_null(options.policy);
	options.memcgs = set->no_memcgs ? NULL : &rig->tree;
	options.compressor = set->compressor;
	options.zpool = set->zpool;
	if (set->total_pages)
		options.total_pages = set->total_pages;
	if (zswap_new(&rig->zswap, &options, &why))
		fail_msg("%s", why.text);
	snprintf(rig->path, sizeof(rig->path), "/tmp/pft_zswap.%d", (int)getpid());
	rig_swapon(rig, set->slots ? set->slots : 4096, set->io);
	return rig;
}

/* What zswap must be at any rest. */
static inline struct zswap_contents rig_check(struct rig *rig)
{
	struct zswap_contents contents;
	struct why why = WHY_INIT;

	swap_device_drain(&rig->swap.device);
	if (zswap_check(rig->zswap, &contents, &why))
		fail_msg("%s", why.text);
	memcg_tree_check(&rig->tree);
	return contents;
}

/* The end: everything is back where it came from. */
static inline void rig_free(struct rig *rig)
{
	rig_check(rig);
	rig_swapoff(rig);
	assert_int_equal(rig->nr_free, RIG_FRAMES);
	zswap_worker_stop(rig->zswap);
	zswap_leave(rig->zswap);
	zswap_free(rig->zswap);
	obj_cgroup_drain_all(&rig->tree);
	memcg_tree_release(&rig->tree);
	free(rig->pages);
	free(rig);
}

static inline uint64_t rig_stat(struct rig *rig, enum zswap_stat stat)
{
	return zswap_stat(rig->zswap, stat);
}

/* A group below @parent, NULL: the root. */
static inline struct memcg *rig_memcg(struct rig *rig, struct memcg *parent)
{
	struct memcg *memcg;

	assert_int_equal(memcg_new(&memcg, parent ? parent : rig->tree.root), 0);
	return memcg;
}

/* Run the tests as the worker of slot 0. */
static inline int rig_run(const struct CMUnitTest *tests, unsigned nr, unsigned nodes)
{
	struct why why = WHY_INIT;
	int rc;

	arch_slot_enter(0);
	rcu_register_thread();
	if (nodes && node_memory_init(nodes, &why))
		BUG("%s", why.text);
	rc = _cmocka_run_group_tests("zswap", tests, nr, NULL, NULL);
	rcu_barrier();
	rcu_unregister_thread();
	return rc;
}

#endif
