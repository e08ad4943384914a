/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/swap_cache.h"

#include <errno.h>
#include <inttypes.h>

#include "pft/base/frame.h"
#include "pft/base/frame_lock.h"
#include "pft/base/memory.h"
#include "pft/zswap/swap.h"

int swap_cache_init(struct swap_cache *cache, struct swap *swap, struct why *why)
{
	*cache = (struct swap_cache){.swap = swap, .nr = swap->slots.nr};
	cache->table = memory_alloc(cache->nr * sizeof(*cache->table));
	if (!cache->table)
		return why_not(why, ENOMEM, "no memory for a swap cache of %" PRIu64 " slots",
			       cache->nr);
	return 0;
}

void swap_cache_release(struct swap_cache *cache)
{
	if (cache->frames)
		BUG("%" PRIu64 " frames are in a swap cache that goes", cache->frames);
	memory_free(cache->table);
}

void swap_cache_put_frame(struct swap_cache *cache, struct frame *frame)
{
	if (frame_put_testzero(frame))
		cache->swap->ops->frame_free(cache->swap, frame);
}

bool swap_cache_holds(const struct frame *frame, uint64_t slot)
{
	return frame_test(frame, FRAME_SWAPCACHE) &&
	       arch_read_once(&frame->swap) == slot + 1;
}

/* The frame is not, or no more, in the cache; the caller keeps a reference. */
static void frame_leaves(struct frame *frame)
{
	arch_write_once(&frame->swap, 0);
	frame_clear_flags(frame, FRAME_SWAPCACHE);
	if (frame_put_testzero(frame))
		BUG("a frame's way out of the swap cache took the last reference");
}

/* Show @frame at @slot, of which the cache has a use. 0 or -EEXIST. */
static int show(struct swap_cache *cache, uint64_t slot, struct frame *frame)
{
	struct frame *there = NULL;

	if (unlikely(frame_test(frame, FRAME_SWAPCACHE)))
		BUG("a frame is to be in the swap cache twice");
	frame_get(frame);
	arch_write_once(&frame->swap, slot + 1);
	frame_set(frame, FRAME_SWAPCACHE);
	/* Full: release, as swap_cache_get() then sees the frame with its reference and flags; acquire, as
	 * this is to own the slot after whoever deleted a frame here. */
	if (!arch_cmpxchg_full(&cache->table[slot], &there, frame)) {
		frame_leaves(frame);
		return -EEXIST;
	}
	arch_xadd_relaxed(&cache->frames, 1);
	return 0;
}

int swap_cache_add_new(struct swap_cache *cache, struct frame *frame, uint64_t *slot)
{
	int rc = swap_slots_reserve(&cache->swap->slots, slot);

	if (rc)
		return rc;
	/* In this order: with a use and no frame, writeback or read-ahead would put theirs there. */
	if (show(cache, *slot, frame))
		BUG("swap slot %" PRIu64 " is new, and has a frame", *slot);
	swap_slot_use(&cache->swap->slots, *slot);
	return 0;
}

int swap_cache_add(struct swap_cache *cache, uint64_t slot, struct frame *frame)
{
	int rc = swap_slot_dup(&cache->swap->slots, slot);

	if (rc)
		return rc;
	rc = show(cache, slot, frame);
	if (rc)
		swap_slot_put(&cache->swap->slots, slot);
	return rc;
}

struct frame *swap_cache_get(struct swap_cache *cache, uint64_t slot)
{
	struct frame *frame;

	/* Acquire: pairs with show(). */
	while ((frame = arch_load_acquire(&cache->table[slot]))) {
		if (!frame_tryget(frame))
			continue; /* it has left the cache, which has a reference */
		/* By now it could be another page's; in the cache it is ours. tryget orders the looks. */
		if (likely(arch_read_once(&cache->table[slot]) == frame))
			return frame;
		swap_cache_put_frame(cache, frame);
	}
	return NULL;
}

void swap_cache_delete(struct swap_cache *cache, struct frame *frame)
{
	uint32_t flags = arch_read_once(&frame->flags);
	uint64_t slot = frame->swap - 1;

	if (unlikely(!(flags & FRAME_SWAPCACHE) || !(flags & FRAME_LOCKED) ||
		     flags & FRAME_WRITEBACK))
		BUG("a frame with flags %#x is to leave the swap cache", flags);
	/* Full: it is gone before its fields change and its slot is free. */
	if (unlikely(arch_xchg_full(&cache->table[slot], NULL) != frame))
		BUG("another frame is in the swap cache at slot %" PRIu64, slot);
	arch_xadd_relaxed(&cache->frames, (uint64_t)-1);
	frame_leaves(frame);
	swap_slot_put(&cache->swap->slots, slot);
}

/* A frame of the owner's for @slot, locked, or NULL. */
static struct frame *new_frame(struct swap_cache *cache, uint64_t slot)
{
	struct frame *frame = cache->swap->ops->frame_alloc(cache->swap, slot);

	if (!frame)
		return NULL;
	if (!frame_trylock(frame))
		BUG("a new frame is locked");
	frame_set(frame, FRAME_SWAPBACKED);
	return frame;
}

int swap_cache_alloc(struct swap_cache *cache, uint64_t slot, bool skip_if_exists,
		     struct frame **frame, bool *was_new)
{
	struct frame *new = NULL;
	int rc = 0;

	*was_new = false;
	while (!(*frame = swap_cache_get(cache, slot))) {
		rc = -ENOENT;
		if (!swap_slot_count(&cache->swap->slots, slot))
			break; /* before a frame is looked for: most often seen by read-ahead */
		rc = -ENOMEM;
		if (!new && !(new = new_frame(cache, slot)))
			break;
		rc = swap_cache_add(cache, slot, new);
		if (!rc) {
			*frame = new;
			*was_new = true;
			return 0;
		}
		if (rc != -EEXIST || skip_if_exists)
			break;
		rc = 0; /* somebody was faster; take that one, unless it has left already */
	}
	if (new) {
		frame_unlock(new);
		swap_cache_put_frame(cache, new);
	}
	if (*frame && skip_if_exists) {
		swap_cache_put_frame(cache, *frame);
		*frame = NULL;
		rc = -EEXIST;
	}
	return rc;
}

bool swap_cache_try_free(struct swap_cache *cache, uint64_t slot)
{
	struct frame *frame = swap_cache_get(cache, slot);
	bool freed = false;

	if (!frame)
		return false;
	if (frame_trylock(frame)) {
		/* With no use but the cache's, nobody has one to dup: the count stays 1 while locked. */
		freed = swap_cache_holds(frame, slot) &&
			swap_slot_count(&cache->swap->slots, slot) == 1 &&
			!frame_test(frame, FRAME_WRITEBACK);
		if (freed) {
			swap_cache_delete(cache, frame);
			/* Swap no longer has what it holds. */
			frame_set(frame, FRAME_DIRTY);
		}
		frame_unlock(frame);
	}
	swap_cache_put_frame(cache, frame);
	return freed;
}

int swap_cache_check(struct swap_cache *cache, struct why *why)
{
	uint64_t slot, nr = 0;

	for (slot = 0; slot < cache->nr; slot++) {
		const struct frame *frame = cache->table[slot];

		if (!frame)
			continue;
		nr++;
		if (!swap_cache_holds(frame, slot) || frame->refcount < 1 ||
		    !swap_slot_count(&cache->swap->slots, slot))
			return why_not(why, EINVAL,
				       "slot %" PRIu64 " has a frame with flags %#x, %d references",
				       slot, frame->flags, frame->refcount);
	}
	if (nr != cache->frames)
		return why_not(why, EINVAL, "%" PRIu64 " frames are cached, not %" PRIu64, nr,
			       cache->frames);
	return 0;
}
