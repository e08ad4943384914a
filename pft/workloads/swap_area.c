/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/swap_area.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/base/kthread.h"
#include "pft/base/obj_cgroup.h"
#include "pft/run.h"

/* For as many writes as can be out, and those of workers that write themselves. */
#define WRITEBACK_FRAMES (2 * SWAP_DEVICE_DEPTH)

/* Found again by the next run, should this one be killed. */
#define DEFAULT_FILE "/var/tmp/pft-swap"

static struct swap_area *area_of(struct swap *swap)
{
	return container_of(swap, struct swap_area, swap);
}

static struct frame *frame_for_writeback(struct swap *swap, uint64_t slot)
{
	struct swap_area *area = area_of(swap);
	struct frame *frame = NULL;

	(void)slot;
	spin_lock(&area->lock);
	if (!list_empty(&area->free)) {
		frame = list_first_entry(&area->free, struct frame, lru);
		list_del(&frame->lru);
	}
	spin_unlock(&area->lock);
	if (!frame)
		return NULL;
	/* Not plain: who found it by its slot before may still look at it. */
	arch_write_once(&frame->flags, 0);
	arch_write_once(&frame->refcount, 1);
	return frame;
}

static void frame_is_free(struct swap *swap, struct frame *frame)
{
	struct swap_area *area = area_of(swap);

	spin_lock(&area->lock);
	list_add(&frame->lru, &area->free);
	spin_unlock(&area->lock);
}

static void *address_of(struct swap *swap, const struct frame *frame)
{
	return swap_area_address(area_of(swap), frame);
}

static const struct swap_ops ops = {
	.frame_alloc = frame_for_writeback,
	.frame_free = frame_is_free,
	.frame_address = address_of,
};

/* The last use of a slot is gone. */
static void invalidate(struct swap_slots *slots, uint64_t slot)
{
	zswap_invalidate(container_of(slots, struct swap, slots)->zswap, slot);
}

static int make_frames(struct swap_area *area, unsigned own, struct why *why)
{
	size_t nr = own + WRITEBACK_FRAMES, size = nr << PAGE_SHIFT;

	spin_lock_init(&area->lock);
	list_init(&area->free);
	size = (size + NODE_MEMORY_CHUNK - 1) & ~(NODE_MEMORY_CHUNK - 1);
	area->memory = node_memory_area(0, size, true, why);
	if (!area->memory)
		return -ENOMEM;
	area->size = size;
	area->frames = xcalloc(nr, sizeof(*area->frames));
	for (size_t i = own; i < nr; i++)
		list_add_tail(&area->frames[i].lru, &area->free);
	return 0;
}

struct frame *swap_area_frames(struct swap_area *area, unsigned first, unsigned nr)
{
	for (unsigned i = first; i < first + nr; i++) {
		area->frames[i].refcount = 1;
		area->frames[i].memcg = area->memcg;
	}
	return &area->frames[first];
}

static int make_group(struct swap_area *area, uint64_t zswap_max, struct why *why)
{
	int err = memcg_tree_init(&area->tree, node_memory_nodes());

	if (err)
		return why_not(why, -err, "no memory for groups");
	err = memcg_new(&area->memcg, area->tree.root);
	if (err) {
		memcg_tree_release(&area->tree);
		return why_not(why, -err, "no memory for a group");
	}
	memcg_set_zswap_max(area->memcg, zswap_max);
	return 0;
}

static int make_zswap(struct swap_area *area, const struct swap_settings *s, uint64_t memory,
		      struct why *why)
{
	struct zswap_options options = ZSWAP_OPTIONS_INIT;
	int err;

	options.policy = zswap_policy_find(s->lru);
	if (!options.policy)
		return why_not(why, EINVAL, "no such policy, with '--lru %s'; use global, memcg or "
			       "memcg-second-chance",
			       s->lru);
	if (zswap_lru_lock_parse(s->lru_lock, &options.lru_lock))
		BUG("--lru-lock %s", s->lru_lock);
	options.memcgs = &area->tree;
	options.compressor = s->codec;
	options.zpool = s->pool;
	options.total_pages = memory >> PAGE_SHIFT;
	options.max_pool_percent = s->pool_max;
	options.accept_threshold_percent = s->accept;
	options.shrinker_enabled = s->shrinker;
	err = zswap_new(&area->zswap, &options, why);
	if (err)
		return err;
	err = zswap_swapon(area->zswap, &area->swap, area->swap.slots.nr);
	if (err) {
		zswap_free(area->zswap);
		area->zswap = NULL;
		return why_not(why, -err, "no memory for zswap's table");
	}
	area->swap.zswap = area->zswap;
	area->swap.slots.invalidate = invalidate;
	return zswap_worker_start(area->zswap, area->zswap_slot, why);
}

static int open_swap(struct swap_area *area, const struct run *run, struct why *why)
{
	const char *file = run->settings->swap.file;
	struct swap_device_options device = {
		.path = file ? file : DEFAULT_FILE,
		.size = swap_settings_size(run),
		.slot = area->device_slot,
	};

	int err = swap_init(&area->swap, &device, &ops, why);

	if (err)
		area->swap.ops = NULL; /* it is not there */
	return err;
}

int swap_area_init(struct swap_area *area, const struct run *run, unsigned own, uint64_t memory,
		   struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	int err;

	*area = (struct swap_area){0};
	area->zswap_slot = kthread_slot_get();
	area->device_slot = kthread_slot_get();
	if (!area->zswap_slot || !area->device_slot)
		return why_not(why, EAGAIN, "too many swap areas in use at once");
	err = make_frames(area, own, why);
	if (!err)
		err = make_group(area, s->zswap_max, why);
	if (!err)
		err = open_swap(area, run, why);
	return err ? err : make_zswap(area, s, memory, why);
}

static void put_slot(unsigned slot)
{
	if (slot)
		kthread_slot_put(slot);
}

void swap_area_release(struct swap_area *area)
{
	if (area->zswap) {
		zswap_worker_stop(area->zswap);
		swap_device_drain(&area->swap.device);
		obj_cgroup_drain_all(&area->tree);
		zswap_swapoff(area->zswap);
	}
	if (area->swap.ops)
		swap_release(&area->swap);
	if (area->zswap)
		zswap_free(area->zswap);
	if (area->memcg) {
		if (memcg_offline(area->memcg))
			BUG("the group of a swap area has groups below it");
		memcg_tree_release(&area->tree);
	}
	if (area->memory)
		node_memory_area_free(area->memory, area->size);
	free(area->frames);
	put_slot(area->zswap_slot);
	put_slot(area->device_slot);
}
