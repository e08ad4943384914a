/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zstd: frames as crypto/zstd.c makes them: contents' size known, no checksum. Its tables are chosen for
 * pages, where the kernel's are chosen for input of any size and larger.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include "pft/base/compiler.h"
#include "pft/compress/compress.h"

_Static_assert(ZSTD_COMPRESSBOUND(COMPRESS_PAGE) <= COMPRESS_BOUND, "zstd fits the bound");

/* At the head of a context; the workspaces of the library follow, which hold all it uses. */
struct zstd_context {
	ZSTD_CCtx *compress;
	ZSTD_DCtx *decompress;
	int level;
} __attribute__((aligned(ARCH_LINE)));

/* 64-byte aligned, so that the second workspace is too. */
static size_t compress_workspace(int level)
{
	ZSTD_compressionParameters params = ZSTD_getCParams(level, COMPRESS_PAGE, 0);

	return round_up_to(ZSTD_estimateCCtxSize_usingCParams(params), (size_t)ARCH_LINE);
}

static size_t zstd_context_size(int level)
{
	return sizeof(struct zstd_context) + compress_workspace(level) + ZSTD_estimateDCtxSize();
}

static int zstd_init(void *memory, int level)
{
	struct zstd_context *context = memory;
	char *workspace = (char *)(context + 1);
	size_t size = compress_workspace(level);

	context->level = level;
	context->compress = ZSTD_initStaticCCtx(workspace, size);
	context->decompress = ZSTD_initStaticDCtx(workspace + size, ZSTD_estimateDCtxSize());
	return context->compress && context->decompress ? 0 : -ENOMEM;
}

static int zstd_compress(void *memory, const void *src, void *dst, size_t size, size_t *len)
{
	struct zstd_context *context = memory;
	size_t n =
		ZSTD_compressCCtx(context->compress, dst, size, src, COMPRESS_PAGE, context->level);

	if (ZSTD_isError(n))
		return ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall ? -ENOSPC : -EIO;
	*len = n;
	return 0;
}

static int zstd_decompress(void *memory, const void *src, size_t len, void *dst)
{
	struct zstd_context *context = memory;
	size_t n = ZSTD_decompressDCtx(context->decompress, dst, COMPRESS_PAGE, src, len);

	return n == COMPRESS_PAGE ? 0 : -EIO;
}

const struct compressor compress_zstd = {
	.name = "zstd",
	.summary = "Zstandard (libzstd)",
	.level_min = 1,
	.level_max = 22,
	.level_default = 3,
	.context_size = zstd_context_size,
	.init = zstd_init,
	.compress = zstd_compress,
	.decompress = zstd_decompress,
};
