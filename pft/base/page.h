/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page: the size of a page, of a frame, and of a swap slot. */
#ifndef PFT_BASE_PAGE_H
#define PFT_BASE_PAGE_H

enum {
	PAGE_SHIFT = 12,
	PAGE_SIZE = 1 << PAGE_SHIFT,
};

#endif
