/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_io: a frame of the swap cache out to swap and in from it, zswap first (mm/page_io.c). */
#ifndef PFT_ZSWAP_SWAP_IO_H
#define PFT_ZSWAP_SWAP_IO_H

#include <stdbool.h>

#include "pft/zswap/swap.h"

struct frame;

/*
 * swap_writepage(): @frame is locked and in the swap cache; it stays so, and the caller unlocks it. Its
 * FRAME_DIRTY is cleared. 0: zswap has the page, or, with FRAME_WRITEBACK set, the device is writing
 * it; that flag goes when the write has ended, and FRAME_DIRTY comes back if it failed. -EAGAIN: zswap
 * has no room, and the frame's group may not write to the device: FRAME_DIRTY is left, keep the frame
 * (AOP_WRITEPAGE_ACTIVATE). Older contents of the slot in zswap are gone in any case.
 */
int swap_out(struct swap *swap, struct frame *frame);

/*
 * swap_read_folio(): @frame is locked, in the swap cache and not up to date. 0: FRAME_UPTODATE is set, and
 * FRAME_DIRTY if it came from zswap, which does not have it any more. -EIO and the like: neither is set,
 * and what swap has is as it was. *@from_disk: the device was read: a major fault.
 */
int swap_in(struct swap *swap, struct frame *frame, bool *from_disk);

#endif
