/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_compress_pages: pages of every kind that a codec may meet, and memory that ends where it must. */
#ifndef TESTS_UNIT_PFT_COMPRESS_PAGES_H
#define TESTS_UNIT_PFT_COMPRESS_PAGES_H

#include <string.h>
#include <sys/mman.h>

#include "common/rng.h"
#include "pft/compress/compress.h"

#define PAGE COMPRESS_PAGE

enum page_kind {
	PAGE_ZERO,
	PAGE_ONE_WORD, /* one word that is repeated */
	PAGE_LAST_BYTE, /* zero but for the last byte */
	PAGE_RANDOM,
	PAGE_TEXT,
	PAGE_WORDS, /* numbers that have much in common, as pointers have */
	PAGE_MIXED, /* half random, half zero */
	PAGE_SHORT_RUNS, /* what LZ codecs expand or hardly gain on */
	NR_PAGE_KINDS
};

static void page_words(unsigned char *page, struct rng *rng)
{
	size_t i;

	for (i = 0; i < PAGE; i += 8) {
		uint64_t word = 0xffff888000000000 + rng_below(rng, 1 << 20) * 64;

		memcpy(page + i, &word, 8);
	}
}

static inline void page_make(unsigned char *page, enum page_kind kind, uint64_t seed)
{
	static const char text[] =
		"the quick brown fox jumps over the lazy dog while it rains in Spain, ";
	struct rng rng;
	size_t i;

	rng_init(&rng, seed);
	memset(page, kind == PAGE_ONE_WORD ? (int)(seed & 0xff) : 0, PAGE);
	switch (kind) {
	case PAGE_LAST_BYTE:
		page[PAGE - 1] = 1;
		break;
	case PAGE_RANDOM:
	case PAGE_MIXED:
		for (i = 0; i < (kind == PAGE_MIXED ? PAGE / 2 : PAGE); i++)
			page[i] = rng_next(&rng);
		break;
	case PAGE_TEXT:
		for (i = 0; i < PAGE; i++)
			page[i] = text[rng_below(&rng, 9) ? i % (sizeof(text) - 1)
							  : rng_below(&rng, sizeof(text) - 1)];
		break;
	case PAGE_WORDS:
		page_words(page, &rng);
		break;
	case PAGE_SHORT_RUNS:
		for (i = 0; i < PAGE; i++)
			page[i] = i % 8 < 4 ? i / 128 : rng_next(&rng);
		break;
	default:
		break;
	}
}

/* Some pages between two that cannot be touched: an access beyond either end is a SIGSEGV, also one of
 * a library that no sanitizer has seen. */
struct guarded {
	unsigned char *start, *end;
};

static inline struct guarded guarded_new(size_t pages)
{
	unsigned char *map =
		mmap(NULL, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mprotect(map + PAGE, pages * PAGE, PROT_READ | PROT_WRITE))
		BUG("no memory for guarded pages");
	return (struct guarded){map + PAGE, map + (pages + 1) * PAGE};
}

static inline void guarded_free(struct guarded *guarded)
{
	munmap(guarded->start - PAGE, guarded->end - guarded->start + 2 * PAGE);
}

#endif
