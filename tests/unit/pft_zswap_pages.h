/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_zswap_pages: pages of known contents that go out to a rig's swap and come back. */
#ifndef TESTS_UNIT_PFT_ZSWAP_PAGES_H
#define TESTS_UNIT_PFT_ZSWAP_PAGES_H

#include "tests/unit/pft_zswap_rig.h"

/* The kinds of pages; a page's number says which it is, and what is in it. */
enum { RIG_ZERO, RIG_WORD, RIG_TEXT, RIG_HALF, RIG_RANDOM, RIG_KINDS };

/* A page number of that kind. */
static inline uint64_t rig_page(unsigned kind, uint64_t n)
{
	return n * RIG_KINDS + kind;
}

/* Make page number @number: @words of 512 are random, the others repeat; the first is the number. */
static inline void rig_fill(void *page, uint64_t number)
{
	static const unsigned random_words[RIG_KINDS] = {
		[RIG_TEXT] = 60, [RIG_HALF] = 250, [RIG_RANDOM] = 512};
	uint64_t *words = page;
	struct rng rng;
	unsigned i, kind = number % RIG_KINDS;

	if (kind <= RIG_WORD) {
		for (i = 0; i < 512; i++)
			words[i] = kind == RIG_ZERO ? 0 : number;
		return;
	}
	rng_init(&rng, number);
	for (i = 0; i < random_words[kind]; i++)
		words[i] = rng_next(&rng);
	words[0] = number;
	for (; i < 512; i++)
		words[i] = number + i % 8;
}

static inline void rig_verify(const void *page, uint64_t number, uint64_t slot)
{
	unsigned char expected[PAGE_SIZE];

	rig_fill(expected, number);
	if (memcmp(page, expected, PAGE_SIZE))
		BUG("slot %llu does not hold page %llu", (unsigned long long)slot,
		    (unsigned long long)number);
}

static inline struct frame *rig_frame(struct rig *rig)
{
	struct frame *frame;

	/* All may be on their way to the disk. */
	while (!(frame = rig_frame_alloc(&rig->swap, 0)))
		swap_device_drain(&rig->swap.device);
	return frame;
}

/* Off the cache if it is clean: that is when the page's memory is free. Else it stays dirty there. The
 * caller has the lock and a reference, which both end. Returns whether it is off. */
static inline bool rig_done(struct rig *rig, struct frame *frame)
{
	bool clean;

	frame_wait_writeback(frame);
	clean = !frame_test(frame, FRAME_DIRTY);
	if (clean)
		swap_cache_delete(&rig->swap.cache, frame);
	frame_unlock(frame);
	swap_cache_put_frame(&rig->swap.cache, frame);
	return clean;
}

/* Write @frame with page @number out; *@slot is its slot. What add_to_swap(), try_to_unmap() and pageout()
 * do. 0, or -errno: then the slot is free again, and the page was never swapped. */
static inline int rig_out_frame(struct rig *rig, struct frame *frame, uint64_t number,
				uint64_t *slot)
{
	int rc;

	rig_fill(rig_frame_address(&rig->swap, frame), number);
	if (!frame_trylock(frame))
		BUG("a fresh frame is locked");
	frame_set(frame, FRAME_UPTODATE | FRAME_DIRTY);
	rc = swap_cache_add_new(&rig->swap.cache, frame, slot);
	if (rc) {
		frame_unlock(frame);
		swap_cache_put_frame(&rig->swap.cache, frame);
		return rc;
	}
	assert_int_equal(swap_slot_dup(&rig->swap.slots, *slot), 0); /* the PTE's */
	rc = swap_out(&rig->swap, frame);
	frame_wait_writeback(frame);
	if (rc || frame_test(frame, FRAME_DIRTY)) {
		swap_slot_put(&rig->swap.slots, *slot);
		frame_clear_flags(frame, FRAME_DIRTY);
		rc = rc ? rc : -EIO;
	}
	rig_done(rig, frame);
	return rc;
}

static inline int rig_out(struct rig *rig, uint64_t number, struct memcg *memcg, unsigned node,
			  uint64_t *slot)
{
	struct frame *frame = rig_frame(rig);

	frame->memcg = memcg;
	frame->node = node;
	return rig_out_frame(rig, frame, number, slot);
}

/* The slot's frame, locked and in the cache, read or not: do_swap_page()'s beginning. */
static inline struct frame *rig_own(struct rig *rig, uint64_t slot, bool *was_new)
{
	struct frame *frame;
	int rc;

	for (;;) {
		rc = swap_cache_alloc(&rig->swap.cache, slot, false, &frame, was_new);
		if (rc == -ENOMEM) {
			swap_device_drain(&rig->swap.device);
			continue;
		}
		assert_int_equal(rc, 0);
		if (*was_new)
			return frame;
		frame_lock(frame);
		if (swap_cache_holds(frame, slot))
			return frame;
		frame_unlock(frame);
		swap_cache_put_frame(&rig->swap.cache, frame);
	}
}

/* Drop the PTE's use of @slot; whatever is there is dropped with it. zap_pte_range() */
static inline void rig_zap(struct rig *rig, uint64_t slot)
{
	swap_slot_put(&rig->swap.slots, slot);
	swap_cache_try_free(&rig->swap.cache, slot);
}

/* Read @slot, look at every byte, and free it: do_swap_page() of a write fault. 0, or the error with all
 * as it was. *@from_disk may be NULL. */
static inline int rig_in(struct rig *rig, uint64_t slot, uint64_t number, bool *from_disk)
{
	bool was_new, disk = false;
	struct frame *frame = rig_own(rig, slot, &was_new);
	int rc = 0;

	if (!frame_test(frame, FRAME_UPTODATE))
		rc = swap_in(&rig->swap, frame, &disk);
	if (from_disk)
		*from_disk = disk;
	if (!rc) {
		rig_verify(rig_frame_address(&rig->swap, frame), number, slot);
		swap_slot_put(&rig->swap.slots, slot); /* the PTE's */
	}
	swap_cache_delete(&rig->swap.cache, frame);
	frame_unlock(frame);
	swap_cache_put_frame(&rig->swap.cache, frame);
	return rc;
}

#endif
