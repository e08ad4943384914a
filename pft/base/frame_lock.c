/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/frame_lock.h"

/* folio_wait_bit_common(): the word may change in other bits, then it is looked at again. */
void frame_lock_slow(struct frame *frame)
{
	uint32_t flags;

	while (!frame_trylock(frame)) {
		flags = arch_or_relaxed(&frame->flags, (uint32_t)FRAME_WAITERS) | FRAME_WAITERS;
		if (flags & FRAME_LOCKED)
			arch_wait(&frame->flags, flags, 0);
	}
}
