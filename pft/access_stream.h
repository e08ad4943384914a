/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * access_stream: which page a worker of a swap workload touches next: each equally likely (uniform), few of
 * them often (zipf), or one after the other (seq). A pattern is made once and shared; a stream is one
 * worker's, and is decided by pattern, seed and worker alone.
 *
 * zipf: rank k of n pages, counted from 1, comes with a probability in proportion to k^-theta. Ranks are
 * put into bins of neighbours of much the same weight. A bin is drawn by the alias method (Walker,
 * ACM TOMS 3, 1977; Vose, IEEE TSE 17, 1991) as if all its ranks had the weight of its first, a rank in
 * it evenly, and taken with its weight by the first one's (rejection; Devroye, Non-Uniform Random
 * Variate Generation, 1986, II.3): at once where even the bin's last rank would be, which spares
 * all but about 1 draw in 30 the pow(). That is exact but for the 2^-32 of the numbers drawn, and the
 * bins of a million ranks are 9 KiB, where a table of ranks would be as large as what it is to measure.
 * What is hot is strewn over the pages: rank k is page k * odd mod 2^i, times odd again until it is below
 * n, so that each rank is one page.
 */
#ifndef PFT_ACCESS_STREAM_H
#define PFT_ACCESS_STREAM_H

#include <stdint.h>

#include "common/rng.h"
#include "common/say.h"

enum access_kind { ACCESS_UNIFORM, ACCESS_ZIPF, ACCESS_SEQ, NR_ACCESS_KINDS };

#define ACCESS_THETA_DEFAULT 0.99 /* YCSB's */
#define ACCESS_THETA_MAX     4.0

/* What a person wrote: "uniform", "seq", "zipf" or "zipf:THETA", 0 < THETA <= 4. Returns 0 with *@kind and
 * *@theta set, or -EINVAL with the reason in @why. */
int access_parse(const char *text, enum access_kind *kind, double *theta, struct why *why);

/* A bin of neighbouring ranks, from 0. */
struct access_bin {
	uint32_t keep; /* of 2^32: how often it is this bin that was meant */
	uint32_t alias; /* and which otherwise */
	uint32_t first, width;
	double squeeze; /* the last rank's weight by the first one's */
};

/* Constant after access_pattern_init(). */
struct access_pattern {
	enum access_kind kind;
	double theta;
	uint64_t nr; /* pages */
	uint64_t mask, odd; /* zipf: the power of two from nr on, less 1; and what strews ranks */
	uint32_t nr_bins;
	struct access_bin *bins;
};

struct access_stream {
	const struct access_pattern *pattern;
	uint64_t first; /* number of the first page */
	uint64_t next; /* seq: the page that comes, less first */
	struct rng rng;
};

/* The pattern over @nr pages, 1 to 2^32-1. @theta is zipf's. Returns 0, or -EINVAL with the reason. */
int access_pattern_init(struct access_pattern *pattern, enum access_kind kind, uint64_t nr,
			double theta, struct why *why);
void access_pattern_release(struct access_pattern *pattern);

/*
 * The stream of worker @worker over pages @first..@first+nr-1. Workers that are to share no page get
 * ranges that share none, and a pattern of a range's size; else @first is 0 for all, and each has its own
 * order over the same pages, but with seq, where each begins at @first.
 */
void access_stream_init(struct access_stream *stream, const struct access_pattern *pattern,
			uint64_t first, uint64_t seed, unsigned worker);

/* The next rank of a zipf stream, 0 the most likely. */
uint64_t access_next_rank(struct access_stream *stream);

/* The page, 0..nr-1, of @rank. */
static inline uint64_t access_page_of(const struct access_pattern *pattern, uint64_t rank)
{
	do
		rank = rank * pattern->odd & pattern->mask;
	while (rank >= pattern->nr);
	return rank;
}

/* A number below @nr, without a division. Its bias is below nr / 2^64. */
static inline uint64_t access_scale(uint64_t random, uint64_t nr)
{
	return (unsigned __int128)random * nr >> 64;
}

/* The next page. uniform and seq 1 to 2 ns, zipf 10 to 15 ns (its mispredicted branches). */
static inline uint64_t access_next(struct access_stream *stream)
{
	const struct access_pattern *pattern = stream->pattern;
	uint64_t page;

	switch (pattern->kind) {
	case ACCESS_SEQ:
		page = stream->next++;
		if (stream->next == pattern->nr)
			stream->next = 0;
		break;
	case ACCESS_ZIPF:
		page = access_page_of(pattern, access_next_rank(stream));
		break;
	default:
		page = access_scale(rng_next(&stream->rng), pattern->nr);
	}
	return stream->first + page;
}

#endif
