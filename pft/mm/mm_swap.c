/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/mm_swap.h"

#include <errno.h>

#include "pft/base/frame_lock.h"
#include "pft/base/memory.h"
#include "pft/mm/kswapd.h"
#include "pft/mm/lru.h"

static struct mm_family *family_of(struct swap *swap)
{
	return container_of(swap, struct mm_swap, swap)->family;
}

/* For writeback, which frees a compressed page by it: from the last there are, and not charged, as
 * it goes when it is written. */
static struct frame *writeback_frame(struct swap *swap, uint64_t slot)
{
	struct mm_family *family = family_of(swap);
	struct mm_worker *worker = mm_worker(family);
	struct frame *frame;
	bool was;

	(void)slot;
	mm_worker_enter(family, worker);
	was = worker->memalloc;
	worker->memalloc = true;
	frame = frame_alloc(family, worker, node_memory_here());
	worker->memalloc = was;
	return frame;
}

static void free_frame(struct swap *swap, struct frame *frame)
{
	frame_freed(family_of(swap), frame);
}

static void *address_of(struct swap *swap, const struct frame *frame)
{
	return frame_address(family_of(swap)->zones, frame);
}

/* The last use of a slot is gone. */
static void invalidate(struct swap_slots *slots, uint64_t slot)
{
	zswap_invalidate(container_of(slots, struct swap, slots)->zswap, slot);
}

static const struct swap_ops ops = {
	.frame_alloc = writeback_frame,
	.frame_free = free_frame,
	.frame_address = address_of,
};

/*
 * __setup_per_zone_wmarks(): min is the larger of 4 * sqrt(KiB) KiB and 1/256 of the zone (the kernel
 * has only the first, which is for gigabytes), at most 1/32; low and high are a quarter and a half
 * above it, or more where a worker's list takes its 63 at once.
 */
static void set_watermarks(struct zone *zone)
{
	uint64_t kib = zone->nr_frames * 4, root = 0, step;

	while ((root + 1) * (root + 1) <= kib)
		root++;
	zone->min = root > zone->nr_frames / 256 ? root : zone->nr_frames / 256;
	if (zone->min > zone->nr_frames / 32)
		zone->min = zone->nr_frames / 32;
	step = zone->min / 4 > PCP_BATCH ? zone->min / 4 : PCP_BATCH;
	zone->low = zone->min + step;
	zone->high = zone->min + 2 * step;
}

static int take_slots(struct mm_swap *swap, struct why *why)
{
	unsigned node;
	bool all;

	swap->zswap_slot = kthread_slot_get();
	swap->device_slot = kthread_slot_get();
	all = swap->zswap_slot && swap->device_slot;
	for (node = 0; node < swap->family->nr_nodes; node++) {
		swap->kswapds[node].thread.slot = kthread_slot_get();
		all = all && swap->kswapds[node].thread.slot;
	}
	return all ? 0 : why_not(why, EAGAIN, "too many swap areas in use at once");
}

static void put_slots(struct mm_swap *swap)
{
	unsigned node;

	if (swap->zswap_slot)
		kthread_slot_put(swap->zswap_slot);
	if (swap->device_slot)
		kthread_slot_put(swap->device_slot);
	for (node = 0; node < swap->family->nr_nodes; node++)
		if (swap->kswapds[node].thread.slot)
			kthread_slot_put(swap->kswapds[node].thread.slot);
}

/* The area, then zswap over it. */
static int open_area(struct mm_swap *swap, const struct mm_swap_options *options, struct why *why)
{
	struct swap_device_options device = options->device;
	struct zswap_options zswap = options->zswap;
	unsigned node;
	int rc;

	device.slot = swap->device_slot;
	rc = swap_init(&swap->swap, &device, &ops, why);
	if (rc)
		return rc;
	zswap.memcgs = &swap->family->tree;
	zswap.total_pages = options->memory / PAGE_SIZE;
	for (node = 0; !options->memory && node < swap->family->nr_nodes; node++)
		zswap.total_pages += swap->family->zones[node].nr_frames;
	rc = zswap_new(&swap->zswap, &zswap, why);
	if (rc) {
		swap_release(&swap->swap);
		return rc;
	}
	rc = zswap_swapon(swap->zswap, &swap->swap, swap->swap.slots.nr);
	if (rc) {
		zswap_free(swap->zswap);
		swap_release(&swap->swap);
		return why_not(why, -rc, "no memory for zswap's table");
	}
	swap->swap.zswap = swap->zswap;
	swap->swap.slots.invalidate = invalidate;
	return 0;
}

static void close_area(struct mm_swap *swap)
{
	zswap_swapoff(swap->zswap);
	swap_release(&swap->swap);
	zswap_free(swap->zswap);
}

int mm_swap_new(struct mm_family *family, const struct mm_swap_options *options, struct why *why)
{
	struct mm_swap *swap = memory_alloc(sizeof(*swap));
	unsigned node;
	int rc;

	if (!swap)
		return why_not(why, ENOMEM, "no memory for a swap area");
	if (options->page_cluster > PAGE_CLUSTER_MAX) {
		memory_free(swap);
		return why_not(why, EINVAL, "page cluster %u: at most %u, the pages of a table",
			       options->page_cluster, PAGE_CLUSTER_MAX);
	}
	swap->family = family;
	swap->page_cluster = options->page_cluster;
	rc = take_slots(swap, why);
	if (rc)
		goto free;
	rc = open_area(swap, options, why);
	if (rc)
		goto free;
	family->swap = swap;
	family->rmap = true;
	rc = zswap_worker_start(swap->zswap, swap->zswap_slot, why);
	for (node = 0; !rc && node < family->nr_nodes; node++) {
		set_watermarks(&family->zones[node]);
		rc = kswapd_start(family, node, why);
	}
	if (!rc)
		return 0;
	mm_swap_stop(family);
	family->swap = NULL;
	close_area(swap);
free:
	put_slots(swap);
	memory_free(swap);
	return rc;
}

void mm_swap_stop(struct mm_family *family)
{
	unsigned node;

	for (node = 0; node < family->nr_nodes; node++)
		kswapd_stop(family, node);
	zswap_worker_stop(family->swap->zswap);
	swap_device_drain(&family->swap->swap.device);
}

/* Frames whose slot lost its last PTE while somebody had them locked. */
static void empty_cache(struct swap *swap)
{
	struct frame *frame;
	uint64_t slot;

	for (slot = 0; slot < swap->slots.nr; slot++) {
		frame = swap_cache_get(&swap->cache, slot);
		if (!frame)
			continue;
		frame_lock(frame);
		frame_wait_writeback(frame);
		swap_cache_delete(&swap->cache, frame);
		frame_unlock(frame);
		swap_cache_put_frame(&swap->cache, frame);
	}
}

void mm_swap_free(struct mm_family *family)
{
	struct mm_swap *swap = family->swap;

	empty_cache(&swap->swap);
	if (swap_slots_used(&swap->swap.slots))
		BUG("%lu swap slots are in use at the end",
		    (unsigned long)swap_slots_used(&swap->swap.slots));
	obj_cgroup_drain_all(&family->tree);
	close_area(swap);
	put_slots(swap);
	family->swap = NULL;
	memory_free(swap);
}

int mm_swap_enter(struct mm_family *family, struct mm_worker *worker)
{
	int rc;

	if (likely(worker->may_swap))
		return 0;
	rc = zswap_enter(family->swap->zswap);
	worker->may_swap = !rc;
	return rc;
}

bool mm_swap_free_slot(struct mm_swap *swap, struct frame *frame)
{
	uint64_t slot = arch_read_once(&frame->swap) - 1;

	/* With the cache's use alone there is nobody to make it more. */
	if (frame_test(frame, FRAME_WRITEBACK) || swap_slot_count(&swap->swap.slots, slot) > 1)
		return false;
	swap_cache_delete(&swap->swap.cache, frame);
	frame_set(frame, FRAME_DIRTY);
	return true;
}

void mm_swap_put_slots(struct mm_swap *swap, const uint64_t *slots, unsigned nr)
{
	unsigned i;

	for (i = 0; i < nr; i++) {
		swap_slot_put(&swap->swap.slots, slots[i]);
		if (swap_slot_count(&swap->swap.slots, slots[i]) == 1)
			swap_cache_try_free(&swap->swap.cache, slots[i]);
	}
}
