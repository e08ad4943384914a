/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bounded: a stream of which no more than so much is read: devices and pipes may have no end. */
#ifndef ANALYSIS_IMPORT_BOUNDED_H
#define ANALYSIS_IMPORT_BOUNDED_H

#include <stddef.h>
#include <stdio.h>

/* A stream of what @in still holds; reading beyond @most bytes fails with EFBIG. @in stays open, and is to be
 * closed after it. Dies if there is no memory. */
FILE *bounded_open(FILE *in, size_t most);

#endif
