/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap_cache: which frame holds the page of which slot; mm/swap_state.c as of the swap table: one
 * atomic word per slot, NULL or the frame.
 *
 * A frame that is in the cache has FRAME_SWAPCACHE, frame->swap = slot + 1 and a reference of the cache's;
 * the slot has a use of the cache's (swap_slots.h). Whoever holds the lock of the frame that is in the
 * cache at a slot owns the slot: only the owner lets zswap or the device read or write it. Frames come
 * and go in the cache under their lock, so it is enough to look after locking:
 *
 *	frame = swap_cache_get(cache, slot);
 *	frame_lock(frame);
 *	if (!swap_cache_holds(frame, slot))	it left the cache: unlock, put, start again
 *
 * Claiming a slot and showing its frame are one step here (one cmpxchg), so nobody meets the state
 * for which __read_swap_cache_async() sleeps and retries. Writeback may only try: it passes
 * skip_if_exists and must not lock a frame that it finds, as its caller may be who holds that lock.
 */
#ifndef PFT_ZSWAP_SWAP_CACHE_H
#define PFT_ZSWAP_SWAP_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct frame;
struct swap;

struct swap_cache {
	struct swap *swap; /* whose slots and ops */
	struct frame **table; /* by slot */
	uint64_t nr; /* slots */
	uint64_t frames; /* in the cache, exactly: NR_SWAPCACHE */
};

/* Make the cache of @swap, whose slots are set up. Returns 0, or -errno with the reason in @why. */
int swap_cache_init(struct swap_cache *cache, struct swap *swap, struct why *why);

/* Free the table. The cache is empty: a BUG otherwise. */
void swap_cache_release(struct swap_cache *cache);

/*
 * Give @frame a new slot, whose one use is the cache's, and put it into the cache there; @frame is
 * locked, the caller holds a reference, and it is in no cache. 0, or -ENOSPC. folio_alloc_swap(). PTEs
 * that are to refer to the slot each swap_slot_dup() it.
 */
int swap_cache_add_new(struct swap_cache *cache, struct frame *frame, uint64_t *slot);

/* Put @frame (as above) into the cache at @slot, with a use of its own: 0; -EEXIST if there is a frame
 * already; -ENOENT if the slot is free; -ENOMEM if its count is full. add_to_swap_cache(). */
int swap_cache_add(struct swap_cache *cache, uint64_t slot, struct frame *frame);

/* The frame at @slot with a reference for the caller, or NULL. It may have left the cache by the time the
 * caller looks: see above. Any worker; swap_cache_get_folio(). */
struct frame *swap_cache_get(struct swap_cache *cache, uint64_t slot);

/* Take @frame, which is in the cache, locked, not under writeback, and to which the caller holds a
 * reference, out of it: drops the cache's reference and its use of the slot, which frees the slot (and
 * invalidates zswap's copy) if it was the last. delete_from_swap_cache(). */
void swap_cache_delete(struct swap_cache *cache, struct frame *frame);

/*
 * The frame for @slot, to be read or written back: a new one from swap_ops.frame_alloc(), put into the
 * cache, locked, *@was_new true; or the one that is there, not locked, *@was_new false. Either with a
 * reference for the caller. With @skip_if_exists -EEXIST in place of the latter. -ENOENT if the
 * slot is free, -ENOMEM without a frame. Never waits. __read_swap_cache_async() by meaning.
 */
int swap_cache_alloc(struct swap_cache *cache, uint64_t slot, bool skip_if_exists,
		     struct frame **frame, bool *was_new);

/* After the last swap PTE of @slot is gone: take its frame out of the cache if the cache's use is the
 * only one left and the frame can be locked at once and is not under writeback. True if so.
 * __try_to_reclaim_swap(). Called by zap; reclaim finds the others. */
bool swap_cache_try_free(struct swap_cache *cache, uint64_t slot);

/* Whether @frame, locked, is in the cache at @slot: folio_matches_swap_entry(). */
bool swap_cache_holds(const struct frame *frame, uint64_t slot);

/* Drop a reference to @frame; the last one gives it to swap_ops.frame_free(). folio_put(). */
void swap_cache_put_frame(struct swap_cache *cache, struct frame *frame);

/* Compare the table with its frames and their slots, while no worker runs: 0, or -EINVAL with what is
 * wrong in @why. */
int swap_cache_check(struct swap_cache *cache, struct why *why);

#endif
