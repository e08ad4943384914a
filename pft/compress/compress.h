/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compress: codecs for single pages, as zswap asks for them (struct crypto_acomp). A codec is one
 * file with static functions and one exported const struct compressor, and its row in
 * compress_table.c; the code behind it is a library's. What is compressed and what is restored is
 * always exactly one page.
 *
 * A worker has a context of its own, as a CPU has a struct crypto_acomp_ctx, and no two use one at
 * once. All memory of a context is taken when it is made: nothing is allocated between that and its
 * release, so no lock of an allocator and no reclaim is ever met while a page is compressed.
 */
#ifndef PFT_COMPRESS_COMPRESS_H
#define PFT_COMPRESS_COMPRESS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/arch.h"
#include "pft/base/fault_inject.h"
#include "pft/base/node_memory.h"

#define COMPRESS_PAGE NODE_MEMORY_PAGE

/* Where a destination has this many bytes, every codec has room for every page, and needs no copy
 * of its own. (The kernel's zswap gives two pages.) */
#define COMPRESS_BOUND (COMPRESS_PAGE + 512)

struct compressor {
	const char *name; /* [a-z0-9-]+ */
	const char *summary; /* one line for --list */
	const char *unavailable; /* NULL, or why it was not built; then it has no ops */
	/* The levels, and the one that is meant without one: the kernel's. All 0: there are none. */
	int level_min, level_max, level_default;

	/* Bytes of a context for @level. */
	size_t (*context_size)(int level);
	/* Make @memory (that many bytes, 64-byte aligned) a context. 0 or -ENOMEM. There is nothing to
	 * undo: a codec keeps nothing anywhere else. */
	int (*init)(void *memory, int level);
	/* Compress the page @src into @dst of @size bytes. 0 and the length, at most @size, in *@len;
	 * -ENOSPC if it needs more, -EIO if the library fails. Writes nothing beyond @dst + @size, but
	 * may leave anything in it, also where it fails. */
	int (*compress)(void *memory, const void *src, void *dst, size_t size, size_t *len);
	/* Restore into the page @dst what compress() made, @len bytes at @src. 0, or -EIO for anything
	 * that is not exactly one compressed page; @dst then holds anything, and nothing outside of it
	 * was written. */
	int (*decompress)(void *memory, const void *src, size_t len, void *dst);
};

/* All codecs; the null one first. */
extern const struct compressor *const compressors[];
extern const unsigned nr_compressors;

/* The codec of that name, available or not, or NULL. */
const struct compressor *compressor_find(const char *name);

/*
 * What a person wrote: "NAME" or "NAME:LEVEL". Returns 0 with *@compressor and *@level set; -ENOENT for
 * a name that is none, -EOPNOTSUPP for a codec that is not available, -EINVAL or -ERANGE for a level;
 * with the reason in @why, and nothing set.
 */
int compressor_parse(const char *text, const struct compressor **compressor, int *level,
		     struct why *why);

/* Failures made on purpose: a context's memory, and what a codec returns for a page (-EIO). */
extern struct fault_inject fault_inject_compress_open, fault_inject_compress,
	fault_inject_decompress;

/* One worker's context: struct crypto_acomp_ctx. Constant after compress_open(). */
struct compress_context {
	const struct compressor *compressor;
	int level;
	void *memory;
	/* The codec's, copied: one load less per page. */
	int (*compress)(void *memory, const void *src, void *dst, size_t size, size_t *len);
	int (*decompress)(void *memory, const void *src, size_t len, void *dst);
};

/* Make a context of @compressor, which is available, at @level. Called by the worker that will use it, so
 * that the memory is its node's by first touch: zswap_cpu_comp_prepare(). 0 or -ENOMEM. */
int compress_open(struct compress_context *context, const struct compressor *compressor, int level);

/* Give its memory back, by anybody; one that is all zero is left alone: zswap_cpu_comp_dead(). */
void compress_close(struct compress_context *context);

/* Compress one page, as struct compressor says: crypto_acomp_compress(). */
static inline int compress_page(struct compress_context *context, const void *src, void *dst,
				size_t size, size_t *len)
{
	arch_work(ARCH_WORK_COMPRESS, dst, COMPRESS_PAGE);
	if (fault_inject_fails(&fault_inject_compress, NULL))
		return -EIO;
	return context->compress(context->memory, src, dst, size, len);
}

/* Restore one page, as struct compressor says, by any context of the codec that made it:
 * crypto_acomp_decompress(). */
static inline int decompress_page(struct compress_context *context, const void *src, size_t len,
				  void *dst)
{
	arch_work(ARCH_WORK_DECOMPRESS, dst, COMPRESS_PAGE);
	if (fault_inject_fails(&fault_inject_decompress, NULL))
		return -EIO;
	return context->decompress(context->memory, src, len, dst);
}

#endif
