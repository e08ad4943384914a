/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/frame.h"

#include <errno.h>

struct fault_inject fault_inject_frame;

/* Bytes of the descriptors of @nr frames, in whole chunks. */
static size_t frames_size(uint64_t nr)
{
	return round_up_to(nr * sizeof(struct frame), NODE_MEMORY_CHUNK);
}

int zone_init(struct zone *zone, unsigned node, size_t size, bool prefault, struct why *why)
{
	uint64_t i;

	*zone = (struct zone){.nr_frames = size >> PAGE_SHIFT};
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
	spin_lock_init(&zone->lock);
	list_init(&zone->free);
	for (i = 0; i < zone->nr_frames; i++) {
		zone->frames[i] = (struct frame){.flags = FRAME_FREE, .node = node, .number = i};
		list_add_tail(&zone->frames[i].lru, &zone->free);
	}
	zone->nr_free = zone->nr_frames;
	return 0;
}

void zone_release(struct zone *zone)
{
	node_memory_area_free(zone->frames, frames_size(zone->nr_frames));
	node_memory_area_free(zone->base, zone->nr_frames << PAGE_SHIFT);
}

bool pcp_refill(struct pcp *pcp, struct zone *zone)
{
	unsigned i, nr;

	spin_lock(&zone->lock);
	nr = zone->nr_free < PCP_BATCH ? zone->nr_free : PCP_BATCH;
	for (i = 0; i < nr; i++)
		list_move_tail(zone->free.next, &pcp->list);
	arch_write_once(&zone->nr_free, zone->nr_free - nr);
	spin_unlock(&zone->lock);
	pcp->count += nr;
	return nr > 0;
}

/* The coldest first, and so that the zone gives them out again in the order of the list. */
void pcp_drain(struct pcp *pcp, struct zone *zone, unsigned nr)
{
	unsigned i;

	spin_lock(&zone->lock);
	for (i = 0; i < nr; i++)
		list_move(pcp->list.prev, &zone->free);
	arch_write_once(&zone->nr_free, zone->nr_free + nr);
	spin_unlock(&zone->lock);
	pcp->count -= nr;
}
