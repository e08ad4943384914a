/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/compress/compress.h"

#include <stdlib.h>

#include "common/say.h"
#include "pft/base/compiler.h"

struct fault_inject fault_inject_compress_open, fault_inject_compress, fault_inject_decompress;

int compress_open(struct compress_context *context, const struct compressor *compressor, int level)
{
	size_t size;
	void *memory;
	int rc;

	if (compressor->unavailable || level < compressor->level_min ||
	    level > compressor->level_max)
		BUG("codec '%s' cannot be opened at level %d", compressor->name, level);
	if (fault_inject_fails(&fault_inject_compress_open, NULL))
		return -ENOMEM;
	size = compressor->context_size(level);
	memory = aligned_alloc(ARCH_PAIR, round_up_to(size, (size_t)ARCH_PAIR));
	if (!memory)
		return -ENOMEM;
	rc = compressor->init(memory, level);
	if (rc) {
		free(memory);
		return rc;
	}
	*context = (struct compress_context){
		.compressor = compressor,
		.level = level,
		.memory = memory,
		.compress = compressor->compress,
		.decompress = compressor->decompress,
	};
	return 0;
}

void compress_close(struct compress_context *context)
{
	free(context->memory);
	*context = (struct compress_context){0};
}
