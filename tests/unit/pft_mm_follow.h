/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_mm_follow: an mm and its reference side by side, by one worker, in memory or with swap. */
#ifndef TESTS_UNIT_PFT_MM_FOLLOW_H
#define TESTS_UNIT_PFT_MM_FOLLOW_H

#include "tests/unit/pft_mm_ref.h"

/* The window lies across a border of PGD entries. */
#define REF_BASE (MM_MIDDLE - PAGES(REF_PAGES / 2))

/* Random operations on @mm alone; it is freed. */
static inline void ref_follow(struct mm *mm, uint64_t seed)
{
	struct ref ref;
	unsigned i;

	ref_init(&ref, mm, REF_BASE, seed);
	for (i = 0; i < 300; i++) {
		ref_step(&ref);
		if (i % 16 == 0)
			mm_check(mm);
	}
	ref_verify(&ref);
	mm_check(mm);
	mm_free(mm);
}

/* The same with a child now and then. */
static inline void ref_follow_forks(struct mm *mm, uint64_t seed)
{
	struct ref ref;
	unsigned i;

	ref_init(&ref, mm, REF_BASE, seed);
	for (i = 0; i < 40; i++) {
		ref_step(&ref);
		if (i % 4 == 0)
			ref_fork(&ref, 10);
		mm_check(mm);
	}
	mm_free(mm);
}

#endif
