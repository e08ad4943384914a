/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_counter: pages charged to a group and all above it, each with a limit (mm/page_counter.c).
 * No locks: counters are atomics. The topmost counter is the root's: nothing is counted there.
 */
#ifndef PFT_BASE_PAGE_COUNTER_H
#define PFT_BASE_PAGE_COUNTER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/base/arch.h"

#define PAGE_COUNTER_MAX LONG_MAX

/* What is written at each charge is alone on its line, as in the kernel. */
struct page_counter {
	long usage; /* pages, those of the groups below included */
	uint64_t refs; /* of the group (memcg.h): here because charges of frames hold it */
	uint64_t failcnt; /* charges that the limit refused */
	uint64_t watermark __attribute__((aligned(ARCH_LINE))); /* highest usage */
	long max; /* pages, PAGE_COUNTER_MAX: no limit; may change at any time */
	struct page_counter *parent; /* NULL: the root's */
};

static inline void page_counter_init(struct page_counter *counter, struct page_counter *parent)
{
	*counter = (struct page_counter){.max = PAGE_COUNTER_MAX, .parent = parent};
}

/* page_counter_try_charge(): @nr pages on all levels; false, and nothing charged, if one level has
 * no room. */
bool page_counter_try_charge(struct page_counter *counter, long nr);

/* page_counter_charge(): the same beyond all limits. */
void page_counter_charge(struct page_counter *counter, long nr);

/* page_counter_uncharge(): take @nr pages off all levels. */
void page_counter_uncharge(struct page_counter *counter, long nr);

/* Set the limit and return by how many pages usage is above it; unlike page_counter_set_max() it
 * does so also then: the caller reclaims them. */
long page_counter_set_max(struct page_counter *counter, long max);

/* Pages that may still be charged before some level's limit is reached (mem_cgroup_margin() of the
 * tightest); 0 if one is over it. */
long page_counter_margin(const struct page_counter *counter);

#endif
