/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/frame_lock.h"

/* folio_wait_bit_common(): the word may change in other bits, then it is looked at again. */
void frame_wait_slow(struct frame *frame, uint32_t flag)
{
	uint32_t flags;

	/* Acquire: what was done before the bit was cleared is seen. */
	while (arch_load_acquire(&frame->flags) & flag) {
		flags = arch_or_relaxed(&frame->flags, (uint32_t)FRAME_WAITERS) | FRAME_WAITERS;
		if (flags & flag)
			arch_wait(&frame->flags, flags, 0);
	}
}

void frame_lock_slow(struct frame *frame)
{
	while (!frame_trylock(frame))
		frame_wait_slow(frame, FRAME_LOCKED);
}
