/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/frame.h"

#include <errno.h>

struct fault_inject fault_inject_frame;

/* Bytes of what describes @nr frames, in whole chunks: the descriptors, then the bitmap. */
static size_t frames_size(uint64_t nr)
{
	return round_up_to(nr * sizeof(struct frame) + nr / 8, NODE_MEMORY_CHUNK);
}

int zone_init(struct zone *zone, unsigned node, size_t size, bool prefault, struct why *why)
{
	uint64_t i;

	*zone = (struct zone){.nr_frames = size >> PAGE_SHIFT, .nr_free = size >> PAGE_SHIFT};
	if (zone->nr_frames >= 1UL << FRAME_NODE_SHIFT)
		return why_not(why, EINVAL, "an arena of %zu bytes on node %u is too large", size,
			       node);
	zone->base = node_memory_area(node, size, prefault, why);
	if (!zone->base)
		return -ENOMEM;
	zone->frames = node_memory_area(node, frames_size(zone->nr_frames), true, why);
	if (!zone->frames) {
		node_memory_area_free(zone->base, size);
		return -ENOMEM;
	}
	zone->free = (uint64_t *)&zone->frames[zone->nr_frames];
	spin_lock_init(&zone->lock);
	for (i = 0; i < zone->nr_frames; i++)
		zone->frames[i] = (struct frame){.flags = FRAME_FREE, .node = node};
	for (i = 0; i < zone->nr_frames / 64; i++)
		zone->free[i] = ~0UL;
	return 0;
}

void zone_release(struct zone *zone)
{
	node_memory_area_free(zone->frames, frames_size(zone->nr_frames));
	node_memory_area_free(zone->base, zone->nr_frames << PAGE_SHIFT);
}

bool pcp_refill(struct pcp *pcp, struct zone *zone)
{
	uint64_t word, hint;
	unsigned i, nr;

	spin_lock(&zone->lock);
	nr = zone->nr_free < PCP_BATCH ? zone->nr_free : PCP_BATCH;
	for (i = 0, hint = zone->hint; i < nr; hint++) {
		for (word = zone->free[hint]; word && i < nr; word &= word - 1, i++)
			list_add_tail(&zone->frames[hint * 64 + (unsigned)__builtin_ctzl(word)].lru,
				      &pcp->list);
		zone->free[hint] = word;
		zone->hint = hint;
	}
	arch_write_once(&zone->nr_free, zone->nr_free - nr);
	spin_unlock(&zone->lock);
	arch_write_once(&pcp->count, pcp->count + nr);
	return nr > 0;
}

void pcp_drain(struct pcp *pcp, struct zone *zone, unsigned nr)
{
	unsigned i;

	spin_lock(&zone->lock);
	for (i = 0; i < nr; i++) {
		/* The coldest first. */
		struct frame *frame = list_last_entry(&pcp->list, struct frame, lru);
		uint64_t number = (uint64_t)(frame - zone->frames), word = number / 64;

		list_del(&frame->lru);
		zone->free[word] |= 1UL << number % 64;
		zone->hint = word < zone->hint ? word : zone->hint;
	}
	arch_write_once(&zone->nr_free, zone->nr_free + nr);
	spin_unlock(&zone->lock);
	arch_write_once(&pcp->count, pcp->count - nr);
}

bool zone_is_free(const struct zone *zone, uint64_t number)
{
	return zone->free[number / 64] >> number % 64 & 1;
}
