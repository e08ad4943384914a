/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame_lock: the lock of a frame (folio_lock()) and its flags. Who holds it owns what the frame
 * contains and, while the frame is in the swap cache, the slot that it is there for.
 *
 * Lock order: a sleeping lock; inside mmap_lock and a VMA's lock, outside anon_vma->rwsem and all
 * that spins. Of two frames at once it may only be tried for.
 */
#ifndef PFT_BASE_FRAME_LOCK_H
#define PFT_BASE_FRAME_LOCK_H

#include "pft/base/frame.h"

/* folio_trylock(): acquire pairs with the release of frame_unlock(). */
static inline bool frame_trylock(struct frame *frame)
{
	return !(arch_or_acquire(&frame->flags, (uint32_t)FRAME_LOCKED) & FRAME_LOCKED);
}

void frame_lock_slow(struct frame *frame);

/* folio_lock(): sleeps while another has it. The caller has a reference; nothing that spins may be
 * held. */
static inline void frame_lock(struct frame *frame)
{
	if (!frame_trylock(frame))
		frame_lock_slow(frame);
}

/* folio_unlock(): release pairs with the acquire of who locks it next. */
static inline void frame_unlock(struct frame *frame)
{
	uint32_t both = FRAME_LOCKED | FRAME_WAITERS;

	if (unlikely(arch_andnot_release(&frame->flags, both) & FRAME_WAITERS))
		arch_wake(&frame->flags, UINT32_MAX);
}

void frame_wait_slow(struct frame *frame, uint32_t flag);

/* folio_wait_writeback(): sleeps until @frame is no more written. Who holds its lock keeps new
 * writes away. */
static inline void frame_wait_writeback(struct frame *frame)
{
	/* Acquire: pairs with frame_end_writeback(). */
	if (arch_load_acquire(&frame->flags) & FRAME_WRITEBACK)
		frame_wait_slow(frame, FRAME_WRITEBACK);
}

/* folio_end_writeback(): by who set FRAME_WRITEBACK, or for him when the write is done; the caller
 * has a reference. Release: pairs with frame_wait_writeback(). */
static inline void frame_end_writeback(struct frame *frame)
{
	uint32_t both = FRAME_WRITEBACK | FRAME_WAITERS;

	if (unlikely(arch_andnot_release(&frame->flags, both) & FRAME_WAITERS))
		arch_wake(&frame->flags, UINT32_MAX);
}

static inline bool frame_test(const struct frame *frame, uint32_t flags)
{
	return arch_read_once(&frame->flags) & flags;
}

static inline void frame_set(struct frame *frame, uint32_t flags)
{
	arch_or_relaxed(&frame->flags, flags);
}

static inline void frame_clear_flags(struct frame *frame, uint32_t flags)
{
	arch_andnot_relaxed(&frame->flags, flags);
}

#endif
