/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pft_mm_ref: a window of an address space as it ought to be: per page its protection and its one
 * byte. Random operations by seed are done to it and to the mm; what the mm answers must be what
 * the window says. With several workers each has a window of its own, side by side, so that VMAs
 * reach over the borders but answers stay certain.
 */
#ifndef TESTS_UNIT_PFT_MM_REF_H
#define TESTS_UNIT_PFT_MM_REF_H

#include <errno.h>

#include "common/rng.h"
#include "tests/unit/pft_mm_fixture.h"

#define REF_PAGES    160
#define REF_UNMAPPED 0xff

struct ref {
	struct mm *mm;
	unsigned long base;
	struct rng rng;
	uint64_t seed;
	unsigned step;
	uint8_t prot[REF_PAGES]; /* enum mm_prot, or REF_UNMAPPED */
	uint8_t byte[REF_PAGES];
};

/* cmocka's own failures are for the main thread only. */
#define ref_check(ref, what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "step %u of seed %lu: %s\n", (ref)->step, \
				(unsigned long)(ref)->seed, #what); \
			abort(); \
		} \
	} while (0)

static inline void ref_init(struct ref *ref, struct mm *mm, unsigned long base, uint64_t seed)
{
	*ref = (struct ref){.mm = mm, .base = base, .seed = seed};
	memset(ref->prot, REF_UNMAPPED, sizeof(ref->prot));
	rng_init(&ref->rng, seed);
}

static inline bool ref_may(const struct ref *ref, unsigned page, bool write)
{
	return ref->prot[page] != REF_UNMAPPED &&
	       ref->prot[page] & (write ? MM_WRITE : MM_READ | MM_WRITE);
}

static inline void ref_write(struct ref *ref, unsigned page)
{
	uint8_t byte = rng_below(&ref->rng, 255) + 1;
	unsigned long at = ref->base + PAGES(page) + page;
	int rc = mm_write(ref->mm, at, &byte, 1);

	ref_check(ref, rc == (ref_may(ref, page, true) ? 0 : -EFAULT));
	if (!rc)
		ref->byte[page] = byte;
}

static inline void ref_read(struct ref *ref, unsigned page)
{
	uint8_t byte = 0xee;
	int rc = mm_read(ref->mm, ref->base + PAGES(page) + page, &byte, 1);

	ref_check(ref, rc == (ref_may(ref, page, false) ? 0 : -EFAULT));
	ref_check(ref, rc || byte == ref->byte[page]);
}

static inline void ref_map(struct ref *ref, unsigned from, unsigned to)
{
	unsigned prot = rng_below(&ref->rng, 4), i;
	unsigned flags = rng_below(&ref->rng, 8) ? 0 : MM_NO_MERGE;

	prot = prot ? prot : RW;
	ref_check(ref,
		  !mm_mmap_fixed(ref->mm, ref->base + PAGES(from), PAGES(to - from), prot, flags));
	for (i = from; i < to; i++) {
		ref->prot[i] = prot;
		ref->byte[i] = 0;
	}
}

static inline void ref_unmap(struct ref *ref, unsigned from, unsigned to)
{
	ref_check(ref, !mm_munmap(ref->mm, ref->base + PAGES(from), PAGES(to - from)));
	memset(&ref->prot[from], REF_UNMAPPED, to - from);
	memset(&ref->byte[from], 0, to - from);
}

static inline void ref_protect(struct ref *ref, unsigned from, unsigned to)
{
	unsigned prot = rng_below(&ref->rng, 4), i;
	int rc = mm_mprotect(ref->mm, ref->base + PAGES(from), PAGES(to - from), prot);

	for (i = from; i < to && ref->prot[i] != REF_UNMAPPED; i++)
		ref->prot[i] = prot;
	ref_check(ref, rc == (i < to ? -ENOMEM : 0));
}

static inline void ref_dontneed(struct ref *ref, unsigned from, unsigned to)
{
	int rc = mm_madvise_dontneed(ref->mm, ref->base + PAGES(from), PAGES(to - from)), want = 0;
	unsigned i;

	for (i = from; i < to; i++) {
		if (ref->prot[i] == REF_UNMAPPED)
			want = -ENOMEM;
		ref->byte[i] = 0;
	}
	ref_check(ref, rc == want);
}

/* One random operation. */
static inline void ref_step(struct ref *ref)
{
	unsigned from = rng_below(&ref->rng, REF_PAGES);
	unsigned to = from + 1 + rng_below(&ref->rng, REF_PAGES - from), i;

	ref->step++;
	switch (rng_below(&ref->rng, 16)) {
	case 0:
		ref_map(ref, from, to);
		break;
	case 1:
		ref_unmap(ref, from, from + (to - from + 3) / 4);
		break;
	case 2:
	case 3:
		ref_protect(ref, from, to);
		break;
	case 4:
		ref_dontneed(ref, from, to);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		for (i = from; i < to && i < from + 16; i++)
			ref_write(ref, i);
		break;
	default:
		ref_read(ref, from);
		ref_write(ref, from);
	}
}

/* Every page. */
static inline void ref_verify(struct ref *ref)
{
	unsigned i;

	for (i = 0; i < REF_PAGES; i++)
		ref_read(ref, i);
}

/* Fork, work a while in the child, and see that neither disturbs the other. */
static inline void ref_fork(struct ref *ref, unsigned steps)
{
	struct ref child = *ref;

	ref_check(ref, !mm_fork(ref->mm, &child.mm));
	ref_verify(&child);
	while (steps--) {
		ref_step(&child);
		ref_step(ref);
	}
	ref_verify(&child);
	mm_free(child.mm);
	ref_verify(ref);
}

#endif
