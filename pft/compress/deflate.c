/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deflate: raw DEFLATE with the parameters of the kernel's crypto/deflate.c, by zlib. */
#include <zlib.h>

#include "pft/base/compiler.h"
#include "pft/compress/compress.h"

#define WINDOW_BITS 11
#define MEM_LEVEL   8

/* zconf.h: what the two directions take for their tables, besides some KiB of state each. */
#define DEFLATE_TABLES ((1 << (WINDOW_BITS + 2)) + (1 << (MEM_LEVEL + 9)))
#define INFLATE_TABLES (1 << WINDOW_BITS)
#define STATES	       (32 << 10)

/* zlib asks for memory by a callback when a stream is made, and inflate() once more for its window the
 * first time that its input ends early. It gets it from here, and nothing is ever given back. */
struct deflate_context {
	z_stream deflate, inflate;
	size_t used;
	char arena[DEFLATE_TABLES + INFLATE_TABLES + STATES] __attribute__((aligned(ARCH_LINE)));
};

static void *arena_alloc(void *opaque, unsigned items, unsigned size)
{
	struct deflate_context *context = opaque;
	size_t bytes = round_up_to((size_t)items * size, (size_t)ARCH_LINE);
	void *p = context->arena + context->used;

	if (bytes > sizeof(context->arena) - context->used)
		return NULL;
	context->used += bytes;
	return p;
}

static void arena_free(void *opaque, void *address)
{
	(void)opaque;
	(void)address;
}

static size_t deflate_context_size(int level)
{
	(void)level;
	return sizeof(struct deflate_context);
}

static int deflate_context_init(void *memory, int level)
{
	struct deflate_context *context = memory;
	z_stream stream = {.zalloc = arena_alloc, .zfree = arena_free, .opaque = context};

	context->used = 0;
	context->deflate = context->inflate = stream;
	if (deflateInit2(&context->deflate, level, Z_DEFLATED, -WINDOW_BITS, MEM_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	return inflateInit2(&context->inflate, -WINDOW_BITS) == Z_OK ? 0 : -ENOMEM;
}

static int deflate_compress(void *memory, const void *src, void *dst, size_t size, size_t *len)
{
	struct deflate_context *context = memory;
	z_stream *stream = &context->deflate;
	int rc;

	if (deflateReset(stream) != Z_OK)
		return -EIO;
	stream->next_in = (Bytef *)src;
	stream->avail_in = COMPRESS_PAGE;
	stream->next_out = dst;
	stream->avail_out = size;
	rc = deflate(stream, Z_FINISH);
	if (rc != Z_STREAM_END)
		return rc == Z_OK || rc == Z_BUF_ERROR ? -ENOSPC : -EIO;
	*len = stream->total_out;
	return 0;
}

/* One page that ends where its input does: what is over on either side was not made by
 * deflate_compress(). */
static int deflate_decompress(void *memory, const void *src, size_t len, void *dst)
{
	struct deflate_context *context = memory;
	z_stream *stream = &context->inflate;

	if (inflateReset(stream) != Z_OK)
		return -EIO;
	stream->next_in = (Bytef *)src;
	stream->avail_in = len;
	stream->next_out = dst;
	stream->avail_out = COMPRESS_PAGE;
	if (inflate(stream, Z_FINISH) != Z_STREAM_END)
		return -EIO;
	return stream->avail_out || stream->avail_in ? -EIO : 0;
}

const struct compressor compress_deflate = {
	.name = "deflate",
	.summary = "raw DEFLATE, a window of 2 KiB (zlib)",
	.level_min = 1,
	.level_max = 9,
	.level_default = 6,
	.context_size = deflate_context_size,
	.init = deflate_context_init,
	.compress = deflate_compress,
	.decompress = deflate_decompress,
};
