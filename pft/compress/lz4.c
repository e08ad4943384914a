/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lz4: liblz4's block format, at the acceleration that the kernel's crypto/lz4.c uses. */
#include <lz4.h>

#include "pft/compress/compress.h"

_Static_assert(LZ4_COMPRESSBOUND(COMPRESS_PAGE) <= COMPRESS_BOUND, "lz4 fits the bound");

static size_t lz4_context_size(int level)
{
	(void)level;
	return LZ4_sizeofState();
}

/* Each compression clears the table first, in the kernel as well. */
static int lz4_init(void *memory, int level)
{
	(void)memory;
	(void)level;
	return 0;
}

static int lz4_compress(void *memory, const void *src, void *dst, size_t size, size_t *len)
{
	int n = LZ4_compress_fast_extState(memory, src, dst, COMPRESS_PAGE,
					   size < COMPRESS_BOUND ? size : COMPRESS_BOUND, 1);

	if (n <= 0)
		return -ENOSPC;
	*len = n;
	return 0;
}

static int lz4_decompress(void *memory, const void *src, size_t len, void *dst)
{
	(void)memory;
	if (len > COMPRESS_BOUND)
		return -EIO;
	return LZ4_decompress_safe(src, dst, len, COMPRESS_PAGE) == COMPRESS_PAGE ? 0 : -EIO;
}

const struct compressor compress_lz4 = {
	.name = "lz4",
	.summary = "LZ4 blocks (liblz4)",
	.context_size = lz4_context_size,
	.init = lz4_init,
	.compress = lz4_compress,
	.decompress = lz4_decompress,
};
