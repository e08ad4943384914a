/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats: what mm_stats() tells. */
#include "pft/mm/family.h"

void mm_stats(struct mm *mm, struct mm_stats *stats)
{
	struct mm_family *family = mm->family;
	long rss = rss_sum(mm, MM_ANONPAGES), swapped = rss_sum(mm, MM_SWAPENTS);
	unsigned i;

	*stats = (struct mm_stats){
		.vmas = arch_read_once(mm_field(mm, map_count, int)),
		.rss = rss > 0 ? rss : 0,
		.swapped = swapped > 0 ? swapped : 0,
		.table_bytes = arch_read_once(&mm->tables.bytes),
		.frames_free = family_free_frames(family),
	};
	for (i = 0; i < NR_MM_EVENTS; i++)
		stats->events[i] = stat_sum(&family->events, i);
	for (i = 0; i < NR_LOCK_EVENTS; i++)
		stats->locks[i] = stat_sum(&family->domain.events, i);
	family_for_each_slot(i, family)
		stats->events[MM_STOCK_REFILL] += arch_read_once(&family->workers[i].stock.refills);
	for (i = 0; i < family->nr_nodes; i++)
		stats->frames += family->zones[i].nr_frames;
	if (family->memcg_levels)
		stats->memcg_pages =
			arch_read_once(&family->memcgs[family->memcg_levels]->memory.usage);
}
