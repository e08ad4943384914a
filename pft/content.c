/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/rng.h"
#include "common/xalloc.h"
#include "pft/compress/compress.h"

#define TEMPLATES 32
#define SAMPLE	  256 /* pages that content_measure() looks at */

_Static_assert(CONTENT_PAGE == COMPRESS_PAGE, "a page is what codecs take for one");

/*
 * How many words are repeated on average after a run of random ones, for the ratio that comes of it: as
 * measured with liblzo2 2.10 and libzstd 1.5.4, linear in between (tests/unit/pft_content holds it).
 */
static const struct {
	double ratio, words;
} repeats[] = {
	{1, 0},	    {1.06, 0.25}, {1.11, 0.5}, {1.246, 1},  {1.533, 2}, {1.822, 3},  {2.386, 5},
	{3.215, 8}, {4.286, 12},  {5.821, 18}, {7.764, 26}, {10.4, 38}, {14.17, 56},
};

static double repeats_for(double ratio)
{
	unsigned i = 1;
	double part;

	while (repeats[i].ratio < ratio)
		i++;
	part = (ratio - repeats[i - 1].ratio) / (repeats[i].ratio - repeats[i - 1].ratio);
	return repeats[i - 1].words + part * (repeats[i].words - repeats[i - 1].words);
}

/* The R2 sequence (Roberts, The unreasonable effectiveness of quasirandom sequences, 2018): points that
 * fill a square evenly. All seeds thus have the same mix of lengths, and the same ratio, in another order. */
struct lengths {
	uint64_t x, y;
};

static void lengths_next(struct lengths *lengths)
{
	lengths->x += 0xc13fa9a902a6328f;
	lengths->y += 0x91e10da5c79e7b1c;
}

/* Fill the body of @page: 1 to 4 random words, then 0 to 2 * @mean that are zero or repeat earlier ones,
 * and so on. The random words have bytes that no entropy coder shortens, so codecs differ little. */
static void make_template(uint64_t *page, double mean, struct lengths *lengths, struct rng *rng)
{
	uint64_t *word = page + CONTENT_BODY_FIRST, *end = page + CONTENT_WORDS, *from;
	uint64_t scale = (2 * mean + 1) * 65536, r, n;

	while (word < end) {
		lengths_next(lengths);
		for (n = 1 + (lengths->x >> 62); n && word < end; n--)
			*word++ = rng_next(rng);
		r = rng_next(rng);
		from = page + CONTENT_BODY_FIRST;
		from += ((r & 0xffff) * (word - from)) >> 16;
		for (n = (lengths->y >> 32) * scale >> 48; n && word < end; n--)
			*word++ = r >> 63 ? 0 : *from++;
	}
}

/* The weight of each word is odd, so a change of it alone changes the sum. */
static uint64_t body_sum(const uint64_t *page)
{
	uint64_t sum = 0;
	size_t i;

	for (i = CONTENT_BODY_FIRST; i < CONTENT_WORDS; i++)
		sum += page[i] * (2 * i + 1);
	return sum;
}

/* One number that seed, page and version decide, each bit of them each bit of it. */
static uint64_t identity(const struct content *content, uint64_t index, uint64_t version)
{
	struct rng rng;

	rng_init(&rng, content->seed ^ index);
	rng_init(&rng, rng_next(&rng) + version);
	return rng_next(&rng);
}

/* Which template a page has, by what it is multiplied, and which checksum that makes. */
struct recipe {
	const uint64_t *template;
	uint64_t key, checksum;
};

static struct recipe recipe_of(const struct content *content, uint64_t index, uint64_t version)
{
	uint64_t id = identity(content, index, version);
	uint64_t i = (content->from_file ? index + version : id >> 32) % content->nr;
	uint64_t key = content->from_file ? 1 : id | 1;

	return (struct recipe){
		.template = content->templates[i],
		.key = key,
		.checksum = content->sums[i] * key + id,
	};
}

static void content_alloc(struct content *content, uint64_t nr, uint64_t seed)
{
	*content = (struct content){.seed = seed, .nr = nr};
	content->templates = xcalloc(nr, sizeof(*content->templates));
	content->sums = xcalloc(nr, sizeof(*content->sums));
}

static void sum_up(struct content *content)
{
	uint64_t i;

	for (i = 0; i < content->nr; i++) {
		memset(content->templates[i], 0, sizeof(struct content_header));
		content->sums[i] = body_sum(content->templates[i]);
	}
}

int content_init(struct content *content, double ratio, uint64_t seed, struct why *why)
{
	struct lengths lengths;
	struct rng rng;
	unsigned i;

	if (!(ratio >= 1 && ratio <= CONTENT_RATIO_MAX))
		return why_not(why, EINVAL, "pages cannot be made to compress by '%g'; use 1 to %d",
			       ratio, CONTENT_RATIO_MAX);
	content_alloc(content, TEMPLATES, seed);
	rng_init(&rng, seed);
	lengths.x = rng_next(&rng);
	lengths.y = rng_next(&rng);
	for (i = 0; i < TEMPLATES; i++)
		make_template(content->templates[i], repeats_for(ratio), &lengths, &rng);
	sum_up(content);
	return 0;
}

/* Read @nr pages; a file that shrinks meanwhile is an error. */
static int read_pages(int fd, struct content *content)
{
	size_t done = 0, size = content->nr * CONTENT_PAGE;
	ssize_t n;

	while (done < size) {
		n = read(fd, (char *)content->templates + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		done += n;
	}
	return 0;
}

int content_init_file(struct content *content, const char *path, uint64_t seed, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0)
		return why_not(why, errno, "cannot open '%s': %s", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < CONTENT_PAGE) {
		close(fd);
		return why_not(why, EINVAL,
			       "no page of contents in '%s'; name a file of %d bytes at least",
			       path, CONTENT_PAGE);
	}
	if ((uint64_t)st.st_size > CONTENT_FILE_MAX)
		st.st_size = CONTENT_FILE_MAX;
	content_alloc(content, st.st_size / CONTENT_PAGE, seed);
	content->from_file = true;
	rc = read_pages(fd, content);
	close(fd);
	if (rc) {
		content_release(content);
		return why_not(why, -rc, "cannot read '%s': %s", path, strerror(-rc));
	}
	sum_up(content);
	return 0;
}

void content_release(struct content *content)
{
	free(content->templates);
	free(content->sums);
	*content = (struct content){0};
}

void content_fill(const struct content *content, void *page, uint64_t index, uint64_t version)
{
	struct recipe recipe = recipe_of(content, index, version);
	struct content_header *header = page;
	uint64_t *word = page;
	size_t i;

	*header = (struct content_header){index, version, recipe.checksum};
	for (i = CONTENT_BODY_FIRST; i < CONTENT_WORDS; i++)
		word[i] = recipe.template[i] * recipe.key;
}

bool content_good(const struct content *content, const void *page, uint64_t index, uint64_t version)
{
	const struct content_header *header = page;

	return header->index == index && header->version == version &&
	       header->checksum == body_sum(page) + identity(content, index, version);
}

/* Whether @page is whole, whatever page of this content it is. */
static bool is_some_page(const struct content *content, const void *page)
{
	const struct content_header *header = page;

	return content_good(content, page, header->index, header->version);
}

int content_explain(const struct content *content, const void *page, uint64_t index,
		    uint64_t version, struct why *why)
{
	const struct content_header *header = page;
	const unsigned char *found = page;
	unsigned char wanted[CONTENT_PAGE] __attribute__((aligned(sizeof(uint64_t))));
	size_t i = 0;

	if (is_some_page(content, page) && (header->index != index || header->version != version))
		return why_not(why, EIO, "page %llu, version %llu, holds page %llu, version %llu",
			       (unsigned long long)index, (unsigned long long)version,
			       (unsigned long long)header->index,
			       (unsigned long long)header->version);
	content_fill(content, wanted, index, version);
	while (i < CONTENT_PAGE && found[i] == wanted[i])
		i++;
	if (i == CONTENT_PAGE)
		return why_not(why, EIO, "page %llu, version %llu, was wrong and is right now",
			       (unsigned long long)index, (unsigned long long)version);
	return why_not(why, EIO, "page %llu, version %llu: byte %zu is 0x%02x instead of 0x%02x",
		       (unsigned long long)index, (unsigned long long)version, i, found[i],
		       wanted[i]);
}

int content_measure(const struct content *content, struct compress_context *context, double *ratio)
{
	uint64_t page[CONTENT_WORDS], nr = content->nr > SAMPLE ? content->nr : SAMPLE, i;
	unsigned char out[COMPRESS_BOUND];
	size_t len, total = 0;
	int rc;

	for (i = 0; i < SAMPLE; i++) {
		content_fill(content, page, i * nr / SAMPLE, 0);
		rc = compress_page(context, page, out, sizeof(out), &len);
		if (rc)
			return rc;
		total += len;
	}
	*ratio = (double)SAMPLE * CONTENT_PAGE / total;
	return 0;
}
