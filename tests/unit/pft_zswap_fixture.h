/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pft_zswap_fixture: a swap area with zswap in front of it, and pages of known contents that go out and come
 * back. The frames are the test's own: a page lives in one only while it is on its way.
 */
#ifndef TESTS_UNIT_PFT_ZSWAP_FIXTURE_H
#define TESTS_UNIT_PFT_ZSWAP_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/frame_lock.h"
#include "pft/base/node_memory.h"
#include "pft/base/page.h"
#include "pft/base/rcu.h"
#include "pft/zswap/swap.h"
#include "pft/zswap/swap_io.h"
#include "pft/zswap/zswap_types.h"

#define RIG_FRAMES 600 /* more than the device writes at once */
#define RIG_DEVICE_SLOT (ARCH_SLOTS - 2)
#define RIG_WORKER_SLOT (ARCH_SLOTS - 3)

/* The owner of the frames. */
struct rig {
	struct swap swap;
	struct memcg_tree tree;
	struct zswap *zswap;
	struct spinlock lock; /* guards free */
	struct list_head free;
	unsigned nr_free;
	bool no_frames; /* writeback gets none */
	void (*on_alloc)(struct rig *rig); /* called before a frame is given out, or NULL */
	struct frame frames[RIG_FRAMES];
	unsigned char *pages;
	char path[64];
};

/* What differs from the usual: all zero is the default of each. */
struct rig_options {
	const char *policy, *compressor, *zpool;
	uint64_t slots; /* 0: 4096 */
	uint64_t total_pages; /* of which max_pool_percent is 20; 0: 1 << 18 */
	bool no_memcgs;
	enum swap_io io; /* 0: SWAP_IO_AUTO */
};

static struct frame *rig_frame_alloc(struct swap *swap, uint64_t slot)
{
	struct rig *rig = container_of(swap, struct rig, swap);
	struct frame *frame = NULL;

	(void)slot;
	if (rig->on_alloc)
		rig->on_alloc(rig);
	spin_lock(&rig->lock);
	if (rig->nr_free && !arch_read_once(&rig->no_frames)) {
		frame = list_first_entry(&rig->free, struct frame, lru);
		list_del(&frame->lru);
		rig->nr_free--;
		arch_write_once(&frame->flags, 0);
		arch_write_once(&frame->refcount, 1);
	}
	spin_unlock(&rig->lock);
	return frame;
}

static void rig_frame_free(struct swap *swap, struct frame *frame)
{
	struct rig *rig = container_of(swap, struct rig, swap);

	if (frame_test(frame, FRAME_SWAPCACHE | FRAME_LOCKED | FRAME_WRITEBACK))
		BUG("a frame with flags %#x is freed", frame->flags);
	frame->memcg = NULL;
	frame->node = 0;
	spin_lock(&rig->lock);
	list_add(&frame->lru, &rig->free);
	rig->nr_free++;
	spin_unlock(&rig->lock);
}

static void *rig_frame_address(struct swap *swap, const struct frame *frame)
{
	struct rig *rig = container_of(swap, struct rig, swap);

	return rig->pages + (size_t)(frame - rig->frames) * PAGE_SIZE;
}

static const struct swap_ops rig_ops = {rig_frame_alloc, rig_frame_free, rig_frame_address};

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

/* The kinds of pages; a page's number says which it is, and what is in it. */
enum { RIG_ZERO, RIG_WORD, RIG_TEXT, RIG_HALF, RIG_RANDOM, RIG_KINDS };

/* A page number of that kind. */
static inline uint64_t rig_page(unsigned kind, uint64_t n)
{
	return n * RIG_KINDS + kind;
}

/* Make page number @number: @words of 512 are random, the others repeat; the first is the number. */
static inline void rig_fill(void *page, uint64_t number)
{
	static const unsigned random_words[RIG_KINDS] = {
		[RIG_TEXT] = 60, [RIG_HALF] = 250, [RIG_RANDOM] = 512};
	uint64_t *words = page;
	struct rng rng;
	unsigned i, kind = number % RIG_KINDS;

	if (kind <= RIG_WORD) {
		for (i = 0; i < 512; i++)
			words[i] = kind == RIG_ZERO ? 0 : number;
		return;
	}
	rng_init(&rng, number);
	for (i = 0; i < random_words[kind]; i++)
		words[i] = rng_next(&rng);
	words[0] = number;
	for (; i < 512; i++)
		words[i] = number + i % 8;
}

static inline void rig_verify(const void *page, uint64_t number, uint64_t slot)
{
	unsigned char expected[PAGE_SIZE];

	rig_fill(expected, number);
	if (memcmp(page, expected, PAGE_SIZE))
		BUG("slot %llu does not hold page %llu", (unsigned long long)slot,
		    (unsigned long long)number);
}

static inline struct frame *rig_frame(struct rig *rig)
{
	struct frame *frame;

	/* All may be on their way to the disk. */
	while (!(frame = rig_frame_alloc(&rig->swap, 0)))
		swap_device_drain(&rig->swap.device);
	return frame;
}

/* Off the cache if it is clean: that is when the page's memory is free. Else it stays dirty there. The caller
 * has the lock and a reference, which both end. Returns whether it is off. */
static inline bool rig_done(struct rig *rig, struct frame *frame)
{
	bool clean;

	frame_wait_writeback(frame);
	clean = !frame_test(frame, FRAME_DIRTY);
	if (clean)
		swap_cache_delete(&rig->swap.cache, frame);
	frame_unlock(frame);
	swap_cache_put_frame(&rig->swap.cache, frame);
	return clean;
}

/* Write @frame with page @number out; *@slot is its slot. What add_to_swap(), try_to_unmap() and pageout() do.
 * 0, or -errno: then the slot is free again, and the page was never swapped. */
static inline int rig_out_frame(struct rig *rig, struct frame *frame, uint64_t number,
				uint64_t *slot)
{
	int rc;

	rig_fill(rig_frame_address(&rig->swap, frame), number);
	if (!frame_trylock(frame))
		BUG("a fresh frame is locked");
	frame_set(frame, FRAME_UPTODATE | FRAME_DIRTY);
	rc = swap_cache_add_new(&rig->swap.cache, frame, slot);
	if (rc) {
		frame_unlock(frame);
		swap_cache_put_frame(&rig->swap.cache, frame);
		return rc;
	}
	assert_int_equal(swap_slot_dup(&rig->swap.slots, *slot), 0); /* the PTE's */
	rc = swap_out(&rig->swap, frame);
	frame_wait_writeback(frame);
	if (rc || frame_test(frame, FRAME_DIRTY)) {
		swap_slot_put(&rig->swap.slots, *slot);
		frame_clear_flags(frame, FRAME_DIRTY);
		rc = rc ? rc : -EIO;
	}
	rig_done(rig, frame);
	return rc;
}

static inline int rig_out(struct rig *rig, uint64_t number, struct memcg *memcg, unsigned node,
			  uint64_t *slot)
{
	struct frame *frame = rig_frame(rig);

	frame->memcg = memcg;
	frame->node = node;
	return rig_out_frame(rig, frame, number, slot);
}

/* The slot's frame, locked and in the cache, read or not: do_swap_page()'s beginning. */
static inline struct frame *rig_own(struct rig *rig, uint64_t slot, bool *was_new)
{
	struct frame *frame;
	int rc;

	for (;;) {
		rc = swap_cache_alloc(&rig->swap.cache, slot, false, &frame, was_new);
		if (rc == -ENOMEM) {
			swap_device_drain(&rig->swap.device);
			continue;
		}
		assert_int_equal(rc, 0);
		if (*was_new)
			return frame;
		frame_lock(frame);
		if (swap_cache_holds(frame, slot))
			return frame;
		frame_unlock(frame);
		swap_cache_put_frame(&rig->swap.cache, frame);
	}
}

/* Drop the PTE's use of @slot; whatever is there is dropped with it. zap_pte_range() */
static inline void rig_zap(struct rig *rig, uint64_t slot)
{
	swap_slot_put(&rig->swap.slots, slot);
	swap_cache_try_free(&rig->swap.cache, slot);
}

/* Read @slot, look at every byte, and free it: do_swap_page() of a write fault. 0, or the error with all as it
 * was. *@from_disk may be NULL. */
static inline int rig_in(struct rig *rig, uint64_t slot, uint64_t number, bool *from_disk)
{
	bool was_new, disk = false;
	struct frame *frame = rig_own(rig, slot, &was_new);
	int rc = 0;

	if (!frame_test(frame, FRAME_UPTODATE))
		rc = swap_in(&rig->swap, frame, &disk);
	if (from_disk)
		*from_disk = disk;
	if (!rc) {
		rig_verify(rig_frame_address(&rig->swap, frame), number, slot);
		swap_slot_put(&rig->swap.slots, slot); /* the PTE's */
	}
	swap_cache_delete(&rig->swap.cache, frame);
	frame_unlock(frame);
	swap_cache_put_frame(&rig->swap.cache, frame);
	return rc;
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
