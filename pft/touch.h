/* SPDX-License-Identifier: GPL-2.0-or-later */
/* touch: the inner loops of the workloads. They are inlined into pass(), and call nothing. */
#ifndef PFT_TOUCH_H
#define PFT_TOUCH_H

#include <stddef.h>

/* Write one byte every @stride bytes of @start..@end: 4 instructions a touch
 * (tests/cli/pft_loop.sh). */
static inline __attribute__((always_inline)) void touch_write(char *start, char *end, size_t stride)
{
	for (volatile char *p = start; p < (volatile char *)end; p += stride)
		*p = 1;
}

/* Read one byte every @stride bytes. */
static inline __attribute__((always_inline)) void touch_read(char *start, char *end, size_t stride)
{
	for (volatile char *p = start; p < (volatile char *)end; p += stride)
		(void)*p;
}

/* Write the first @lines cache lines of @line bytes of every page. */
static inline __attribute__((always_inline)) void touch_lines(char *start, char *end, size_t page,
							      size_t line, unsigned lines)
{
	for (char *p = start; p < end; p += page)
		touch_write(p, p + lines * line, line);
}

#endif
