/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lzo: LZO1X-1 as in the kernel's crypto/lzo.c, which is what zswap takes by default. */
#include <lzo/lzo1x.h>
#include <string.h>

#include "pft/compress/compress.h"

/* What LZO1X-1 may write for one page at worst; LZO.FAQ. It knows no bound of its own. */
#define LZO_WORST (COMPRESS_PAGE + COMPRESS_PAGE / 16 + 64 + 3)

_Static_assert(LZO_WORST <= COMPRESS_BOUND, "lzo fits the bound");

struct lzo_context {
	char work[LZO1X_1_MEM_COMPRESS];
	unsigned char bounce[LZO_WORST]; /* for a destination that is smaller */
};

static size_t lzo_context_size(int level)
{
	(void)level;
	return sizeof(struct lzo_context);
}

/* lzo_init() only checks that it was compiled as the header says. Each compression clears the table. */
static int lzo_context_init(void *memory, int level)
{
	(void)memory;
	(void)level;
	if (lzo_init() != LZO_E_OK)
		BUG("liblzo2 does not fit its header");
	return 0;
}

static int lzo_compress(void *memory, const void *src, void *dst, size_t size, size_t *len)
{
	struct lzo_context *context = memory;
	unsigned char *out = size < LZO_WORST ? context->bounce : dst;
	lzo_uint n = 0;

	if (lzo1x_1_compress(src, COMPRESS_PAGE, out, &n, context->work) != LZO_E_OK)
		return -EIO;
	if (n > size)
		return -ENOSPC;
	if (out != dst)
		memcpy(dst, out, n);
	*len = n;
	return 0;
}

static int lzo_decompress(void *memory, const void *src, size_t len, void *dst)
{
	lzo_uint n = COMPRESS_PAGE;

	(void)memory;
	if (lzo1x_decompress_safe(src, len, dst, &n, NULL) != LZO_E_OK || n != COMPRESS_PAGE)
		return -EIO;
	return 0;
}

const struct compressor compress_lzo = {
	.name = "lzo",
	.summary = "LZO1X-1 (liblzo2)",
	.context_size = lzo_context_size,
	.init = lzo_context_init,
	.compress = lzo_compress,
	.decompress = lzo_decompress,
};
