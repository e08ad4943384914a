/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a compressed page: the first byte says of which codec. Writing or reading beyond the page
 * or the input is a SIGSEGV; and what a codec accepts, it can compress and restore. */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "common/say.h"
#include "pft/compress/compress.h"

#define PAGE   COMPRESS_PAGE
#define MOST   4 /* pages of input that are looked at */
#define CODECS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* @pages pages between two that cannot be touched. */
static unsigned char *guarded(size_t pages)
{
	unsigned char *map =
		mmap(NULL, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mprotect(map + PAGE, pages * PAGE, PROT_READ | PROT_WRITE))
		BUG("cannot map %zu pages", pages);
	return map + PAGE;
}

/* The context of codec @i of those that there are, made once. */
static struct compress_context *context_of(unsigned i)
{
	static struct compress_context contexts[CODECS];
	unsigned nr = 0, k;

	for (k = 0; k < nr_compressors && k < CODECS; k++) {
		const struct compressor *c = compressors[k];

		if (c->unavailable)
			continue;
		if (!contexts[nr].memory && compress_open(&contexts[nr], c, c->level_default))
			BUG("cannot open '%s'", c->name);
		nr++;
	}
	return &contexts[i % nr];
}

static void come_back(struct compress_context *context, const unsigned char *page)
{
	unsigned char packed[COMPRESS_BOUND], back[PAGE];
	size_t len = 0;

	if (compress_page(context, page, packed, sizeof(packed), &len) ||
	    decompress_page(context, packed, len, back) || memcmp(page, back, PAGE))
		BUG("a page does not come back from %zu bytes", len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char *in, *page;
	struct compress_context *context;
	int rc;

	if (!in) {
		in = guarded(MOST);
		page = guarded(1);
	}
	if (!size || size > MOST * PAGE)
		return 0;
	context = context_of(data[0]);
	size--;
	memcpy(in + MOST * PAGE - size, data + 1, size);
	rc = decompress_page(context, in + MOST * PAGE - size, size, page);
	if (rc && rc != -EIO)
		BUG("decompression returns %d", rc);
	if (!rc)
		come_back(context, page);
	return 0;
}
