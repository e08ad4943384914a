/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times every codec on the same pages, and what makes and verifies these: interleaved, medians of repeats. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/say.h"
#include "pft/access_stream.h"
#include "pft/compress/compress.h"
#include "pft/content.h"

#define REPEATS 21
#define PAGES	64 /* more than a branch predictor learns, and with what they become in the L2 */
#define DRAWS	20000
#define SPAN	196608 /* pages that an order of access is over: 768 MiB */

static const char *const codecs[] = {"null", "lz4",	  "lzo",    "zstd:1",
				     "zstd", "deflate:1", "deflate"};
#define NR_CODECS (sizeof(codecs) / sizeof(*codecs))

static const double wanted[] = {1, 1.5, 3, 6};
#define NR_WANTED (sizeof(wanted) / sizeof(*wanted))

static uint64_t pages[PAGES][CONTENT_WORDS];
static unsigned char packed[PAGES][COMPRESS_BOUND];
static size_t lengths[PAGES];

/* The compiler must not drop what was computed. */
#define keep(v) __asm__ __volatile__("" : : "r"(v) : "memory")

/* CPU time of this thread: a page takes no longer because another program has its turn. */
static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *samples)
{
	qsort(samples, REPEATS, sizeof(*samples), by_value);
	return samples[REPEATS / 2];
}

static double time_compress(struct compress_context *context)
{
	uint64_t start = cpu_ns();

	for (unsigned i = 0; i < PAGES; i++)
		if (compress_page(context, pages[i], packed[i], COMPRESS_BOUND, &lengths[i]))
			die(EXIT_FAILED, "codec '%s' fails", context->compressor->name);
	return (double)(cpu_ns() - start) / PAGES;
}

static double time_decompress(struct compress_context *context)
{
	static unsigned char out[COMPRESS_PAGE];
	uint64_t start = cpu_ns();

	for (unsigned i = 0; i < PAGES; i++)
		if (decompress_page(context, packed[i], lengths[i], out))
			die(EXIT_FAILED, "codec '%s' fails", context->compressor->name);
	return (double)(cpu_ns() - start) / PAGES;
}

static double ratio_of(void)
{
	size_t total = 0;

	for (unsigned i = 0; i < PAGES; i++)
		total += lengths[i];
	return (double)PAGES * COMPRESS_PAGE / total;
}

static void open_all(struct compress_context *contexts)
{
	struct why why = WHY_INIT;

	for (unsigned i = 0; i < NR_CODECS; i++) {
		const struct compressor *c;
		int level;

		if (compressor_parse(codecs[i], &c, &level, &why))
			die(EXIT_FAILED, "%s", why.text);
		if (compress_open(&contexts[i], c, level))
			die(EXIT_FAILED, "no memory for codec '%s'", codecs[i]);
	}
}

static void bench_codecs(struct compress_context *contexts, const char *what)
{
	static double in[NR_CODECS][REPEATS], out[NR_CODECS][REPEATS];
	double ratio[NR_CODECS];

	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		for (unsigned i = 0; i < NR_CODECS; i++) {
			in[i][repeat] = time_compress(&contexts[i]);
			out[i][repeat] = time_decompress(&contexts[i]);
			ratio[i] = ratio_of();
		}
	}
	for (unsigned i = 0; i < NR_CODECS; i++)
		printf("%-12s %-10s %10.0f %12.0f %8.2f\n", what, codecs[i], median(in[i]),
		       median(out[i]), ratio[i]);
}

static double time_fill(const struct content *content, uint64_t version)
{
	uint64_t start = cpu_ns();

	for (unsigned i = 0; i < PAGES; i++)
		content_fill(content, pages[i], i, version);
	return (double)(cpu_ns() - start) / PAGES;
}

static double time_good(const struct content *content, uint64_t version)
{
	uint64_t start = cpu_ns();

	for (unsigned i = 0; i < PAGES; i++)
		if (!content_good(content, pages[i], i, version))
			die(EXIT_FAILED, "page %u is wrong", i);
	return (double)(cpu_ns() - start) / PAGES;
}

static void bench_content(const struct content *content)
{
	double fill[REPEATS], good[REPEATS];

	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		fill[repeat] = time_fill(content, repeat);
		good[repeat] = time_good(content, repeat);
	}
	printf("fill a page %.0f ns, verify it %.0f ns\n", median(fill), median(good));
}

static double time_access(struct access_stream *stream)
{
	uint64_t start = cpu_ns(), sum = 0;

	for (unsigned i = 0; i < DRAWS; i++)
		sum += access_next(stream);
	keep(sum);
	return (double)(cpu_ns() - start) / DRAWS;
}

static void bench_access(void)
{
	static const char *const names[] = {"uniform", "zipf", "seq"};
	double ns[3][REPEATS];
	struct access_pattern patterns[3];
	struct access_stream streams[3];

	for (unsigned i = 0; i < 3; i++) {
		enum access_kind kind;
		double theta;

		if (access_parse(names[i], &kind, &theta, NULL) ||
		    access_pattern_init(&patterns[i], kind, SPAN, theta, NULL))
			die(EXIT_FAILED, "no order of access '%s'", names[i]);
		access_stream_init(&streams[i], &patterns[i], 0, 1, 0);
	}
	for (unsigned repeat = 0; repeat < REPEATS; repeat++)
		for (unsigned i = 0; i < 3; i++)
			ns[i][repeat] = time_access(&streams[i]);
	for (unsigned i = 0; i < 3; i++) {
		printf("%snext page, %s %.1f ns", i ? ", " : "", names[i], median(ns[i]));
		access_pattern_release(&patterns[i]);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	struct compress_context contexts[NR_CODECS];
	struct why why = WHY_INIT;
	struct content content;
	char what[32];

	open_all(contexts);
	printf("%-12s %-10s %10s %12s %8s\n", "contents", "codec", "ns/page in", "ns/page out",
	       "ratio");
	for (unsigned i = 0; i < NR_WANTED; i++) {
		if (content_init(&content, wanted[i], 1, &why))
			die(EXIT_FAILED, "%s", why.text);
		time_fill(&content, 1);
		snprintf(what, sizeof(what), "made, %g", wanted[i]);
		bench_codecs(contexts, what);
		content_release(&content);
	}
	if (content_init_file(&content, argc > 1 ? argv[1] : argv[0], 1, &why))
		die(EXIT_USAGE, "%s", why.text);
	time_fill(&content, 1);
	bench_codecs(contexts, argc > 1 ? "file" : "a program");
	content_release(&content);
	if (content_init(&content, 3, 1, &why))
		die(EXIT_FAILED, "%s", why.text);
	bench_content(&content);
	bench_access();
	content_release(&content);
	for (unsigned i = 0; i < NR_CODECS; i++)
		compress_close(&contexts[i]);
	check_stdout();
	return 0;
}
