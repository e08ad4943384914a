/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_mm_work: what workers do to one mm at once: in windows of their own, whose VMAs merge with the
 * neighbours', and on the same pages. */
#ifndef TESTS_UNIT_PFT_MM_WORK_H
#define TESTS_UNIT_PFT_MM_WORK_H

#include "tests/unit/pft_mm_ref.h"
#include "tests/unit/pft_workers.h"

#define WORKERS	     3
#define COMMON	     (MM_MIDDLE + (1UL << 30))
#define COMMON_PAGES 96

static unsigned times = 1; /* what is done is multiplied by it */

struct shared {
	struct mm *mm;
	unsigned long at;
	void (*every_64)(struct mm *mm); /* what a worker does at each 64th step besides, or NULL */
};

static inline void work_besides(const struct shared *shared, unsigned step)
{
	if (shared->every_64 && step % 64 == 63)
		shared->every_64(shared->mm);
}

/* Map, protect, drop, unmap and fork in a window that touches the others'. */
static inline void work_in_window(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	struct ref ref;
	unsigned i;

	ref_init(&ref, shared->mm, MM_MIDDLE + PAGES(REF_PAGES) * slot, slot);
	for (i = 0; i < 600 * times; i++) {
		ref_step(&ref);
		work_besides(shared, i);
		if (i % 50 == 10 * slot)
			ref_fork(&ref, 5);
	}
	ref_verify(&ref);
}

/* What is written to a page that all use: nobody may ever read anything else but 0. */
static inline uint8_t tag(unsigned page)
{
	return page % 255 + 1;
}

static inline void store_and_load(struct ref *ref, unsigned page)
{
	unsigned long at = COMMON + PAGES(page) + 8 * arch_slot();
	uint8_t byte = tag(page);
	int rc = mm_write(ref->mm, at, &byte, 1);

	ref_check(ref, rc == 0 || rc == -EFAULT);
	byte = 0xee;
	rc = mm_read(ref->mm, at, &byte, 1);
	ref_check(ref, rc == 0 || rc == -EFAULT);
	ref_check(ref, rc || byte == 0 || byte == tag(page));
}

/* The child has a page as it was, whatever becomes of it here. */
static inline void fork_common(struct ref *ref, unsigned page)
{
	struct ref child = *ref;

	ref_check(ref, !mm_fork(ref->mm, &child.mm));
	store_and_load(&child, page);
	store_and_load(ref, page);
	mm_free(child.mm);
}

static inline void work_in_common(unsigned slot, void *arg)
{
	struct shared *shared = arg;
	struct ref ref;
	unsigned i;
	int rc;

	ref_init(&ref, shared->mm, COMMON, 100 + slot);
	for (i = 0; i < 3000 * times; i++) {
		unsigned from = rng_below(&ref.rng, COMMON_PAGES);
		unsigned nr = 1 + rng_below(&ref.rng, COMMON_PAGES - from);
		unsigned long at = COMMON + PAGES(from);

		ref.step++;
		work_besides(shared, i);
		switch (rng_below(&ref.rng, 32)) {
		case 0:
		case 1:
			ref_check(&ref, !mm_mmap_fixed(shared->mm, at, PAGES(nr), RW, 0));
			break;
		case 2:
			ref_check(&ref, !mm_munmap(shared->mm, at, PAGES(nr)));
			break;
		case 3:
			rc = mm_mprotect(shared->mm, at, PAGES(nr), rng_below(&ref.rng, 4));
			ref_check(&ref, rc == 0 || rc == -ENOMEM);
			break;
		case 4:
			rc = mm_madvise_dontneed(shared->mm, at, PAGES(nr));
			ref_check(&ref, rc == 0 || rc == -ENOMEM);
			break;
		case 5:
			fork_common(&ref, from);
			break;
		default:
			store_and_load(&ref, from);
		}
	}
}

#endif
