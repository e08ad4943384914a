/* SPDX-License-Identifier: GPL-2.0-or-later */
/* family: what mms that descend from each other share (mm_types.h), made for the first, freed with
 * the last. */
#ifndef PFT_MM_FAMILY_H
#define PFT_MM_FAMILY_H

#include "pft/mm/mm_types.h"

/* Zones, memcgs, slabs, counters. 0, or -errno with the reason in @why. */
int family_new(struct mm_family **family, const struct mm_options *options, struct why *why);

/* Free all of it. Every frame must be free, every object back: BUG() on a leak. */
void family_free(struct mm_family *family);

/* Take @mm in: an id, and a place for its per-worker counters. 0, or -ENOMEM if there are MM_MAX.
 */
int family_add(struct mm_family *family, struct mm *mm);

/* Let @mm, which is empty, go. Returns whether it was the last. */
bool family_remove(struct mm_family *family, struct mm *mm);

/* Drain what all workers hold back: LRU batches and stocks (lru_add_drain_all()). None may be
 * inside.
 */
void family_drain(struct mm_family *family);

/* Frames in zones and workers' lists. */
uint64_t family_free_frames(const struct mm_family *family);

/* percpu_counter_sum(): exact only while no worker counts. */
long rss_sum(const struct mm *mm, enum mm_counter counter);

#endif
