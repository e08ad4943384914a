/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lzo-rle: the kernel's own LZO with runs of zeroes; listed, because zram takes it by default. */
#include "pft/compress/compress.h"

const struct compressor compress_lzo_rle = {
	.name = "lzo-rle",
	.summary = "LZO1X-1 with runs of zeroes, as in lib/lzo",
	.unavailable = "liblzo2 has no run-length variant; use lzo",
};
