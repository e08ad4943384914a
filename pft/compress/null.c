/* SPDX-License-Identifier: GPL-2.0-or-later */
/* null: a copy. What everything around a codec costs, and the floor under each of them. */
#include <string.h>

#include "pft/compress/compress.h"

/* An allocation of nothing may be NULL. */
static size_t null_context_size(int level)
{
	(void)level;
	return 1;
}

static int null_init(void *memory, int level)
{
	(void)memory;
	(void)level;
	return 0;
}

static int null_compress(void *memory, const void *src, void *dst, size_t size, size_t *len)
{
	(void)memory;
	if (size < COMPRESS_PAGE)
		return -ENOSPC;
	memcpy(dst, src, COMPRESS_PAGE);
	*len = COMPRESS_PAGE;
	return 0;
}

static int null_decompress(void *memory, const void *src, size_t len, void *dst)
{
	(void)memory;
	if (len != COMPRESS_PAGE)
		return -EIO;
	memcpy(dst, src, COMPRESS_PAGE);
	return 0;
}

const struct compressor compress_null = {
	.name = "null",
	.summary = "no compression, one copy: the floor",
	.context_size = null_context_size,
	.init = null_init,
	.compress = null_compress,
	.decompress = null_decompress,
};
