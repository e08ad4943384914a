/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content: what is in the pages of the swap workloads: 4 KiB pages that compress as wanted, or those
 * of a file, each of which says what it is and can be verified alone. A page begins with a struct
 * content_header; a page of a file has it over the first 24 bytes of what the file has there, so that
 * its verification is as complete as that of the others.
 *
 * The rest, the body, is that of one of a few templates, each word multiplied by an odd key made of
 * seed, page and version. That keeps what codecs look for, equal words equal and zeroes zero, and
 * makes every page and every version of it different all over; a page that is torn, stale or
 * another's does not go unseen. A file's bodies are kept as they are (key 1), but another one for
 * each version.
 *
 * The checksum is the sum of the body's words, each times an odd number that its place gives, so
 * changes within one word are always found, others but for one in 2^64; and one multiplication
 * makes it from the template's. Header fields are compared.
 */
#ifndef PFT_CONTENT_H
#define PFT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"

struct compress_context;

#define CONTENT_PAGE	  4096
#define CONTENT_RATIO_MAX 12

/* Of a file no more than this is used, from its start. */
#define CONTENT_FILE_MAX (256UL << 20)

struct content_header {
	uint64_t index; /* of the page, as its owner counts */
	uint64_t version; /* how often it was written, or what the owner likes */
	uint64_t checksum; /* of the body, index, version and seed */
};

#define CONTENT_WORDS	   (CONTENT_PAGE / sizeof(uint64_t))
#define CONTENT_BODY_FIRST (sizeof(struct content_header) / sizeof(uint64_t))

/* Constant after init; any number of workers, and processes forked, may use it at once. */
struct content {
	uint64_t seed;
	bool from_file;
	uint64_t nr; /* templates */
	uint64_t (*templates)[CONTENT_WORDS]; /* the words of the header are 0 */
	uint64_t *sums; /* of each template's body */
};

/*
 * Pages that the codecs compress to 1/@ratio, 1 to CONTENT_RATIO_MAX: the middle of what lzo and zstd
 * make of them, which are up to 7 % off on either side, lz4 between them, deflate with zstd. Random
 * words in runs of 1 to 4, and between them zeroes and repetitions. 128 KiB. Returns 0, or -EINVAL with
 * the reason in @why.
 */
int content_init(struct content *content, double ratio, uint64_t seed, struct why *why);

/* Pages of the file @path: its whole pages up to CONTENT_FILE_MAX, read into memory now. Returns 0, or
 * -errno with the reason in @why. */
int content_init_file(struct content *content, const char *path, uint64_t seed, struct why *why);

/* Free the templates. */
void content_release(struct content *content);

/* Write version @version of page @index to @page, in place and all of it. 0.2 to 0.3 us. */
void content_fill(const struct content *content, void *page, uint64_t index, uint64_t version);

/* Whether @page is exactly what content_fill() wrote. Reads all of it. 0.2 to 0.3 us. */
bool content_good(const struct content *content, const void *page, uint64_t index,
		  uint64_t version);

/* Why it is not, for a person: which page it is, or its first wrong byte. Returns -EIO. */
int content_explain(const struct content *content, const void *page, uint64_t index,
		    uint64_t version, struct why *why);

/* What @context makes of a sample of pages: bytes in over bytes out, in *@ratio. Returns 0 or -errno. */
int content_measure(const struct content *content, struct compress_context *context, double *ratio);

#endif
